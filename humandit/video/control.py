"""The latent that some models take beside the noisy one: a picture's (I2V), or a drawn film's (Fun)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from ..errors import InvalidShape
from .config import DiTConfig

NO_PICTURE = (
    "These weights (CogVideoX-Fun Pose or Control) take a drawn film beside the noise, and no reference picture: who "
    "is in the film comes from the prompt alone. For a picture use HumanDiT weights, or CogVideoX-5b-I2V, which "
    "PP-VCtrl makes follow poses; for a film by prompt alone HumanDiT Fun Pose."
)
"""What whoever gives Fun weights a picture is told."""


def picture_control(config: DiTConfig, picture: Tensor, scale: float) -> Tensor | None:
    """What an I2V model is told of its picture; None for models that take no second latent.

    CogVideoX 1.5 I2V was trained on latents divided by the scale instead of multiplied (diffusers'
    ``invert_scale_latents``).

    Args:
        config: the model's.
        picture: latent of the picture, unscaled, any layout.
        scale: the autoencoder's scaling factor.

    Raises:
        InvalidShape: the model takes a drawn film there, as CogVideoX-Fun does.
    """
    if config.control_channels == 0:
        return None
    refuse_picture(config)
    return picture / scale if config.ofs_dim is not None else picture * scale


def refuse_picture(config: DiTConfig) -> None:
    """For whoever holds a reference picture.

    Raises:
        InvalidShape: the model takes a drawn film in its place, as CogVideoX-Fun does.
    """
    if config.takes_film:
        raise InvalidShape(NO_PICTURE)


def over_frames(control: Tensor, frames: int) -> Tensor:
    """[B, n, C, h, w] of the frames given -> [B, frames, C, h, w], zeros for those to come."""
    return F.pad(control, (0, 0, 0, 0, 0, 0, 0, frames - control.shape[1]))

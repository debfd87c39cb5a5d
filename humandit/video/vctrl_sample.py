"""Sampling with PP-VCtrl beside CogVideoX-5b-I2V: a picture's person follows a drawn film and a prompt."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..diffusion.runs import RunBlocks
from ..diffusion.samplers import OnStep
from ..diffusion.sampling import Sampling
from ..errors import InvalidShape
from ..types import SPACE_SCALE, Canvas
from .config import DiTConfig
from .control import over_frames, picture_control, refuse_picture
from .model import HumanDiT
from .prompted import sample_prompted
from .vae import Autoencoder
from .vctrl import VCtrl, VCtrlConfig, helped

VCTRL_SAMPLING = Sampling(steps=25, guidance=3.5, sampler="ddim")
"""The authors' own settings; the guidance is on the prompt."""


@dataclass(frozen=True)
class Guide:
    """A side network and what it is shown.

    Attributes:
        network: of PP-VCtrl's weights.
        shown: [B or 1, F, cond_channels, h, w], as :func:`shown_film` makes it.
        strength: of what it adds; 1 as it was trained, 0 for nothing.
        layout: one of :data:`~.vctrl.LAYOUTS`.
    """

    network: VCtrl
    shown: Tensor
    strength: float = 1.0
    layout: str = "spacing"

    def beside(self, latents: Tensor, timestep: Tensor, run: RunBlocks) -> RunBlocks:
        """``run`` with the network's help; ``latents`` are those of the large model, its control behind them."""
        if self.strength == 0:
            return run
        return helped(run, self.network(latents, timestep, self.shown), self.layout, self.strength)


def shown_film(vae: Autoencoder, drawn: Tensor) -> Tensor:
    """Frames of a drawn film [T, H, W, 3] in 0..1, T = 1 or 8k+1 -> [1, F, C + 1, h, w]."""
    return shown_latents(vae.encode(drawn)[None])


def shown_latents(drawn: Tensor) -> Tensor:
    """Raw latents of a drawn film [1, F, C, h, w] -> [1, F, C + 1, h, w].

    Unlike everything else that a DiT is given, they are not scaled (the authors do not); the last channel is 1 where a
    frame is drawn, and all are.
    """
    return F.pad(drawn, (0, 0, 0, 0, 0, 1), value=1.0)


def check_pair(config: DiTConfig, side: VCtrlConfig, canvas: Canvas) -> None:
    """Whether a large model and a side network go together, and know that size.

    Raises:
        InvalidShape: other weights than CogVideoX-5b-I2V, another network's, or another size than the one that the
            large model has learned, lying or standing.
    """
    refuse_picture(config)
    if config.learned_positions is None or (config.in_channels, config.dim) != (side.in_channels, side.dim):
        raise InvalidShape(
            f"PP-VCtrl's network for {side.in_channels} channels and a width of {side.dim} goes beside "
            f"CogVideoX-5b-I2V; these weights take {config.in_channels} channels, have a width of {config.dim}, and "
            f"{'no' if config.learned_positions is None else 'the'} learned positions. Load CogVideoX-5b-I2V."
        )
    height, width = (side * config.patch * SPACE_SCALE for side in config.rope_base or (0, 0))
    if (canvas.width, canvas.height) not in ((width, height), (height, width)):
        raise InvalidShape(
            f"CogVideoX-5b-I2V and PP-VCtrl know {width}x{height} and {height}x{width} only, got {canvas}. "
            "Choose one of the two; the weights come in a horizontal and a vertical version."
        )


def picture_beside(model: HumanDiT, picture: Tensor, frames: int, scale: float) -> Tensor:
    """What an I2V model is told of its picture: raw latent [1, C, h, w] -> control [1, frames, C, h, w].

    Raises:
        InvalidShape: a model that takes no picture beside the noise.
    """
    told = picture_control(model.config, picture, scale)
    if told is None:
        raise InvalidShape(
            "PP-VCtrl goes beside a model that takes a picture's latent, and this one takes none. "
            "Load CogVideoX-5b-I2V."
        )
    return over_frames(told[None], frames)


def sample_vctrl(
    model: HumanDiT,
    control: Tensor,
    guide: Guide,
    noise: Tensor,
    text: Tensor | None,
    negative_text: Tensor | None,
    sampling: Sampling = VCTRL_SAMPLING,
    on_step: OnStep = lambda done, total, clean: None,
) -> Tensor:
    """Denoise films of a picture that follow a drawn film; as :func:`~.prompted.sample_prompted`.

    Args:
        model: CogVideoX-5b-I2V.
        control: the picture's [B, F, C, h, w], from :func:`picture_beside`.
        guide: the side network, what it is shown, and how much it may add.
        noise: [B, F, C, h, w], standard normal; the picture's own frame is noise too.

    Returns:
        [B, F, C, h, w] in model space.
    """

    def beside(latents: Tensor, timestep: Tensor, run: RunBlocks) -> RunBlocks:
        return guide.beside(torch.cat([latents, control.to(latents)], dim=2), timestep, run)

    return sample_prompted(model, control, noise, text, negative_text, sampling, on_step, beside, any_size=True)

"""What a video autoencoder must offer, whatever is inside: the bundled light one or CogVideoX's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import torch

from ..errors import InvalidShape
from ..types import TIME_SCALE, LatentShape, VideoShape


@runtime_checkable
class Autoencoder(Protocol):
    """Frames <-> raw latents, causal in time, 4x in time and 8x in space (paper §3.3).

    Attributes:
        scaling_factor: the transformer sees ``raw * scaling_factor``; whoever samples does both conversions.
        latent_channels: channels of a latent, 16 in every model we know.
    """

    scaling_factor: float
    latent_channels: int

    def encode(self, frames: torch.Tensor) -> torch.Tensor:
        """[T, H, W, 3] floats in 0..1 -> raw latents [F, C, h, w], F = (T-1)/4 + 1, the posterior's mode.

        T is 1 or 8k+1. A prefix frame must be encoded ALONE, in training too: inside a longer chunk its latent
        would take statistics from the frames after it.
        """
        ...

    def decode(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        """Raw latents [F, C, h, w], F odd -> chunks [t, H, W, 3] in 0..1, first to last; together 4(F-1)+1 frames."""
        ...


def check_frames(frames: torch.Tensor) -> VideoShape:
    """The shape of frames that an autoencoder can take.

    Raises:
        InvalidShape: not [T, H, W, 3], T not 1 or 8k+1, or sides that are no multiples of 16.
    """
    if frames.ndim != 4 or frames.shape[-1] != 3:
        raise InvalidShape(f"Frames must be [T, H, W, 3] RGB, got {list(frames.shape)}. Drop alpha and batch axes.")
    if not frames.is_floating_point():
        raise InvalidShape(f"Frames must be floats in 0..1, got {frames.dtype}. Divide 8-bit frames by 255.")
    return VideoShape(*frames.shape[:3])


def check_latents(latents: torch.Tensor, channels: int) -> VideoShape:
    """The shape of the video that raw latents decode to.

    Raises:
        InvalidShape: not [F, channels, h, w], or F even, which would decode to a wrong number of frames.
    """
    if latents.ndim != 4 or latents.shape[1] != channels:
        raise InvalidShape(f"Latents must be [F, {channels}, h, w], got {list(latents.shape)}.")
    count = latents.shape[0]
    if count % 2 == 0:
        raise InvalidShape(
            f"A latent video has an odd number of frames (1, 3, 5, …), got {count}: an even one decodes to a wrong "
            f"frame count. Encode {TIME_SCALE * count + 1} frames instead."
        )
    return LatentShape(count, latents.shape[2], latents.shape[3], channels).video

"""The pose guider: pose pixels to transformer tokens by patches and one linear layer (paper §3.3)."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from ..errors import InvalidShape
from ..types import MOVED_CHANNELS, POSE_CHANNELS, POSE_PATCH, TIME_SCALE
from .patch import Patching

PIXELS = POSE_PATCH * POSE_PATCH * TIME_SCALE
"""Pose-image pixels per latent position."""
POSE_FEATURES = PIXELS * POSE_CHANNELS
"""64 d = 512 numbers per latent position (paper §3.3)."""
ALL_CHANNELS = POSE_CHANNELS + MOVED_CHANNELS
BOTH = POSE_CHANNELS, ALL_CHANNELS
"""Channels of a pose image without the moved picture and with it."""


def patchify_pose(images: Tensor) -> Tensor:
    """Pose images P [..., T, 4h, 4w, 8] to pose tokens P' [..., f+1, h, w, 512], T = 4f+1 (paper §3.3). With the moved
    picture there are 22 channels, and 1408 numbers.

    Three empty frames are padded in front, so that the reference's pose fills the last slot of the first patch
    and no token sees a later frame than the latent it stands beside.
    """
    frames, height, width, channels = images.shape[-4:]
    if (frames - 1) % TIME_SCALE or height % POSE_PATCH or width % POSE_PATCH or channels not in BOTH:
        raise InvalidShape(
            f"Pose images are [4f+1, 4h, 4w, {POSE_CHANNELS}], or {ALL_CHANNELS} with the moved picture, got "
            f"{list(images.shape)}. "
            "Rasterise at half the frame size."
        )
    padded = F.pad(images, (0, 0, 0, 0, 0, 0, TIME_SCALE - 1, 0))
    return rearrange(padded, "... (f a) (h b) (w c) d -> ... f h w (a b c d)", a=TIME_SCALE, b=POSE_PATCH, c=POSE_PATCH)


class PoseGuider(nn.Module):
    """One linear layer from the pose tokens under a transformer patch to that patch's token.

    It has no bias: an empty pose adds exactly nothing, so "no pose" (for guidance) and zeros are the same. Its
    weight starts at zero (through the state dict; see :func:`zero_start`), so a freshly extended CogVideoX is
    unchanged.
    """

    def __init__(
        self, patching: Patching, channels: int, dim: int, operations: Any, overlaid: bool = False, **where: object
    ) -> None:
        super().__init__()
        self.patching, self.channels, self.overlaid = patching, channels, overlaid
        self.proj = operations.Linear(PIXELS * channels * patching.positions, dim, bias=False, **where)

    def forward(self, pose: Tensor) -> Tensor:
        """[B, F, h, w, 64 * channels] -> [B, N, dim]; what there is of further channels is left out. In an ``overlaid``
        model the moved picture's own channels stand behind, [B, N, dim + positions * 64 * 14]."""
        t, p = self.patching.frames, self.patching.size
        pose = self.patching.fill(self._own(pose))
        tokens = self.proj(rearrange(pose, "b (f t) (h p) (w q) d -> b (f h w) (t p q d)", t=t, p=p, q=p))
        if not self.overlaid:
            return tokens
        moved = pose.unflatten(-1, (PIXELS, -1))[..., POSE_CHANNELS:]
        moved = rearrange(moved, "b (f t) (h p) (w q) k d -> b (f h w) (t p q k d)", t=t, p=p, q=p)
        return torch.cat([tokens, moved.to(tokens)], -1)

    def _own(self, pose: Tensor) -> Tensor:
        """The channels that this guider reads."""
        shown = pose.shape[-1] // PIXELS
        if shown < self.channels or pose.shape[-1] % PIXELS:
            raise InvalidShape(
                f"This model's pose tokens have {PIXELS * self.channels} numbers, got {pose.shape[-1]}. "
                + ("It is shown the picture moved along its bones, too: draw the poses with the picture."
                   if self.channels > POSE_CHANNELS else "")
            )  # fmt: skip
        return pose if shown == self.channels else pose.unflatten(-1, (PIXELS, shown))[..., : self.channels].flatten(-2)

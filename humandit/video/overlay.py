"""What goes around the blocks of a small model: the moved picture laid over the prefix, in the latents' own code.

A token has as many numbers as the latents of its patch, so a narrow transformer cannot carry a face through its blocks
beside everything else. Here it only says what to take: where the moved picture covers the prefix (``matte``), and for
every latent channel how much of that picture and of the noisy latent goes into the answer (``gates``); what the blocks
say themselves is added. No part of the paper; 5B models are without.

Shapes: B batch, F latent frames, N tokens of F frames, P latent positions per token, C channels, D width.
"""

from __future__ import annotations

from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn

from ..types import MOVED_CHANNELS, POSE_PATCH, POSE_SCALE, SPACE_SCALE, TIME_SCALE
from .light_vae import LightVAE
from .patch import Patching
from .pose_guider import PIXELS
from .vae import Autoencoder

COLOURS = MOVED_CHANNELS - 2
"""Channels of the moved picture that are colours; its share of the body comes behind them."""
FRAME = SPACE_SCALE * SPACE_SCALE * 3
"""Numbers of one frame under a latent position."""
SOURCES = 2
"""What the gates let through: the picture that is laid together, and the noisy latent."""
COVERS = 2.0
"""Before training the moved picture covers by this logit, 0.88, wherever it is."""


class Overlay(nn.Module):
    """See the module's text. Its gates start at zero: a model that it is added to does what it did."""

    def __init__(self, patching: Patching, channels: int, dim: int, operations: Any, **where: object) -> None:
        super().__init__()
        self.patching, self.channels = patching, channels
        self.matte = operations.Linear(dim, patching.positions * PIXELS, **where)
        self.gates = operations.Linear(dim, SOURCES * patching.positions * channels, **where)
        self.pixels = operations.Linear(channels, FRAME, **where)
        self.code = operations.Linear(TIME_SCALE * FRAME, channels, **where)

    def forward(self, x: Tensor, latents: Tensor, moved: Tensor | None) -> Tensor:
        """What to add to the blocks' answer.

        Args:
            x: [B, N, D], the blocks' last tokens, normed.
            latents: [B, F, C, h, w] as they went in, a clean frame first.
            moved: [B, N, P * 64 * 14], the moved picture's channels of the pose tokens; None for no pose.

        Returns:
            [B, N, C * P], tokens as the last projection makes them.
        """
        positions, frames = (self.channels, self.patching.positions), latents.shape[1]
        tokens = self.patching.cut(latents).unflatten(2, positions).transpose(2, 3)
        behind = self.pixels(tokens[:, : tokens.shape[1] // frames])
        code = self.code(self.laid_together(x, behind, moved, frames)).expand(-1, frames, -1, -1, -1).flatten(1, 2)
        gates = self.gates(x).unflatten(2, (SOURCES, *positions[::-1]))
        taken = gates[:, :, 0] * code + gates[:, :, 1] * tokens
        return taken.transpose(2, 3).flatten(2)

    def laid_together(self, x: Tensor, behind: Tensor, moved: Tensor | None, frames: int) -> Tensor:
        """Pixels, 0..1 or a little beyond, of the moved picture over ``behind``, those of one frame [B, N/F, P, 192].

        Pixels lie as pose images have them: under every pose pixel its 2 x 2 x 3 numbers, so that one number of the
        matte meets twelve in a row.

        Returns:
            [B, F, N/F, P, 768]; without a moved picture all frames are one, [B, 1, N/F, P, 768].
        """
        behind = behind.unflatten(3, (POSE_PATCH**2, COLOURS))[:, None, :, :, None]
        if moved is None:
            return behind.expand(-1, -1, -1, -1, TIME_SCALE, -1, -1).flatten(4)
        grid = {"f": frames, "p": behind.shape[3], "t": TIME_SCALE}
        moved = rearrange(moved, "b (f n) (p t k d) -> b f n p t k d", k=POSE_PATCH**2, **grid)
        covers = rearrange(torch.sigmoid(self.matte(x)), "b (f n) (p t k) -> b f n p t k 1", **grid)
        shown, share, _ = moved.split([COLOURS, 1, MOVED_CHANNELS - COLOURS - 1], -1)
        laid = (1 - covers * share) * behind  # in place from here: pixels are many
        return laid.addcmul_(covers / 2, shown).addcmul_(covers / 2, share).flatten(4)


def as_pose_pixels(blocks: Tensor) -> Tensor:
    """Numbers [..., t * 8 * 8 * 3] of the autoencoder's blocks, row by row, in the order in which they lie here."""
    return rearrange(
        blocks, "... (t y i x j c) -> ... (t y x i j c)", y=POSE_PATCH, i=POSE_SCALE, x=POSE_PATCH, j=POSE_SCALE, c=3
    )


@torch.no_grad()
def begin(overlay: Overlay, vae: Autoencoder | None) -> None:
    """Gates shut, the moved picture in front, and pixels as a light ``vae`` codes them; others' code must be learnt."""
    for layer in (overlay.gates, overlay.matte):
        for parameter in layer.parameters():
            parameter.zero_()
    overlay.matte.bias.fill_(COVERS)
    if not isinstance(vae, LightVAE):
        overlay.pixels.reset_parameters()
        overlay.code.reset_parameters()
        return
    single, quad = vae.single, vae.quad
    overlay.pixels.weight.copy_(as_pose_pixels(single.basis * single.spread[:, None]).T)
    overlay.pixels.bias.copy_(as_pose_pixels(single.mean))
    overlay.code.weight.copy_(as_pose_pixels(quad.basis / quad.spread[:, None]))
    overlay.code.bias.copy_(-(quad.basis @ quad.mean) / quad.spread)

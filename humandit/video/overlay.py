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
        positions = (self.channels, self.patching.positions)
        tokens = self.patching.cut(latents).unflatten(2, positions).transpose(2, 3)
        behind = self.pixels(tokens[:, : tokens.shape[1] // latents.shape[1]])
        laid = self.laid_together(x, behind, moved, latents.shape[1])
        gates = self.gates(x).unflatten(2, (SOURCES, *positions[::-1]))
        taken = gates[:, :, 0] * self.code(laid) + gates[:, :, 1] * tokens
        return taken.transpose(2, 3).flatten(2)

    def laid_together(self, x: Tensor, behind: Tensor, moved: Tensor | None, frames: int) -> Tensor:
        """Pixels [B, N, P, 4 * 8 * 8 * 3], 0..1 or a little beyond: the moved picture over ``behind``, pixels of one
        frame [B, N/F, P, 8 * 8 * 3]."""
        behind = rearrange(
            behind, "b n p (y i x j c) -> b 1 n p 1 y i x j c", i=POSE_SCALE, j=POSE_SCALE, x=POSE_PATCH, c=3
        )
        if moved is None:
            laid = behind.expand(-1, frames, -1, -1, TIME_SCALE, -1, -1, -1, -1, -1)
            return laid.flatten(1, 2).flatten(3)
        grid = {"f": frames, "t": TIME_SCALE, "y": POSE_PATCH, "x": POSE_PATCH}
        moved = moved.unflatten(2, (-1, PIXELS, MOVED_CHANNELS))
        shown = rearrange(
            moved[..., :COLOURS], "b (f n) p (t y x) (i j c) -> b f n p t y i x j c", i=POSE_SCALE, j=POSE_SCALE, **grid
        )
        share = rearrange(moved[..., COLOURS], "b (f n) p (t y x) -> b f n p t y 1 x 1 1", **grid)
        covers = rearrange(
            torch.sigmoid(self.matte(x)), "b (f n) (p t y x) -> b f n p t y 1 x 1 1", p=moved.shape[2], **grid
        )
        laid = (1 - covers * share) * behind
        laid = laid.addcmul_(covers / 2, shown).addcmul_(covers / 2, share)  # in place: pixels are many
        return laid.flatten(1, 2).flatten(3)


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
    overlay.pixels.weight.copy_((single.basis * single.spread[:, None]).T)
    overlay.pixels.bias.copy_(single.mean)
    overlay.code.weight.copy_(quad.basis / quad.spread[:, None])
    overlay.code.bias.copy_(-(quad.basis @ quad.mean) / quad.spread)

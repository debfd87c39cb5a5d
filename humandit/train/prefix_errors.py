"""Errors of the model's own, put on the prefixes it trains with: in a chain every prefix but the first carries some.

The idea of error recycling (Stable Video Infinity, Li et al., 2025), with the errors of single steps in place of those
of whole samplings, which would cost as much as the training itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..video.light_vae import LightVAE
from .examples import Batch

BANK = 256
"""Errors that are kept; the oldest go first."""
SURE = 600
"""Timestep up to which an estimate shows the model's errors; above it shows what nobody could know."""


@torch.no_grad()
def prefix_errors(clean: Tensor, truth: Tensor, timestep: Tensor, vae: LightVAE) -> list[Tensor]:
    """What the prefix of the next segment would have wrong, [C, h, w] each.

    Both latents pass through the autoencoder's linear part to frames, whose last one is encoded alone as a prefix is.

    Args:
        clean, truth: estimated and true latents [B, n, C, h, w]; only the last of each counts.
        timestep: [B]; those above :data:`SURE` are left out.
    """
    sure = (timestep <= SURE).nonzero().flatten().tolist()
    return [_last_alone(clean[i, -1], vae) - _last_alone(truth[i, -1], vae) for i in sure]


def _last_alone(latent: Tensor, vae: LightVAE) -> Tensor:
    """A quad's latent [C, h, w] -> its last frame's own latent [C, h, w]."""
    frames = vae.quad.decode(latent[None].float().cpu()).clamp(0, 1)
    return vae.single.encode(frames[-1:])[0]


def kept(bank: Sequence[Tensor], new: Sequence[Tensor]) -> list[Tensor]:
    """The bank with ``new`` errors in it; errors that are not finite are not taken."""
    return [*bank, *(error for error in new if torch.isfinite(error).all())][-BANK:]


def with_errors(batch: Batch, bank: Sequence[Tensor], share: float, rng: np.random.Generator) -> Batch:
    """A ``share`` of the batch's prefixes with an error from the bank on each; all as they are while it holds none of
    their size."""
    bank = [error for error in bank if error.shape == batch.prefix.shape[2:]]
    if not bank or share == 0:
        return batch
    hit = rng.random(len(batch.prefix)) < share
    picks = rng.integers(0, len(bank), len(batch.prefix))
    errors = torch.stack([bank[pick] * float(chosen) for pick, chosen in zip(picks, hit, strict=True)])
    return replace(batch, prefix=batch.prefix + errors[:, None].to(batch.prefix))

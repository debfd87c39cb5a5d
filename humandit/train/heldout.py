"""How a model does on films that it never trains on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..diffusion.schedule import Schedule
from .examples import Batch
from .loss import training_loss

LEVELS = (999, 700)
"""Timesteps of the curves; at 999 nothing but prefix and poses is left."""


@torch.no_grad()
def heldout_losses(
    ask: Callable[..., Tensor],
    schedule: Schedule,
    batches: Iterable[Batch],
    max_weight: float,
    channels: Tensor,
    person: float,
) -> dict[str, float]:
    """``heldout_T``: the loss with the right poses, ``shuffled_T``: with another example's, or mirrored ones where an
    example is alone. Means over the batches, whose noise is always the same."""
    found: dict[str, list[float]] = {}
    for number, batch in enumerate(batches):
        noise = np.random.default_rng((7, number)).standard_normal(batch.latents.shape, np.float32)
        fixed = torch.from_numpy(noise).to(batch.latents)
        wrong = replace(batch, pose=batch.pose.roll(1, 0) if len(batch.pose) > 1 else batch.pose.flip(3))
        for level in LEVELS:
            timestep = torch.full((len(batch.latents),), level, device=fixed.device)
            for name, seen in (("heldout", batch), ("shuffled", wrong)):
                loss = training_loss(ask, schedule, seen, fixed, timestep, max_weight, channels, person)
                found.setdefault(f"{name}_{level}", []).append(loss.item())
    return {name: float(np.mean(values)) for name, values in found.items()}


def score(losses: dict[str, float]) -> float:
    """One number to choose weights by, lower is better; infinite where nothing is held out."""
    known = [losses[f"heldout_{level}"] for level in LEVELS if f"heldout_{level}" in losses]
    return float(np.mean(known)) if known else float("inf")

"""Optimisers: Muon for the matrices inside the blocks, AdamW for everything else."""

from __future__ import annotations

import torch
from torch import nn

from .muon import Muon

SCRATCH, FINE_TUNING = (200, 0.3), (60, 0.5)
"""Steps of warm-up and share of the run over which the learning rate falls: trained weights need less of the first."""


def adamw(parameters: list[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    """AdamW as every loop here uses it."""
    return torch.optim.AdamW(parameters, lr=lr, betas=(0.9, 0.99), weight_decay=0.01)


def optimizers(model: nn.Module, matrices: nn.Module, lr: float, dtype: torch.dtype) -> list[torch.optim.Optimizer]:
    """Muon, multiplying in ``dtype``, on 2D weights of ``matrices``; AdamW on the rest of ``model``."""
    inside = {id(p) for p in matrices.parameters() if p.ndim == 2}
    trained = [p for p in model.parameters() if p.requires_grad]
    wide = [p for p in trained if id(p) in inside]
    rest = [p for p in trained if id(p) not in inside]
    return [
        Muon(wide, lr, weight_decay=0.01, dtype=dtype),
        adamw(rest, lr),
    ]


def trapezoid(progress: float, step: int, warmup: int, cooldown: float) -> float:
    """Learning-rate factor: linear warm-up over steps, flat, linear to zero over the last ``cooldown`` of the run."""
    return min(1.0, (step + 1) / warmup, max(0.0, (1 - progress) / cooldown))

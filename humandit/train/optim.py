"""Optimisers, by name: Muon for the matrices inside the blocks, AdamW for everything else; or AdamW alone."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from ..errors import HumanDiTError, MissingDependency
from .muon import Muon

OPTIMIZERS = ("muon", "adamw", "adamw8bit")
"""What a recipe may choose."""
SCRATCH, FINE_TUNING = (200, 0.3), (60, 0.5)
"""Steps of warm-up and share of the run over which the learning rate falls: trained weights need less of the first."""
BETAS, WEIGHT_DECAY = (0.9, 0.99), 0.01


def adamw(parameters: list[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    """AdamW as every loop here uses it."""
    return torch.optim.AdamW(parameters, lr=lr, betas=BETAS, weight_decay=WEIGHT_DECAY)


def adamw8bit(parameters: list[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    """The same with its two averages in eight bits (Dettmers et al. 2022): a quarter of their memory.

    Raises:
        MissingDependency: bitsandbytes is not installed, or finds no library for this machine.
    """
    try:
        from bitsandbytes.optim import AdamW8bit  # pyright: ignore[reportMissingImports]
    except Exception as problem:  # its import loads a library of its own, which can fail in many ways
        raise MissingDependency(
            f"The optimizer 'adamw8bit' needs the package bitsandbytes, which cannot be imported here ({problem}). "
            "Run: python -m pip install bitsandbytes. Or choose 'adamw', which needs more memory."
        ) from problem
    return AdamW8bit(parameters, lr=lr, betas=BETAS, weight_decay=WEIGHT_DECAY)


def optimizers(
    model: nn.Module, matrices: nn.Module, lr: float, dtype: torch.dtype, kind: str = "muon"
) -> list[torch.optim.Optimizer]:
    """For everything in ``model`` that is not frozen.

    Args:
        matrices: the part whose weights Muon takes; biases and the like are left to AdamW.
        dtype: Muon multiplies in it.
        kind: one of :data:`OPTIMIZERS`.
    """
    trained = [p for p in model.parameters() if p.requires_grad]
    if kind == "adamw":
        return [adamw(trained, lr)]
    if kind == "adamw8bit":
        return [adamw8bit(trained, lr)]
    if kind != "muon":
        raise HumanDiTError(f"The optimizer is one of {', '.join(OPTIMIZERS)}, got {kind!r}.")
    inside = {id(p) for p in matrices.parameters() if p.ndim >= 2}
    wide = [p for p in trained if id(p) in inside]
    rest = [p for p in trained if id(p) not in inside]
    return [Muon(wide, lr, weight_decay=WEIGHT_DECAY, dtype=dtype), adamw(rest, lr)]


def step_at(optimizers: Iterable[torch.optim.Optimizer], lr: float) -> None:
    """One step of each at the rate ``lr``; the gradients are gone after it."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.step()
        optimizer.zero_grad()


def trapezoid(progress: float, step: int, warmup: int, cooldown: float) -> float:
    """Learning-rate factor: linear warm-up over steps, flat, linear to zero over the last ``cooldown`` of the run."""
    return min(1.0, (step + 1) / warmup, max(0.0, (1 - progress) / cooldown))

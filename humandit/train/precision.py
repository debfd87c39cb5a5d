"""Which number type trains fastest here, found by trying: CPUs differ by a factor of a hundred in bf16."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from functools import cache

import torch
from torch import autocast as torch_autocast


def _seconds(dtype: torch.dtype, device: torch.device) -> float:
    a, b = (torch.randn(shape, device=device).to(dtype) for shape in ((1536, 256), (256, 1024)))
    best = float("inf")
    for _ in range(4):
        start = time.perf_counter()
        (a @ b).sum().item()
        best = min(best, time.perf_counter() - start)
    return best


@cache
def training_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where a matrix product is faster in it than in float32, else float32; tried once, or a busy moment would
    make two runs of one process differ."""
    return torch.bfloat16 if _seconds(torch.bfloat16, device) < _seconds(torch.float32, device) else torch.float32


TYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}
"""Number types that a recipe may ask for."""


def number_type(name: str, fastest: torch.dtype) -> torch.dtype:
    """The type that a recipe's ``precision`` names; "auto" is the ``fastest`` here."""
    return TYPES.get(name, fastest)


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[object]:
    """Mixed precision with float32 master weights; off for float32."""
    return torch_autocast(device.type, dtype, enabled=dtype != torch.float32)

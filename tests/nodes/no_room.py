"""A model that runs out of memory as often as a test wants."""

from __future__ import annotations

import torch

ERRORS = (torch.OutOfMemoryError("no room"), RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"))
"""Of a card, and of a host whose allocator has no class of its own."""


def out_of_memory(times: int, error: Exception, after: int = 0):
    """A wrapper of the host's around the model that runs out of memory so many times, once ``after`` calls have fit."""
    left = iter([None] * after + [error] * times)

    def evaluate(apply, given):
        if (raised := next(left, None)) is not None:
            raise raised
        return apply(given["input"], given["timestep"], **given["c"])

    return evaluate

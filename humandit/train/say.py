"""One line to whoever watches a training, from one of its processes."""

from __future__ import annotations

import sys

import torch.distributed as dist


def say(text: str) -> None:
    """To the terminal, beside the curves' own lines; the other processes are silent."""
    if not dist.is_initialized() or dist.get_rank() == 0:
        print(text, file=sys.stderr, flush=True)  # noqa: T201

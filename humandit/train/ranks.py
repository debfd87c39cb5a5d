"""Several processes that average their gradients: two one-thread ranks use two CPU cores fully."""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _end_with_parent() -> None:
    """Stop this process when the one that started it is gone: a killed command leaves nothing running."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _enter(rank: int, work: Callable[..., None], ranks: int, port: int, arguments: tuple[Any, ...]) -> None:
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    _end_with_parent()
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=ranks)
    try:
        work(rank, *arguments)
    finally:
        dist.destroy_process_group()


def run_ranks(work: Callable[..., None], ranks: int, *arguments: Any) -> None:
    """Call ``work(rank, *arguments)`` in ``ranks`` processes; in this one if there is only one."""
    if ranks == 1:
        work(0, *arguments)
        return
    torch.multiprocessing.spawn(_enter, (work, ranks, _free_port(), arguments), nprocs=ranks)


@torch.no_grad()
def average_gradients(parameters: list[torch.nn.Parameter]) -> None:
    """Replace every gradient by its mean over the ranks, sent in bfloat16. Does nothing alone."""
    if not dist.is_initialized():
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients]).to(torch.bfloat16)
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    offset = 0
    for gradient in gradients:
        gradient.copy_(flat[offset : offset + gradient.numel()].view_as(gradient))  # and back to float32
        offset += gradient.numel()


def agreed(flag: bool) -> bool:
    """True on every rank as soon as it is true on one, so that all stop at the same step."""
    if not dist.is_initialized():
        return flag
    value = torch.tensor(int(flag))
    dist.all_reduce(value, dist.ReduceOp.MAX)
    return bool(value)

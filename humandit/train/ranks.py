"""Several processes that train together: started here (``--ranks``) or joined, where ``torchrun`` started them."""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from ..errors import HumanDiTError
from ..video.spread import joined, started_by_torchrun

BUCKET = 2**24
"""Most numbers that travel in one message."""


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


def _enter(rank: int, work: Callable[..., None], ranks: int, port: int, problems: Any, arguments: tuple) -> None:
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": ranks, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in place.items()})
    _end_with_parent()
    torch.set_num_threads(1)
    try:
        with joined():
            work(rank, *arguments)
    except HumanDiTError as problem:
        problems.put(str(problem))
        raise


def run_ranks(work: Callable[..., None], ranks: int, *arguments: Any) -> None:
    """Call ``work(rank, *arguments)`` in ``ranks`` processes; in this one if there is only one, or if ``torchrun``
    started this as one of several.

    Raises:
        HumanDiTError: what one of them raised; a process that was killed, which ends the others too; more processes
            than GPUs, or another number of them than ``torchrun`` started.
    """
    if started_by_torchrun():
        _join(work, ranks, *arguments)
    elif ranks == 1:
        work(0, *arguments)
    else:
        _start(work, ranks, *arguments)


def _join(work: Callable[..., None], ranks: int, *arguments: Any) -> None:
    with joined():
        if ranks not in (1, dist.get_world_size()):
            raise HumanDiTError(
                f"torchrun started {dist.get_world_size()} processes, --ranks asks for {ranks}. Leave --ranks out."
            )
        work(dist.get_rank(), *arguments)


def _start(work: Callable[..., None], ranks: int, *arguments: Any) -> None:
    workers = torch.multiprocessing
    gpus = torch.cuda.device_count()
    if torch.cuda.is_available() and gpus < ranks:
        raise HumanDiTError(f"{ranks} processes need a GPU each, this machine has {gpus}. Give --ranks {gpus}.")
    problems = workers.get_context("spawn").SimpleQueue()
    try:
        workers.spawn(_enter, (work, ranks, _free_port(), problems, arguments), nprocs=ranks)
    except (workers.ProcessRaisedException, workers.ProcessExitedException) as ended:
        if not problems.empty():
            raise HumanDiTError(problems.get()) from ended
        if isinstance(ended, workers.ProcessExitedException):
            raise HumanDiTError(
                f"A process of the training ended before its time ({ended}), and the others with it. Run the same "
                "command again: it goes on from the last checkpoint."
            ) from ended
        raise


@torch.no_grad()
def average_gradients(parameters: list[torch.nn.Parameter]) -> None:
    """Replace every gradient by its mean over the processes, summed in float32. Does nothing alone."""
    if not dist.is_initialized():
        return
    waiting: list[Tensor] = []
    for parameter in parameters:
        if parameter.grad is not None:
            waiting.append(parameter.grad)
        if sum(g.numel() for g in waiting) > BUCKET:
            _average(waiting)
            waiting = []
    if waiting:
        _average(waiting)


def _average(gradients: list[Tensor]) -> None:
    flat = torch.cat([g.flatten().float() for g in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def mean_of_all(value: Tensor) -> float:
    """Mean of a number over the processes."""
    if not dist.is_initialized():
        return value.item()
    total = value.detach().float().reshape(1).clone()
    dist.all_reduce(total)
    return total.item() / dist.get_world_size()


def of_all(value: Any) -> list[Any]:  # noqa: ANN401 - anything that can be pickled
    """``value`` of every process, by rank; all must call it."""
    if not dist.is_initialized():
        return [value]
    found: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(found, value)
    return found


def greatest(*values: float) -> tuple[float, ...]:
    """The greatest over the processes of each value, so that clocks which differ decide alike."""
    if not dist.is_initialized():
        return values
    every = torch.tensor(values, dtype=torch.float64)
    dist.all_reduce(every, dist.ReduceOp.MAX)
    return tuple(every.tolist())


def agreed(flag: bool) -> bool:
    """True on every process as soon as it is true on one, so that all stop at the same step."""
    return bool(greatest(flag)[0])

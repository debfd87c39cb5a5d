"""Many small computations on all cores: one film per core is faster than all cores on one film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any


@contextmanager
def spread() -> Iterator[Callable[..., Iterator[Any]]]:
    """``map`` over threads, as many as PyTorch would use, each of which computes alone. Results come in order."""
    import torch

    cores = torch.get_num_threads()
    pool = ThreadPoolExecutor(cores, thread_name_prefix="film", initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield pool.map
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(cores)  # a worker's number is what new threads begin with

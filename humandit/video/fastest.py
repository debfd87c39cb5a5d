"""Which attention is the fastest here: tried once per device and size, then remembered in the cache folder."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..diffusion.attention import Attention, available, sdpa
from ..wheels import cache_root

REPEATS = 5
"""Timed calls of each function; the fastest counts."""
TOLERANCE = 0.02
"""Largest root-mean-square difference from :func:`sdpa`, relative, that a function may have."""
PATIENCE = 4.0
"""A function whose first timed call takes so many times the best one's is not tried again."""


@dataclass(frozen=True)
class Load:
    """What attention has to do: device, number type, heads, width of a head and tokens.

    Tokens are counted in powers of two, so that films of about one length share a choice.
    """

    device: torch.device
    dtype: torch.dtype
    heads: int
    head_dim: int
    tokens: int

    @property
    def bucket(self) -> int:
        """The tokens that are tried: the next power of two, at least 64."""
        return max(64, 1 << (self.tokens - 1).bit_length())

    @property
    def key(self) -> str:
        """What the choice is remembered under."""
        cuda = self.device.type == "cuda"
        name = torch.cuda.get_device_name(self.device) if cuda else f"{self.device.type}/{torch.get_num_threads()}"
        kind = str(self.dtype).removeprefix("torch.")
        return f"{name}, torch {torch.__version__}, {kind}, {self.heads}x{self.head_dim}, {self.bucket}"

    def inputs(self) -> tuple[Tensor, Tensor, Tensor]:
        rng = torch.Generator().manual_seed(0)
        shape = (1, self.heads, self.bucket, self.head_dim)
        q, k, v = (torch.randn(shape, generator=rng).to(self.device, self.dtype) for _ in range(3))
        return q, k, v


def memory_file() -> Path:
    """Where choices are remembered; delete it to have all tried again."""
    return cache_root() / "attention.json"


def fastest_attention(load: Load, remember: bool = True) -> str:
    """The name of the fastest function for ``load``; without ``remember`` it is tried afresh, and kept."""
    known = _remembered()
    if remember and known.get(load.key) in available(load.device):
        return known[load.key]
    times = attention_times(load)
    best = min(times, key=lambda name: times[name])
    _keep({**known, load.key: best})
    return best


@torch.inference_mode()
def attention_times(load: Load) -> dict[str, float]:
    """Name -> seconds of the fastest of a few interleaved calls, of the functions that run and agree with sdpa."""
    q, k, v = load.inputs()
    truth = sdpa(q, k, v).float()
    running = {name: f for name, f in available(load.device).items() if _agrees(f, (q, k, v), truth)}
    times = {name: _seconds(lambda f=f: f(q, k, v)) for name, f in running.items()}
    limit = PATIENCE * min(times.values())
    for _ in range(REPEATS - 1):
        for name, function in running.items():
            if times[name] < limit:
                times[name] = min(times[name], _seconds(lambda f=function: f(q, k, v)))
    return times


def _agrees(attention: Attention, inputs: tuple[Tensor, Tensor, Tensor], truth: Tensor) -> bool:
    """Also its warm-up. Kernels refuse what they cannot do with errors of many kinds."""
    try:
        got = attention(*inputs).float()
    except (RuntimeError, ImportError, NotImplementedError, AssertionError, ValueError):
        return False
    return bool((got - truth).square().mean() <= TOLERANCE**2 * truth.square().mean())


def _seconds(call: Callable[[], Tensor]) -> float:
    start = time.perf_counter()
    result = call()
    if result.is_cuda:
        torch.cuda.synchronize(result.device)
    return time.perf_counter() - start


def _remembered() -> dict[str, str]:
    """Earlier choices; none where there is no readable file, for they are only a saving of time."""
    try:
        values = json.loads(memory_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _keep(choices: dict[str, str]) -> None:
    """Whole or not at all; a folder that cannot be written to costs a second next time and nothing else."""
    target = memory_file()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(choices, indent=1), encoding="utf-8")
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)

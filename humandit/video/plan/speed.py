"""How fast this machine computes: measured once with a small transformer, remembered, else guessed for known cards."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ...types import LatentShape
from ...wheels import cache_root
from ..config import DiTConfig
from ..model import HumanDiT
from ..pose_guider import PIXELS
from .flops import forward_flops

TYPICAL = {"H100": 370.0, "H200": 370.0, "A100": 184.0, "4090": 90.0, "3060": 20.0}
"""TFLOP/s in 16-bit numbers: H100 and A100 implied by CogVideoX's published times, the last two guesses."""
LAYERS = 2
"""Blocks of the transformer that is timed; all blocks are alike."""
REPEATS = 3
SIZES = {"cpu": (LatentShape(5, 16, 16), LatentShape(5, 32, 32))}
"""Two latent films per kind of device: 320 and 1280 tokens for a CPU."""
LARGE_SIZES = (LatentShape(5, 60, 90), LatentShape(13, 60, 90))
"""The same for cards: 6,750 and 17,550 tokens; the second is 49 frames of 720x480."""
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "fp8": torch.bfloat16}
"""What layers compute in."""


@dataclass(frozen=True)
class Speed:
    """Attributes:
    device: its name.
    precision: number format of the weights.
    width: of the transformer that was timed; small ones keep a device less busy.
    tflops: 10^12 operations per second.
    overhead: seconds per block of an evaluation that do not depend on its size.
    source: "calibrated", "sampled" or "guess".
    """

    device: str
    precision: str
    width: int
    tflops: float
    overhead: float = 0.0
    source: str = "calibrated"

    def seconds(self, flops: float, forwards: int, layers: int) -> float:
        return flops / (self.tflops * 1e12) + forwards * layers * self.overhead


def device_name(device: torch.device) -> str:
    """What speeds are remembered under."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "cpu":
        return f"{platform.processor() or platform.machine()} CPU, {torch.get_num_threads()} threads"
    return device.type


def memory_file() -> Path:
    """Where speeds are remembered; delete it to forget them."""
    return cache_root() / "speed.json"


def remember(speed: Speed) -> None:
    """Keep ``speed`` in place of an earlier one of the same device, format and width; whole or not at all.

    A run that knows what it did may call this too, with ``source="sampled"``.
    """
    kept = [known for known in remembered() if _key(known) != _key(speed)]
    target = memory_file()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.write_text(json.dumps([asdict(known) for known in (*kept, speed)], indent=1), encoding="utf-8")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def remembered() -> list[Speed]:
    """Earlier measurements; none where there is no readable file, for they can be made again."""
    try:
        return [Speed(**values) for values in json.loads(memory_file().read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def known_speed(device: str, precision: str, width: int) -> Speed | None:
    """Measured on this device in this format, at the nearest width; else a guess for a known card; else None."""
    measured = [speed for speed in remembered() if (speed.device, speed.precision) == (device, precision)]
    if measured:
        return min(measured, key=lambda speed: max(speed.width, width) / min(speed.width, width))
    if precision == "fp32":
        return None
    guess = next((tflops for name, tflops in TYPICAL.items() if name in device), None)
    return None if guess is None else Speed(device, precision, width, guess, source="guess")


def _key(speed: Speed) -> tuple[str, str, int]:
    return speed.device, speed.precision, speed.width


@torch.inference_mode()
def calibrate(config: DiTConfig, device: torch.device, precision: str) -> Speed:
    """Time a few evaluations at two sizes of a transformer as wide as ``config``'s: what grows with the size is the
    speed, what does not the overhead."""
    small = replace(config, layers=min(LAYERS, config.layers), learned_positions=None)
    model = HumanDiT(small, dtype=DTYPES[precision], device=device).eval()
    sizes = SIZES.get(device.type, LARGE_SIZES)
    flops = [forward_flops(small, size) for size in sizes]
    times = [_seconds(_call(model, size, device), device) for size in sizes]
    tflops, overhead = fitted_speed(flops, times)
    return Speed(device_name(device), precision, config.dim, tflops, overhead / small.layers)


def fitted_speed(flops: list[int], times: list[float]) -> tuple[float, float]:
    """TFLOP/s and constant seconds of a line through two timings; through the larger one and 0 where the line would
    start below 0."""
    slope = (times[1] - times[0]) / (flops[1] - flops[0])
    overhead = times[0] - flops[0] * slope
    if slope <= 0 or overhead < 0:
        slope, overhead = times[1] / flops[1], 0.0
    return 1e-12 / slope, overhead


def _call(model: HumanDiT, size: LatentShape, device: torch.device) -> Callable[[], Any]:
    config, where = model.config, {"device": device, "dtype": model.dtype}
    latents = torch.randn(1, size.frames, config.out_channels, size.height, size.width, **where)
    control = torch.randn(1, size.frames, config.control_channels, size.height, size.width, **where)
    pose = torch.zeros(1, size.frames, size.height, size.width, PIXELS * config.pose_channels, **where)
    timestep = torch.tensor([500], device=device)
    return lambda: model(latents, timestep, pose, control=control if config.control_channels else None)


def _seconds(call: Callable[[], Any], device: torch.device) -> float:
    """The fastest of a few calls; the first, a warm-up, is not counted."""
    times = []
    for _ in range(1 + REPEATS):
        start = time.perf_counter()
        call()
        _wait(device)
        times.append(time.perf_counter() - start)
    return min(times[1:])


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()

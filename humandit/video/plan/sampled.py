"""The speed of this machine from a segment that it has just denoised: better than any calibration."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from ...diffusion.sampling import Sampling
from ...diffusion.schedule import trailing_timesteps
from ...types import LatentShape
from ..config import DiTConfig
from .flops import forward_flops
from .speed import Speed, device_name

FEWEST = 3
"""Steps that must have been timed; the first one, with models on their way and warm-up, never is."""

LEAST = 1.0
"""Seconds that they must have taken: shorter ones tell more about the clock than about the machine."""


@dataclass(frozen=True, eq=False)
class StepClock:
    """Times the steps of one segment.

    Attributes:
        config, shape, sampling: what is sampled.
        clock: seconds from somewhere on.
        ends: when each step was done.
    """

    config: DiTConfig
    shape: LatentShape
    sampling: Sampling
    clock: Callable[[], float] = time.perf_counter
    ends: dict[int, float] = field(default_factory=dict)

    def tick(self, done: int) -> None:
        """Called after each step with how many are done; a run that starts again starts afresh."""
        if done == 1:
            self.ends.clear()
        self.ends[done] = self.clock()

    def speed(self, device: torch.device, precision: str) -> Speed | None:
        """None where too little was timed, or where a cache spared an unknown part of the work."""
        timed = len(self.ends) - 1
        if timed < FEWEST or timed != self.sampling.steps - 1 or self.sampling.cache:
            return None
        seconds = self.ends[self.sampling.steps] - self.ends[1]
        if seconds <= LEAST:
            return None
        return Speed(device_name(device), precision, self.config.dim, self._flops() / seconds / 1e12, source="sampled")

    def _flops(self) -> int:
        """Of all steps but the first."""
        bare = forward_flops(self.config, self.shape, posed=False)
        later = trailing_timesteps(self.sampling.steps)[1:]
        asked_twice = sum(self.sampling.guidance_at(timestep) != 1 for timestep in later)
        return len(later) * forward_flops(self.config, self.shape) + asked_twice * bare

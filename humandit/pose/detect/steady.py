"""Two points that steer the body's crop, kept from trembling: a crop that shakes makes every point shake."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RATE = 30.0
"""Frames per second that are assumed; the reference implementation assumes the same whatever the film's rate."""
CUTOFF, BETA = 0.01, 10.0
"""Cut-off of the filter at rest, Hz, and Hz gained per box side and second of speed."""
SPEED_CUTOFF = 1.0
"""Cut-off of the speed estimate, Hz."""


@dataclass(frozen=True)
class Steady:
    """Points after the One-Euro filter (Casiez et al., CHI 2012).

    Attributes:
        xy: [N, 2] filtered points in pixels. seen: [N, 2] the last unfiltered ones. speed: [N, 2] box sides a second.
    """

    xy: np.ndarray
    seen: np.ndarray
    speed: np.ndarray

    @classmethod
    def start(cls, seen: np.ndarray) -> Steady:
        """At rest where the points are seen first."""
        return cls(seen, seen, np.zeros_like(seen))

    def step(self, seen: np.ndarray, size: float) -> Steady:
        """One frame on. ``size`` is the side of the box that speed is measured in, pixels."""
        share = _share(SPEED_CUTOFF)
        speed = share * (seen - self.seen) / size * RATE + (1 - share) * self.speed
        share = _share(CUTOFF + BETA * np.abs(speed))
        return Steady(share * seen + (1 - share) * self.xy, seen, speed)


def _share(cutoff: np.ndarray | float) -> np.ndarray | float:
    """What a new value weighs in a low pass of this cut-off in Hz."""
    return 1 / (1 + RATE / (2 * np.pi * cutoff))

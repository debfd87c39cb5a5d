"""Frames as trackers see them, and the places in them that can be followed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...types import Canvas

FULL_SIZE = 512
"""Longest side, pixels, for which the trackers' distances are meant; they grow with larger frames."""
BLOCK = 5
"""Pixels on a side that a corner is judged by."""
STRONG = 2e-4
"""Smallest eigenvalue of a corner's gradients: plain walls and skies hold weaker ones, which are noise."""
CLOSEST = 12.0
"""Pixels at full size that corners stay apart at least."""


@dataclass(frozen=True)
class View:
    """One frame and who stands in it.

    Attributes:
        frame: uint8 RGB [H, W, 3].
        person: [H, W] bool, no points there.
    """

    frame: np.ndarray
    person: np.ndarray

    @property
    def canvas(self) -> Canvas:
        return Canvas(self.frame.shape[1], self.frame.shape[0])

    @property
    def unit(self) -> float:
        """Pixels of this frame per pixel at full size."""
        return self.canvas.square / FULL_SIZE

    @cached_property
    def grey(self) -> np.ndarray:
        """[H, W] uint8."""
        import cv2

        return cv2.cvtColor(self.frame, cv2.COLOR_RGB2GRAY)

    def open(self, xy: np.ndarray) -> np.ndarray:
        """[B] bool: points [B, 2] px inside the frame and not on the person."""
        from .person import covered

        size = np.array([self.canvas.width, self.canvas.height])
        return ((xy >= 0) & (xy < size)).all(-1) & ~covered(self.person, xy)


def corners(view: View, count: int, taken: np.ndarray) -> np.ndarray:
    """Up to ``count`` corners [n, 2] px outside the person, as far apart as they can be.

    Args:
        view: where to look.
        count: how many are wanted.
        taken: [m, 2] px, points to keep away from.
    """
    import cv2

    free = ~view.person & (cv2.cornerMinEigenVal(view.grey, BLOCK) > STRONG)
    apart = np.sqrt(max((~view.person).sum(), 1) / (count + len(taken)))
    mask = free.astype(np.uint8)
    for x, y in np.round(taken).astype(int):
        cv2.circle(mask, (int(x), int(y)), max(round(apart * 0.6), 1), 0, -1)
    found = np.zeros((0, 2), np.float32)
    while apart > CLOSEST * view.unit and len(found) < count and mask.any():
        best = cv2.goodFeaturesToTrack(view.grey, count, 1e-3, float(apart), mask=mask, blockSize=BLOCK)
        found = found if best is None else best.reshape(-1, 2)
        apart *= 0.8
    return found

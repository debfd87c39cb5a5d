"""The way a film's camera goes, from its background points: where the first frame's background lies in every other.

Places are complex numbers, x + iy: a turn, a growth and a shift are then ``turn * place + shift``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..raster import Background

LEAST = 3
"""Points that must be seen in two frames for the way between them to be known."""
LOOSE = 0.006
"""Part of the canvas's longer side by which points may miss a common movement; beyond it the scene is not flat."""


@dataclass(frozen=True)
class CameraWay:
    """``turn`` and ``shift`` [T] complex: a place of frame 0 lies at ``turn * place + shift``; NaN where unknown."""

    turn: np.ndarray
    shift: np.ndarray

    def matrix(self, frame: int) -> np.ndarray | None:
        """[2, 3] for OpenCV, from places of frame 0 to those of ``frame``; None where that is not known."""
        a, b = self.turn[frame], self.shift[frame]
        return None if np.isnan(a) else np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def camera_way(points: Background, side: float) -> CameraWay:
    """The way through a whole film.

    A frame is compared with the earliest one behind it that still shares points with it without a gap: a column may be
    another point after a frame in which it was not seen.

    Args:
        points: [T, B]. side: longer side of their canvas, pixels.
    """
    places, seen = points.xy[..., 0] + 1j * points.xy[..., 1].astype(np.float64), points.visible
    turn, shift = np.full(len(places), np.nan, complex), np.full(len(places), np.nan, complex)
    turn[0], shift[0] = 1, 0
    base, since = 0, seen[0].copy()
    for frame in range(1, len(places)):
        if (since & seen[frame]).sum() < LEAST:
            base, since = frame - 1, seen[frame - 1].copy()
        since &= seen[frame]
        found = _moved(places[base, since], places[frame, since], LOOSE * side)
        if found is not None:
            turn[frame] = found[0] * turn[base]
            shift[frame] = found[0] * shift[base] + found[1]
    return CameraWay(turn, shift)


def stands_still(points: Background, side: float, share: float = LOOSE) -> bool:
    """Whether the points say that the camera stands still: seen ones stay within ``share`` of ``side`` of where they
    were first seen. The middle one counts, so single ones may be lost and found elsewhere."""
    if not points.visible.any():
        return False
    known = np.where(points.visible[..., None], points.xy, np.nan)
    first = np.take_along_axis(known, points.visible.argmax(0)[None, :, None], axis=0)
    away = np.linalg.norm(known - first, axis=-1)
    middle = [np.median(row[~np.isnan(row)]) for row in away if not np.isnan(row).all()]
    return bool(max(middle) <= share * side)


def _moved(old: np.ndarray, new: np.ndarray, loose: float) -> tuple[complex, complex] | None:
    """Turn and shift that bring ``old`` nearest to ``new`` [N] (least squares), points astray left out.

    None for too few points, points in one place, or where half of them miss it by more than ``loose`` pixels.
    """
    for _ in range(2):
        if len(old) < LEAST:
            return None
        a, b = old - old.mean(), new - new.mean()
        spread = float((np.abs(a) ** 2).sum())
        if spread < len(old):
            return None
        turn = (np.conj(a) * b).sum() / spread
        shift = new.mean() - turn * old.mean()
        miss = np.abs(turn * old + shift - new)
        if np.median(miss) > loose:
            return None
        near = miss <= max(3 * float(np.median(miss)), 0.5)
        old, new = old[near], new[near]
    return turn, shift

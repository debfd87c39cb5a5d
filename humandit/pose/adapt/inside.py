"""The whole film kept inside the canvas: one scale and one shift for all frames, so that nothing pumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...types import Canvas
from .points import FEET, HANDS, HEAD, NECK, NOSE

MARGIN = 0.02
"""Of the canvas' shorter side: how far head, hands and feet stay away from the edge."""
CROWN = 0.6
"""The top of the head lies above the nose by this share of the way from neck to nose."""


@dataclass(frozen=True)
class Fit:
    """``xy -> scale * xy + shift`` in pixels, for every frame.

    Attributes:
        scale: 0..1. shift: [2] pixels. moved: [2] pixels right and down that the first frame's anchor went.
    """

    scale: float
    shift: np.ndarray
    moved: np.ndarray

    def __call__(self, xy: np.ndarray) -> np.ndarray:
        return self.scale * xy + self.shift


def fit_inside(out: np.ndarray, filled: np.ndarray, seen: np.ndarray, film: Canvas, canvas: Canvas, feet: bool) -> Fit:
    """The smallest change that keeps head, hands, and feet if asked, inside ``canvas`` in every frame.

    Args:
        out: [T, 134, 2] the motion, pixels of ``canvas``.
        filled: [T, 134, 2] the template on its canvas ``film``: what lies outside there may leave ours, too.
        seen: [T, 134] bool, points that are drawn.
        feet: whether feet count.
    """
    kept = _kept(out, seen & _within(filled, film), feet)
    if not len(kept):
        return Fit(1.0, np.zeros(2), np.zeros(2))
    size, margin = np.array([canvas.width, canvas.height]), MARGIN * min(canvas.width, canvas.height)
    low, high = kept.min(0), kept.max(0)
    scale = float(min(1.0, *((size - 2 * margin) / np.maximum(high - low, 1e-6))))
    anchor = np.array([out[0, NECK, 0], out[0, FEET, 1].max()]) if feet else out[0, NECK]
    shift = np.clip((1 - scale) * anchor, margin - scale * low, size - margin - scale * high)
    return Fit(scale, shift, shift - (1 - scale) * anchor)


def _within(xy: np.ndarray, canvas: Canvas) -> np.ndarray:
    return np.all((xy >= 0) & (xy <= (canvas.width, canvas.height)), axis=-1)


def _kept(out: np.ndarray, shown: np.ndarray, feet: bool) -> np.ndarray:
    """[N, 2] every place that must stay inside."""
    hands = [point for wrist, part in HANDS for point in (wrist, *range(part.start, part.stop))]
    points = [NOSE, *HEAD, *hands, *(FEET if feet else [])]
    crown = out[:, NOSE] + CROWN * (out[:, NOSE] - out[:, NECK])
    return np.concatenate([out[:, points][shown[:, points]], crown[shown[:, NOSE] & shown[:, NECK]]])

"""Feet that stand: longer or shorter legs under the same motion would slide over the floor and sink into it.

A foot that stands in the template is told by its points being slow and low. Down, the lowest foot of the result follows
the lowest of the template. Sideways, a point that stands moves as the template's own, scaled like the body, and the
body goes where its feet carry it: a person with longer legs walks farther.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...types import Canvas
from .. import skeleton as coco
from .points import FEET, NECK, Points
from .robust import bone_length

HEIGHT = ((coco.INDEX["left_hip"], NECK), *((coco.INDEX[f"left_{a}"], coco.INDEX[f"left_{b}"])
          for a, b in (("knee", "hip"), ("ankle", "knee"))))  # fmt: skip
"""Bones whose lengths add up to a body, the unit of speeds and heights."""
STILL = 0.35
"""Bodies per second: a foot's point that moves so fast counts for a third (e^-1)."""
LOW = 0.05
"""Bodies above the lowest point of both feet: one so high counts for a third."""
LOOSE = 0.2
"""Below this sum of weights nothing stands, and the body flies on as it did."""
FIRST = 5
"""Frames with a standing foot from which the template's floor is taken."""


@dataclass(frozen=True)
class Floor:
    """Where the reference stands: ``y`` of its lowest foot in pixels, and the points of ``FEET`` that it shows."""

    y: float
    shown: tuple[int, ...]


def floor_of(ref: Points, canvas: Canvas) -> Floor | None:
    """The reference's floor, or None where it shows no foot on its canvas."""
    inside = ((ref.xy[0] >= 0) & (ref.xy[0] <= (canvas.width, canvas.height))).all(-1)
    shown = [k for k in FEET if ref.seen[0, k] and inside[k]]
    return Floor(float(ref.xy[0, shown, 1].max()), tuple(shown)) if shown else None


def floor_shift(
    out: np.ndarray, filled: np.ndarray, source: Points, body: float, fps: float, floor: Floor | None
) -> np.ndarray | None:
    """[T, 2] pixels to add to every point of a frame, or None where the template never shows a foot.

    Args:
        out: [T, 134, 2] the motion on its new body. filled: [T, 134, 2] the template it came from.
        source: what of the template was seen. body: the body's ratio.
        floor: where the first standing feet are put; None leaves them at the height that the legs give.
    """
    seen, feet, old = source.seen[:, FEET], out[:, FEET], filled[:, FEET]
    if not seen.any():
        return None
    low, stands = contact(source, filled, fps)
    slip = feet - body * old
    frames = np.flatnonzero(seen.any(1))
    sunk = (low * slip[..., 1]).sum(1)[frames] / low.sum(1)[frames]
    down = -np.interp(np.arange(len(out)), frames, sunk)
    first = first_stand(stands)
    down -= np.median(down[first])
    down += 0.0 if floor is None else _onto(floor, out + np.stack([0 * down, down], -1)[:, None], source, first)
    return np.stack([_sideways(slip[..., 0], stands), down], -1)


def contact(source: Points, filled: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """[T, 8] twice, 0..1: how low each of ``FEET`` is, and how much it stands (low and still)."""
    seen, feet = source.seen[:, FEET], filled[:, FEET]
    size = max(sum(bone_length(source, *bone) for bone in HEIGHT), 1.0)
    lowest = np.where(seen, feet[..., 1], -np.inf).max(1, keepdims=True)
    above = np.where(seen, lowest - feet[..., 1], np.inf) / size
    speed = np.zeros(seen.shape)
    if len(feet) > 1:
        speed = np.linalg.norm(np.gradient(feet, axis=0), axis=-1) * fps / size
    low = np.exp(-((above / LOW) ** 2))
    return low, low * np.exp(-((speed / STILL) ** 2))


def first_stand(stands: np.ndarray) -> np.ndarray:
    """Indices of the first frames in which a foot stands; the first frames of all where none ever does."""
    frames = np.flatnonzero(stands.sum(1) > LOOSE)[:FIRST]
    return frames if frames.size else np.arange(min(FIRST, len(stands)))


def _onto(floor: Floor, out: np.ndarray, source: Points, frames: np.ndarray) -> float:
    """Pixels down that put the feet of ``frames`` on the floor, by the points that both show."""
    lows = [out[t, k, 1].max() for t in frames if (k := [i for i in floor.shown if source.seen[t, i]])]
    return floor.y - float(np.median(lows)) if lows else 0.0


def _sideways(slip: np.ndarray, stands: np.ndarray) -> np.ndarray:
    """[T] pixels against the summed-up slips [T, 8] of the points that stand."""
    weight = np.minimum(stands[1:], stands[:-1])
    steps = (weight * np.diff(slip, axis=0)).sum(1) / np.maximum(weight.sum(1), LOOSE)
    return -np.concatenate([[0.0], np.cumsum(steps)])

"""Who is in a stretch of film, for how long, and the part of the frame that each of them moves in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...pose import skeleton as coco
from ...pose.sequence import PoseSequence
from ...pose.track import Person
from ...types import SIDE_STEP, Canvas

MARGIN, CROWN = 0.08, 0.1
"""Room around the points of a body, and above them for hair, in sides of its box."""
BLINK = 0.4
"""Seconds for which a detector may lose somebody who is still there."""
INSIDE = 0.25
"""Share of somebody else's box that must lie in a crop for them to be in it."""


@dataclass(frozen=True)
class Crop:
    """A part of a frame, in whole pixels of it."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, frames: np.ndarray) -> np.ndarray:
        """That part of frames or masks [T, H, W, ...]."""
        return frames[:, self.top : self.top + self.height, self.left : self.left + self.width]

    def holds(self, boxes: np.ndarray) -> np.ndarray:
        """[T] share of each box [T, 4] (x0, y0, x1, y1) that lies in it, 0..1; 0 where a box is not finite."""
        low = np.maximum(boxes[:, :2], (self.left, self.top))
        high = np.minimum(boxes[:, 2:], (self.left + self.width, self.top + self.height))
        with np.errstate(invalid="ignore"):
            area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
            common = np.prod(np.maximum(high - low, 0), axis=1)
            return np.where(np.isfinite(area) & (area > 0), common / np.where(area > 0, area, 1), 0.0)

    def moved(self, poses: PoseSequence) -> PoseSequence:
        """Poses of the frame as poses of the crop; what lies outside it is not seen."""
        xy = poses.xy - np.array([self.left, self.top], np.float32)
        inside = ((xy >= 0) & (xy < [self.width, self.height])).all(-1)
        canvas = Canvas(self.width, self.height)
        return replace(poses, xy=xy, score=np.where(inside, poses.score, 0), canvas=canvas)


@dataclass(frozen=True)
class Subject:
    """One person for as long as they are in sight.

    Attributes:
        person: number of the person, the largest first.
        start, stop: frames of the stretch.
        crop: where the person moves.
        poses: in pixels of the crop.
        others: share of the frames that show somebody else in the crop, 0..1.
    """

    person: int
    start: int
    stop: int
    crop: Crop
    poses: PoseSequence
    others: float


def subjects(people: Sequence[Person], crowd: np.ndarray | None = None) -> list[Subject]:
    """Everybody's times in sight with their crops.

    Args:
        people: as :func:`...pose.track.track` gives them.
        crowd: [T, N, 4] boxes of all that a person net saw, NaN where it did not look or saw fewer; a second opinion.
    """
    boxes = [bounds(person.poses) for person in people]
    found = []
    for number, person in enumerate(people):
        for start, stop in spans(person.present, max(round(BLINK * person.poses.fps), 1)):
            span = slice(start, stop)
            crop = motion_range(boxes[number][span], person.poses.canvas)
            others = _others(crop, [b[span] for i, b in enumerate(boxes) if i != number])
            if crowd is not None:
                others = max(others, _strangers(crop, crowd[span]))
            found.append(Subject(number, start, stop, crop, crop.moved(person.poses[span]), others))
    return found


def spans(present: np.ndarray, blink: int) -> list[tuple[int, int]]:
    """(start, stop) of every time in sight; being lost for ``blink`` frames or fewer does not end it."""
    seen = np.flatnonzero(present)
    if not len(seen):
        return []
    breaks = np.flatnonzero(np.diff(seen) > blink + 1)
    starts, stops = seen[np.r_[0, breaks + 1]], seen[np.r_[breaks, len(seen) - 1]] + 1
    return [(int(a), int(b)) for a, b in zip(starts, stops, strict=True)]


def bounds(poses: PoseSequence) -> np.ndarray:
    """[T, 4] x0, y0, x1, y1 of the seen points in pixels; NaN where fewer than two body points are seen."""
    boxes = np.full((len(poses), 4), np.nan)
    for t, (xy, seen) in enumerate(zip(poses.xy, poses.visible, strict=True)):
        if seen[coco.BODY_SLICE].sum() > 1:
            boxes[t] = *xy[seen].min(0), *xy[seen].max(0)
    return boxes


def motion_range(boxes: np.ndarray, canvas: Canvas) -> Crop:
    """The part of the frame that holds every one of ``boxes`` [T, 4] with some room; sides in steps of 16.

    Paper App. A.2: the crop follows from the largest range of the motion, so that the whole body stays in it.
    """
    known = boxes[np.isfinite(boxes).all(1)]
    if not len(known):
        known = np.array([[0, 0, canvas.width, canvas.height]], float)
    side = (known[:, 2:] - known[:, :2]).max(1)
    low, high = known[:, :2] - MARGIN * side[:, None], known[:, 2:] + MARGIN * side[:, None]
    low[:, 1] -= CROWN * side
    low = np.clip(low.min(0), 0, None)
    high = np.clip(high.max(0), None, (canvas.width, canvas.height))
    (left, width), (top, height) = (
        _side(float(low[i]), float(high[i]), length) for i, length in enumerate((canvas.width, canvas.height))
    )
    return Crop(left, top, width, height)


def _side(low: float, high: float, length: int) -> tuple[int, int]:
    """Start and length, a multiple of 16 where the frame has that many pixels."""
    most = length // SIDE_STEP * SIDE_STEP or length
    size = min(int(np.ceil((high - low) / SIDE_STEP)) * SIDE_STEP, most) if length >= SIDE_STEP else length
    size = max(size, min(SIDE_STEP, length))
    start = int(round((low + high - size) / 2))
    return min(max(start, 0), length - size), size


def _others(crop: Crop, boxes: Sequence[np.ndarray]) -> float:
    if not boxes:
        return 0.0
    return float(np.stack([crop.holds(box) > INSIDE for box in boxes]).any(0).mean())


def _strangers(crop: Crop, crowd: np.ndarray) -> float:
    """Share of the looked-at frames in which a person net sees more than one person in the crop."""
    looked = np.asarray(np.isfinite(crowd).all(-1)).any(1)
    if not looked.any():
        return 0.0
    inside = np.stack([crop.holds(crowd[:, i]) > INSIDE for i in range(crowd.shape[1])], 1)
    return float((inside[looked].sum(1) > 1).mean())

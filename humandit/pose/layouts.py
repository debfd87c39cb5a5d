"""Arrays of points in somebody else's order to and from poses."""

from __future__ import annotations

import numpy as np

from ..errors import InvalidPose
from ..types import Canvas
from .sequence import PoseSequence
from .tables import LAYOUTS, Layout, fitting


def from_layout(xy: np.ndarray, score: np.ndarray, layout: str, canvas: Canvas, fps: float) -> PoseSequence:
    """Poses from the points that another net or data set gives.

    Args:
        xy: [T, K, 2] pixels of ``canvas``.
        score: [T, K] in 0..1; 0 where the point is missing.
        layout: a name in ``tables.LAYOUTS``; K is its count.

    Returns:
        COCO-WholeBody poses; points that the layout lacks score 0.
    """
    table = _table(layout)
    xy, score = np.asarray(xy, np.float32), np.asarray(score, np.float32)
    if xy.ndim != 3 or xy.shape[2] != 2 or score.shape != xy.shape[:2]:
        raise InvalidPose(f"Expected points [T, K, 2] and scores [T, K], got {list(xy.shape)} and {list(score.shape)}.")
    check_count(xy.shape[1], layout)
    places = np.array(table.places)
    known = places >= 0
    return PoseSequence(xy[:, places] * known[:, None], score[:, places] * known, canvas, fps)


def to_layout(poses: PoseSequence, layout: str) -> tuple[np.ndarray, np.ndarray]:
    """xy [T, K, 2] pixels and score [T, K] in another order.

    Neck and middle of the hips lie between their neighbours and score as the weaker one. What cannot be told from
    our 133 points is 0 with score 0.
    """
    sources = _table(layout).sources
    xy = np.zeros((len(poses), len(sources), 2), np.float32)
    score = np.zeros((len(poses), len(sources)), np.float32)
    for point, parts in enumerate(sources):
        if parts:
            xy[:, point] = poses.xy[:, parts].mean(1)
            score[:, point] = poses.score[:, parts].min(1)
    return xy, score


def check_count(count: int, layout: str) -> None:
    """Refuse a number of points that ``layout`` does not have, and name the layouts that do."""
    wanted = _table(layout).count
    if count != wanted:
        others = " or ".join(fitting(count))
        advice = f"{count} points fit {others}." if others else f"No known layout has {count} points."
        raise InvalidPose(f"{layout} has {wanted} points, got {count}. {advice}")


def _table(layout: str) -> Layout:
    if layout not in LAYOUTS:
        raise InvalidPose(f"Unknown point layout {layout!r}; known are {', '.join(LAYOUTS)}.")
    return LAYOUTS[layout]

"""How fast, how jerky and how loose in its bones a motion is, to be compared with real motion."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence
from .motion_rivals import SHOULDERS, neck

BODY = np.r_[coco.BODY_SLICE, coco.FEET_SLICE]


def speed(poses: PoseSequence, height: float) -> float:
    """Mean way of body joints, body heights per frame; NaN where none is seen twice in a row."""
    return _bend(poses, height, 1)


def jerk(poses: PoseSequence, height: float) -> float:
    """Mean third difference of body joints, body heights per frame cubed."""
    return _bend(poses, height, 3)


def _bend(poses: PoseSequence, height: float, order: int) -> float:
    moved = np.linalg.norm(np.diff(poses.xy, n=order, axis=0), axis=-1) / height
    seen = np.all(np.lib.stride_tricks.sliding_window_view(poses.visible, order + 1, 0), axis=-1)
    return _mean(moved[:, BODY][seen[:, BODY]])


def bone_jitter(poses: PoseSequence, height: float) -> float:
    """Mean second difference of the bones' lengths, body heights per frame squared: foreshortening is smooth."""
    points = np.concatenate([poses.xy, neck(poses)[:, None]], 1)
    seen = np.concatenate([poses.visible, np.all(poses.visible[:, SHOULDERS], axis=1, keepdims=True)], 1)
    at = {**coco.INDEX, "neck": coco.COUNT}
    child, parent = (list(column) for column in zip(*((at[a], at[b]) for a, b in coco.BONES), strict=True))
    long = np.linalg.norm(points[:, child] - points[:, parent], axis=-1) / height
    both = seen[:, child] & seen[:, parent]
    return _mean(np.abs(np.diff(long, n=2, axis=0))[both[2:] & both[1:-1] & both[:-2]])


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


Measure = Callable[[PoseSequence, float], float]
"""(poses, height of the person in pixels) -> a number."""
MEASURES: dict[str, Measure] = {
    "speed_ratio": speed,
    "jerk_ratio": jerk,
    "bone_ratio": bone_jitter,
}
"""A name in the result -> what is divided by the same of real motion."""

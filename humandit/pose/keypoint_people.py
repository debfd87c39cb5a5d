"""One person of a POSE_KEYPOINT frame to and from COCO-WholeBody's 133 points."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidPose
from . import skeleton as coco
from .openpose import BODY_18, body_17, body_18
from .sequence import VISIBLE
from .tables import BODY_25

EYES = (BODY_18.index("right_eye"), BODY_18.index("left_eye"))
"""The last two of the 70 face points repeat these body points."""
PARTS = {
    "hand_left_keypoints_2d": (coco.LEFT_HAND_SLICE, (21,)),
    "hand_right_keypoints_2d": (coco.RIGHT_HAND_SLICE, (21,)),
    "face_keypoints_2d": (coco.FACE_SLICE, (68, 70)),
    "foot_keypoints_2d": (coco.FEET_SLICE, (6,)),
}
"""Field -> (its place among the 133 points, how many points it may have)."""
FURTHEST = 1e6
"""A coordinate beyond this is no pixel."""


def person_to(xy: np.ndarray, score: np.ndarray, binary: bool) -> dict[str, list[float] | None]:
    """One person's fields. ``binary`` writes confidences 1 or 0, else real scores and the feet."""
    points, scores = body_18(xy, score)
    face = np.concatenate([xy[coco.FACE_SLICE], points[list(EYES)]])
    face_scores = np.concatenate([score[coco.FACE_SLICE], scores[list(EYES)]])
    fields: dict[str, list[float] | None] = {"pose_keypoints_2d": _flat(points, scores, binary)}
    for name, (part, _) in PARTS.items():
        values = (face, face_scores) if name.startswith("face") else (xy[part], score[part])
        seen = (score[part] >= VISIBLE).any()
        fields[name] = _flat(*values, binary) if seen else None
    if binary:
        del fields["foot_keypoints_2d"]
    return fields


def person_from(person: Any, frame: int) -> tuple[np.ndarray, np.ndarray]:
    """[133, 2] coordinates as they stand and [133] scores; parts that are absent score 0."""
    if not isinstance(person, dict):
        raise InvalidPose(f"Frame {frame}: a person must be a dictionary, got {type(person).__name__}.")
    xy, score = np.zeros((coco.COUNT, 2)), np.zeros(coco.COUNT)
    body = _points(person, "pose_keypoints_2d", (len(BODY_18), len(BODY_25)), frame)
    if body is not None and len(body) == len(BODY_25):
        for row, name in zip(body, BODY_25, strict=True):
            if name in coco.INDEX:
                xy[coco.INDEX[name]], score[coco.INDEX[name]] = row[:2], row[2]
    elif body is not None:
        xy[coco.BODY_SLICE], score[coco.BODY_SLICE] = body_17(body[:, :2], body[:, 2])
    for name, (part, counts) in PARTS.items():
        points = _points(person, name, counts, frame)
        if points is not None:
            points = points[: part.stop - part.start]
            xy[part], score[part] = points[:, :2], points[:, 2]
    return xy, score


def _flat(xy: np.ndarray, score: np.ndarray, binary: bool) -> list[float]:
    seen = (score >= VISIBLE)[:, None]
    rows = np.concatenate([xy, score[:, None]], 1).astype(np.float64)
    if binary:
        rows = np.where(seen, np.concatenate([xy, np.ones((len(xy), 1))], 1), 0.0)
    return rows.reshape(-1).tolist()


def _points(person: dict, field: str, counts: tuple[int, ...], frame: int) -> np.ndarray | None:
    """[N, 3] x, y, score of one field; None where it is absent, null or empty."""
    value = person.get(field)
    if value is None or (isinstance(value, list | tuple) and not value):
        return None
    wanted = " or ".join(str(3 * count) for count in counts)
    if not isinstance(value, list | tuple) or len(value) not in [3 * count for count in counts]:
        found = len(value) if isinstance(value, list | tuple) else type(value).__name__
        raise InvalidPose(f"Frame {frame}: {field} needs {wanted} numbers (x, y, score each), got {found}.")
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < FURTHEST for v in value):
        raise InvalidPose(f"Frame {frame}: {field} must hold finite numbers below {FURTHEST:g}.")
    points = np.array(value, np.float64).reshape(-1, 3)
    if points[:, 2].min() < 0 or points[:, 2].max() > 1.1:
        low, high = points[:, 2].min(), points[:, 2].max()
        raise InvalidPose(f"Frame {frame}: scores of {field} lie in 0..1, got {low:g}..{high:g}.")
    points[:, 2] = points[:, 2].clip(0, 1)
    return points

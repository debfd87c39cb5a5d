"""OpenPose's 18 body points and the way between them and COCO-WholeBody. The neck is the midpoint of the shoulders."""

from __future__ import annotations

import numpy as np

from . import skeleton as coco

BODY_18 = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear",
)  # fmt: skip
"""Names of OpenPose's body points, in its order (Cao et al. 2019; the layout of every public pose video)."""

NECK = BODY_18.index("neck")
_HERE = [i for i in range(len(BODY_18)) if i != NECK]
_THERE = [coco.INDEX[BODY_18[i]] for i in _HERE]
_SHOULDERS = [coco.INDEX["left_shoulder"], coco.INDEX["right_shoulder"]]


def body_18(xy: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """OpenPose body of one frame.

    Args:
        xy: [133, 2] COCO-WholeBody points, any unit.
        score: [133].

    Returns:
        [18, 2] points and [18] scores; the neck scores as its weaker shoulder.
    """
    points, scores = np.zeros((len(BODY_18), 2), np.float32), np.zeros(len(BODY_18), np.float32)
    points[_HERE], scores[_HERE] = xy[_THERE], score[_THERE]
    points[NECK], scores[NECK] = xy[_SHOULDERS].mean(0), score[_SHOULDERS].min()
    return points, scores


def body_17(points: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 17 COCO body points [17, 2] and scores [17] of an OpenPose body; its neck is dropped."""
    xy, score = np.zeros((17, 2), np.float32), np.zeros(17, np.float32)
    xy[_THERE], score[_THERE] = points[_HERE], scores[_HERE]
    return xy, score

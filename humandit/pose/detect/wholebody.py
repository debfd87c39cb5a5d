"""From MediaPipe's points to COCO-WholeBody 133: tables, and the one function that applies them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import skeleton as coco

BODY_POINTS = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""BlazePose index of each of the 17 body points."""

FEET_POINTS = (31, 31, 29, 32, 32, 30)
"""BlazePose index of big toe, small toe, heel (left, right). It has no small toe: that one scores 0."""
SMALL_TOES = (coco.INDEX["left_small_toe"], coco.INDEX["right_small_toe"])

FACE_POINTS = (
    162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389,
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
    168, 197, 5, 4, 98, 97, 2, 326, 327,
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87,
)  # fmt: skip
"""Vertex of the 468-point face mesh for each of the 68 face points."""

FACE_ON_BODY = ((0, (4,)), (1, (263, 362)), (2, (33, 133)))
"""Body point -> the mesh vertices whose mean it is: nose tip, left and right eye. The mesh places them better."""


@dataclass(frozen=True)
class Part:
    """Points of one part in pixels [N, 2] with one score each [N]."""

    xy: np.ndarray
    score: np.ndarray


def whole_body(body: Part, left: Part | None, right: Part | None, face: Part | None, size: tuple[int, int]) -> Part:
    """133 points. A part that was not found stays at its root (wrist, nose) with score 0.

    Args:
        body: 33 BlazePose points.
        left, right: 21 hand points each, same order as COCO-WholeBody.
        face: 468 mesh points; where they are found they also place nose and eyes.
        size: frame width and height; a point outside the frame is not seen and scores 0.
    """
    xy, score = np.zeros((coco.COUNT, 2)), np.zeros(coco.COUNT)
    xy[:23], score[:23] = body.xy[[*BODY_POINTS, *FEET_POINTS]], body.score[[*BODY_POINTS, *FEET_POINTS]]
    score[list(SMALL_TOES)] = 0
    parts = (
        (coco.FACE_SLICE, face, xy[coco.INDEX["nose"]], list(FACE_POINTS)),
        (coco.LEFT_HAND_SLICE, left, xy[coco.INDEX["left_wrist"]], slice(None)),
        (coco.RIGHT_HAND_SLICE, right, xy[coco.INDEX["right_wrist"]], slice(None)),
    )
    for where, part, root, pick in parts:
        xy[where] = root if part is None else part.xy[pick]
        score[where] = 0 if part is None else part.score[pick]
    if face is not None:
        for point, vertices in FACE_ON_BODY:
            xy[point] = face.xy[list(vertices)].mean(0)
    inside = ((xy >= 0) & (xy < size)).all(1)
    return Part(xy, np.where(inside, np.clip(score, 0, 1), 0))

"""How much poses tremble: the mean second difference of their keypoints, relative to the person's size."""

from __future__ import annotations

import numpy as np

from . import skeleton as coco
from .sequence import PoseSequence

PARTS = {
    "body": np.r_[coco.BODY_SLICE, coco.FEET_SLICE],
    "hands": np.r_[coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE],
    "face": np.r_[coco.FACE_SLICE],
}


def body_size(poses: PoseSequence) -> float:
    """Median diagonal of the box around the seen body points, pixels; the canvas' side where no body is seen."""
    sizes = [
        float(np.linalg.norm(np.ptp(points[seen], axis=0)))
        for points, seen in zip(poses.xy[:, coco.BODY_SLICE], poses.visible[:, coco.BODY_SLICE], strict=True)
        if seen.sum() > 1
    ]
    return max(float(np.median(sizes)), 1.0) if sizes else float(poses.canvas.square)


def jitter(poses: PoseSequence) -> dict[str, float]:
    """Part -> mean length of x[t+1] - 2 x[t] + x[t-1] in percent of the body's size, over joints seen in all three
    frames; parts that are never seen so long are left out."""
    bend = np.linalg.norm(np.diff(poses.xy, n=2, axis=0), axis=-1)
    seen = poses.visible[:-2] & poses.visible[1:-1] & poses.visible[2:]
    size = body_size(poses)
    report = {}
    for part, joints in PARTS.items():
        values = bend[:, joints][seen[:, joints]]
        if values.size:
            report[part] = 100 * float(values.mean()) / size
    return report


def jitter_text(before: dict[str, float], after: dict[str, float]) -> str:
    """One line: each part's jitter before and after."""
    parts = [f"{part} {before[part]:.2f} -> {after[part]:.2f} %" for part in before if part in after]
    return "Jitter of body size per frame²: " + (", ".join(parts) or "too few frames to tell")

"""How tall somebody is, told from the bones that are seen: the unit of energies and of what refining changes."""

from __future__ import annotations

import math

import numpy as np

from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence
from .energy import SHOULDERS

SHARES = {
    ("elbow", "shoulder"): 0.168, ("wrist", "elbow"): 0.154, ("hip", "neck"): 0.323, ("knee", "hip"): 0.240,
    ("ankle", "knee"): 0.242,
}  # fmt: skip
"""Bones of either side -> their length over the height from soles to eyes: medians of 60 films of training."""
WIDTH = 0.186
"""The same of the way from shoulder to shoulder."""
LONGEST = 0.9
"""Quantile over the frames that counts as a bone's length."""
BELIEVED = 0.75
"""Quantile over the bones, above the middle: seen from ahead, a bone is only ever too short."""


def height_of(poses: PoseSequence) -> float:
    """Height in pixels from soles to eyes, also of a body that is seen in part; NaN where no bone is seen.

    On 60 held-out films of 3 seconds nine in ten are at most 5 % off, of single frames too.
    """
    points = np.concatenate([poses.xy, poses.xy[:, SHOULDERS].mean(1, keepdims=True)], 1)
    seen = np.concatenate([poses.visible, poses.visible[:, SHOULDERS].all(1, keepdims=True)], 1)
    heights = [
        float(np.quantile(np.linalg.norm(points[both, a] - points[both, b], axis=-1), LONGEST)) / share
        for a, b, share in _bones()
        if (both := seen[:, a] & seen[:, b]).any()
    ]
    return max(float(np.quantile(heights, BELIEVED)), 1.0) if heights else math.nan


def _bones() -> list[tuple[int, int, float]]:
    at = {**coco.INDEX, "left_neck": coco.COUNT, "right_neck": coco.COUNT}
    sides = ("left", "right")
    limbs = [(at[f"{side}_{a}"], at[f"{side}_{b}"], share) for (a, b), share in SHARES.items() for side in sides]
    return [*limbs, (*SHOULDERS, WIDTH)]  # type: ignore[list-item]

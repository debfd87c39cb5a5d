"""A detector's keypoints against true ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence

PARTS = {
    "body": np.r_[coco.BODY_SLICE, coco.FEET_SLICE],
    "hand": np.r_[coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE],
    "face": np.r_[coco.FACE_SLICE],
}
NEAR = 0.1
"""PCK's reach as a share of the true body's box (its longer side)."""
SEEN = 0.9
"""Score of a true joint that the camera really sees."""


def mean_errors(found: Sequence[PoseSequence], truth: Sequence[PoseSequence]) -> dict[str, float]:
    """Scores over all frames of all films.

    Returns:
        ``body_px``, ``hand_px``, ``face_px``: mean distance in pixels over true joints that are seen and were
        reported; ``*_median_px``: the median; ``*_found``: the share of seen joints that was reported;
        ``body_pck``: share of seen body joints reported within ``NEAR`` of the body's box (unreported ones miss).
    """
    xy, true = (np.concatenate([p.xy for p in poses]) for poses in (found, truth))
    reported, seen = np.concatenate([p.visible for p in found]), np.concatenate([p.score for p in truth]) >= SEEN
    apart = np.linalg.norm(xy - true, axis=-1)
    box = np.ptp(true[:, coco.BODY_SLICE], axis=1).max(-1)
    scores: dict[str, float] = {}
    for part, joints in PARTS.items():
        wanted, both = seen[:, joints], (seen & reported)[:, joints]
        if wanted.any():
            scores[f"{part}_found"] = float(both.sum() / wanted.sum())
        if both.any():
            scores[f"{part}_px"] = float(apart[:, joints][both].mean())
            scores[f"{part}_median_px"] = float(np.median(apart[:, joints][both]))
    body = PARTS["body"]
    hit = (apart <= NEAR * box[:, None])[:, body] & reported[:, body] & seen[:, body]
    scores["body_pck"] = float(hit.sum() / max(seen[:, body].sum(), 1))
    return scores

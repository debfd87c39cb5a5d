"""PCK of body, hands and face: how many of the true points a detector finds again in a film.

The body counts as in :mod:`.pose`: within 0.1 of the body's box. A hand's point must lie within 0.2 of the box of that
hand, the reach that OneHand10K and Panoptic hands are scored with (``PCKAccuracy`` on bounding boxes in
open-mmlab/mmpose); a face's point within 0.1 of the face's box, as 300-W counts failures beyond a tenth, of the
distance of the eyes there. Boxes are measured by their longer side. Points that the camera does not see do not count;
a point that the detector does not report is a miss.
"""

from __future__ import annotations

import numpy as np

from ..errors import InvalidPose
from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence
from .detectors import SEEN
from .pose import hits

HAND_WITHIN, FACE_WITHIN = 0.2, 0.1
FEWEST = 5
"""A hand or face of which the camera sees fewer points has no box to measure by."""
PARTS = {
    "hand": ((coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE), HAND_WITHIN),
    "face": ((coco.FACE_SLICE,), FACE_WITHIN),
}
NAMES = ("body", *PARTS)

Counts = dict[str, np.ndarray]
"""Part ("body", "hand", "face") -> [T, 2] points found and points to find in every frame."""


def part_counts(found: PoseSequence, truth: PoseSequence) -> Counts:
    """Points of ``found`` that are right, and those to find, frame by frame; both of the same frames."""
    if len(found) != len(truth):
        raise InvalidPose(f"Poses of the same frames are compared, got {len(found)} and {len(truth)} frames.")
    found = found.resized(truth.canvas)
    body = [hits(found[slice(t, t + 1)], truth[slice(t, t + 1)]) for t in range(len(truth))]
    parts = {name: sum(_counts(found, truth, joints, within) for joints in slices)
             for name, (slices, within) in PARTS.items()}  # fmt: skip
    return {"body": np.array(body).reshape(-1, 2), **parts}  # type: ignore[dict-item]


def _counts(found: PoseSequence, truth: PoseSequence, joints: slice, within: float) -> np.ndarray:
    seen = truth.score[:, joints] >= SEEN
    seen &= (seen.sum(1) >= FEWEST)[:, None]
    xy = truth.xy[:, joints].astype(np.float64)
    low, high = (np.where(seen[..., None], xy, edge) for edge in (np.inf, -np.inf))
    box = np.where(seen.any(1), (high.max(1) - low.min(1)).max(-1), 0)
    away = np.linalg.norm(found.xy[:, joints] - xy, axis=-1)
    right = seen & found.visible[:, joints] & (away <= within * box[:, None])
    return np.stack([right.sum(1), seen.sum(1)], 1)

"""What refining did to the poses that it was given, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence
from .height import height_of

BODY = np.r_[coco.BODY_SLICE, coco.FEET_SLICE]
HANDS = np.r_[coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE]
FACE = np.r_[coco.FACE_SLICE]


@dataclass(frozen=True)
class Changes:
    """How far the joints of each part went, and how many came.

    Attributes:
        body, hands, face: mean way in percent of the person's height over the joints that were seen before; body
            includes the feet. NaN for a part that was never seen, or a person whose height cannot be told.
        filled: joints that were missing before and are seen now, over all frames.
    """

    body: float
    hands: float
    face: float
    filled: int


def changes(before: PoseSequence, after: PoseSequence) -> Changes:
    """From ``before`` to ``after``, which are as long; ``before`` is brought to the canvas of ``after``."""
    before = before.resized(after.canvas)
    height, way = height_of(before), np.linalg.norm(after.xy - before.xy, axis=-1)

    def percent(part: np.ndarray) -> float:
        seen = before.visible[:, part] & after.visible[:, part]
        return 100 * float(way[:, part][seen].mean()) / height if seen.any() else float("nan")

    filled = int((after.visible & ~before.visible).sum())
    return Changes(percent(BODY), percent(HANDS), percent(FACE), filled)

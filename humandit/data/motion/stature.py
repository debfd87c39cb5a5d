"""How tall a filmed person is in the picture, from whatever of them is seen."""

from __future__ import annotations

import numpy as np

from ...errors import InvalidPose
from ...pose import skeleton as coco
from ...pose.adapt.robust import weighted_quantile
from ...pose.sequence import PoseSequence

SHOULDERS, HIPS, EYES = (("left_" + part, "right_" + part) for part in ("shoulder", "hip", "eye"))
PARTS = (
    (SHOULDERS, HIPS, 0.317, 3.0),
    (SHOULDERS, EYES, 0.14, 1.0),
    (SHOULDERS[:1], SHOULDERS[1:], 0.185, 0.5),
    *(((f"{side}_hip",), (f"{side}_knee",), 0.246, 2.0) for side in ("left", "right")),
    *(((f"{side}_knee",), (f"{side}_ankle",), 0.249, 2.0) for side in ("left", "right")),
    *(((f"{side}_shoulder",), (f"{side}_elbow",), 0.172, 1.0) for side in ("left", "right")),
    *(((f"{side}_elbow",), (f"{side}_wrist",), 0.159, 1.0) for side in ("left", "right")),
)
"""From the middle of some joints to that of others: its length as a share of the height from soles to eyes (median
over bodies of training, long as in ``LONG``), and how far it is trusted."""
LONG = 0.9
"""Quantile of a part's length over time: foreshortening only shortens."""
TYPICAL = 0.6
"""Quantile of the parts' opinions."""
OFTEN = 0.5
"""Share of the frames from which a part that is seen counts in full."""


def estimated_height(poses: PoseSequence) -> float:
    """Height of the person from soles to eyes, pixels, as in :class:`.films.Film`; legs need not be seen.

    Raises:
        InvalidPose: not one of ``PARTS`` is seen in any frame.
    """
    opinions, weights = [], []
    for near, far, share, trust in PARTS:
        seen = poses.visible[:, _numbers(near + far)].all(1)
        if seen.any():
            length = np.linalg.norm(_middle(poses, near) - _middle(poses, far), axis=-1)[seen]
            opinions.append(np.quantile(length, LONG) / share)
            weights.append(trust * min(float(seen.mean()) / OFTEN, 1))
    height = weighted_quantile(np.array(opinions), np.array(weights), TYPICAL) if opinions else 0.0
    if not height > 0:
        raise InvalidPose("The poses show no part of a body whose length tells how tall the person is.")
    return height


def _numbers(names: tuple[str, ...]) -> list[int]:
    return [coco.INDEX[name] for name in names]


def _middle(poses: PoseSequence, names: tuple[str, ...]) -> np.ndarray:
    return poses.xy[:, _numbers(names)].mean(1)

"""How lively a motion is: one number, measured on any poses, that the Keypoint-DiT can be asked for."""

from __future__ import annotations

import math

import numpy as np

from ..errors import HumanDiTError
from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence

SHOULDERS = [coco.INDEX["left_shoulder"], coco.INDEX["right_shoulder"]]
LIMBS = [coco.INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("elbow", "wrist", "knee", "ankle")]
USUAL, SPREAD = -1.2, 0.87
"""Mean and deviation of log(heights per second) over the films of training."""
MOST = 2.5
"""Energies beyond so many deviations count as that many."""


def energy_of(poses: PoseSequence, height: float) -> float:
    """How fast elbows, wrists, knees and ankles move against the shoulders, in deviations from usual motion.

    A camera that pans or a person who is carried along adds nothing.

    Args:
        poses: two or more. height: of the person, pixels.

    Returns:
        -2.5..2.5, 0 is usual; NaN where no limb is seen twice in a row beside the shoulders.
    """
    seen = poses.visible[:, LIMBS] & poses.visible[:, SHOULDERS].all(1, keepdims=True)
    both = seen[1:] & seen[:-1]
    if not both.any():
        return math.nan
    moved = np.diff(poses.xy[:, LIMBS] - poses.xy[:, SHOULDERS].mean(1, keepdims=True), axis=0)
    speed = float(np.linalg.norm(moved, axis=-1)[both].mean()) * poses.fps / height
    return float(np.clip((math.log(max(speed, 1e-6)) - USUAL) / SPREAD, -MOST, MOST))


def energy_of_share(share: float) -> float:
    """0..1, the share of usual motion that is calmer, as an energy.

    Raises:
        HumanDiTError: a share outside 0..1.
    """
    from scipy.special import ndtri

    if not 0 <= share <= 1:
        raise HumanDiTError(f"Energy lies in 0..1, 0.5 is usual motion, got {share}.")
    return float(np.clip(ndtri(share), -MOST, MOST))


def share_of_energy(energy: float) -> float:
    """The inverse of :func:`energy_of_share`: 0..1, NaN for NaN."""
    from scipy.special import ndtr

    return float(ndtr(energy))

"""Figures that a clip is judged by, from its poses and its pictures. Each has a rule in :mod:`.rules`."""

from __future__ import annotations

import numpy as np

from ...pose import skeleton as coco
from ...pose.jitter import body_size
from ...pose.sequence import PoseSequence
from .shots import apart, histogram
from .subjects import Subject

UPPER = [
    coco.INDEX[name]
    for name in (
        "nose", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"
    )
]  # fmt: skip
"""The upper body."""
HANDS = (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE)
ENOUGH_OF_A_HAND = 0.5
"""Share of its 21 points from which a hand is seen."""
JOINTS = [coco.INDEX["nose"], *range(coco.INDEX["left_shoulder"], coco.BODY_SLICE.stop)]
"""Points whose speed counts: the body without eyes and ears."""
BONES = [(coco.INDEX[a], coco.INDEX[b]) for a, b in coco.BONES if b != "neck" and coco.INDEX[a] in JOINTS]
OFTEN = 0.9
"""Relative speeds count that one frame in ten exceeds: one frame of a hand seen wrongly spoils no film."""
SMALL = 64
"""Side in pixels at which colours are counted."""


def of_crop(subject: Subject) -> dict[str, float]:
    """What is told without looking."""
    side = float(min(subject.crop.width, subject.crop.height))
    return {"frames": float(len(subject.poses)), "side": side, "others": subject.others}


def of_poses(poses: PoseSequence) -> dict[str, float]:
    """What the poses alone tell."""
    return {
        "upper_body_visible": float(poses.visible[:, UPPER].mean()),
        "hands_visible": float(np.mean([hand_seen(poses, hand) for hand in HANDS])),
        "relative_speed": relative_speed(poses),
        "joint_speed": joint_speed(poses),
    }


def of_pictures(frames: np.ndarray, masks: np.ndarray) -> dict[str, float]:
    """What frames [T, H, W, 3] and masks [T, H, W] tell."""
    return {"histogram_variance": histogram_variance(frames), "mask_iou": mask_iou(masks)}


def hand_seen(poses: PoseSequence, hand: slice) -> np.ndarray:
    """[T] bool."""
    return poses.visible[:, hand].mean(1) >= ENOUGH_OF_A_HAND


def relative_speed(poses: PoseSequence) -> float:
    """How far one end of a bone moves against the other from frame to frame, in body sizes: of each frame the fastest
    bone, of all frames the 0.9 quantile (paper App. A.4: "the displacement velocity of one end of the human skeleton
    with respect to the other"; unit and quantile are our reading)."""
    if len(poses) < 2:
        return 0.0
    child, parent = (list(ends) for ends in zip(*BONES, strict=True))
    along = np.diff(poses.xy[:, child] - poses.xy[:, parent], axis=0)
    seen = poses.visible[:, child] & poses.visible[:, parent]
    steps = np.where(seen[1:] & seen[:-1], np.linalg.norm(along, axis=-1), 0)
    return float(np.quantile(steps.max(1), OFTEN)) / body_size(poses)


def joint_speed(poses: PoseSequence) -> float:
    """The largest step of the body from one frame to the next, in body sizes: of each frame the median joint, of all
    frames the largest. A scene that changes moves all joints at once (paper App. A.4; median and unit are ours)."""
    steps = [0.0]
    last, when = poses.xy[0, JOINTS], np.where(poses.visible[0, JOINTS], 0, -1)
    for t in range(1, len(poses)):
        xy, seen = poses.xy[t, JOINTS], poses.visible[t, JOINTS]
        both = seen & (when >= 0)
        if both.sum() > 2:  # a detector often blinks where a scene changes: that must not hide the step
            gap = np.maximum(t - when[both] - 1, 1)
            steps.append(float(np.median(np.linalg.norm(xy[both] - last[both], axis=-1) / gap)))
        last, when = np.where(seen[:, None], xy, last), np.where(seen, t, when)
    return max(steps) / body_size(poses)


def histogram_variance(frames: np.ndarray) -> float:
    """Root mean square distance of the frames' colours from the clip's mean colours, 0..1: flicker, fades and
    dissolves that no cut gave away (paper App. A.3; the distance is half the L1 of histograms, our reading)."""
    import cv2

    counts = np.stack([histogram(cv2.resize(f, (SMALL, SMALL), interpolation=cv2.INTER_AREA)) for f in frames])
    mean = counts.mean(0)
    return float(np.sqrt(np.mean([apart(c, mean) ** 2 for c in counts])))


def mask_iou(masks: np.ndarray) -> float:
    """Mean overlap of the person's mask with that of the next frame, intersection over union, 0..1; 1 for one frame."""
    if len(masks) < 2:
        return 1.0
    both = (masks[1:] & masks[:-1]).sum((1, 2))
    either = (masks[1:] | masks[:-1]).sum((1, 2))
    return float(np.mean(both / np.maximum(either, 1)))

"""PCK: does the person in a film stand in the poses it should? Keypoints are detected again in the result."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

import numpy as np

from ..errors import InvalidPose, NoPersonFound
from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence
from ..types import Canvas

BODY = tuple(i for i in range(coco.BODY_SLICE.start, coco.BODY_SLICE.stop) if i not in coco.EXCLUDED)
"""The 15 keypoints that count: 17 body points without the ears, which the model is never shown."""
WITHIN = 0.1
"""Allowed distance, in longer sides of the box round the true visible body points."""
DETECTOR_SIDE = 256
"""Pixels; smaller frames are enlarged for the detector, which was trained on larger people."""


@runtime_checkable
class Detector(Protocol):
    """What a pose detector offers; see ``humandit.pose.detect``."""

    def detect(self, frames: Iterable[np.ndarray], fps: float) -> PoseSequence: ...


def hits(found: PoseSequence, truth: PoseSequence, within: float = WITHIN) -> tuple[int, int]:
    """(keypoints found within ``within`` of the body box, keypoints to find) over all frames.

    To find: the true visible ones of :data:`BODY`. A keypoint the detector did not see is a miss, as is a frame
    without a person. Frames with fewer than two true visible points have no box and are left out.
    """
    if len(found) != len(truth):
        raise InvalidPose(f"Poses of the same frames are compared, got {len(found)} and {len(truth)} frames.")
    points = list(BODY)
    found = found.resized(truth.canvas)
    right = total = 0
    for t in range(len(truth)):
        seen = truth.visible[t, points]
        if seen.sum() < 2:
            continue
        true_xy = truth.xy[t, points][seen]
        box = float(np.ptp(true_xy, axis=0).max())
        away = np.linalg.norm(found.xy[t, points][seen] - true_xy, axis=-1)
        right += int(((away <= within * box) & found.visible[t, points][seen]).sum())
        total += int(seen.sum())
    return right, total


def pck(found: PoseSequence, truth: PoseSequence, within: float = WITHIN) -> float:
    """Share of true visible body keypoints found within ``within`` of the body box; 0..1. See :func:`hits`."""
    right, total = hits(found, truth, within)
    return right / total if total else 0.0


def redetect(detector: Detector, frames: np.ndarray, fps: float) -> PoseSequence:
    """Poses of uint8 frames [T, H, W, 3], enlarged for the detector, given back on the frames' own canvas.

    Frames with nobody in them have scores of 0; so has a whole film with nobody in it.
    """
    height, width = frames.shape[1:3]
    try:
        found = detector.detect(enlarged(frames), fps)
    except NoPersonFound:
        nothing = np.zeros((len(frames), coco.COUNT, 2), np.float32)
        return PoseSequence(nothing, nothing[..., 0], Canvas(width, height), fps)
    return found.resized(Canvas(width, height))


def enlarged(frames: np.ndarray, side: int = DETECTOR_SIDE) -> np.ndarray:
    """uint8 [T, H, W, 3] -> the same with a shorter side of at least ``side`` pixels, bicubic."""
    height, width = frames.shape[1:3]
    if min(height, width) >= side:
        return frames
    import cv2

    scale = side / min(height, width)
    size = (round(width * scale), round(height * scale))
    return np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_CUBIC) for frame in frames])

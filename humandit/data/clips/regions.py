"""The parts of a frame whose clarity is scored: hands and the mouth, cut out by their keypoints (paper App. A.3)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...pose import skeleton as coco
from ...pose.detect.boxes import Box
from ...pose.sequence import PoseSequence
from .figures import HANDS, hand_seen

SIDE = 64
"""Pixels of a crop, as the scorer takes it."""
STEP = 5
"""Frames from one scored frame to the next (paper App. A.3)."""
MOUTH = slice(coco.FACE_SLICE.start + 48, coco.FACE_SLICE.stop)
ROOM_HAND, ROOM_MOUTH = 1.35, 1.7
"""Side of a crop in sides of the box around its points."""
LEAST_HAND, LEAST_MOUTH = 16.0, 24.0
"""Pixels of the frame in a crop's side, under which nothing can be told of fingers or teeth (our choice)."""


def scored_frames(count: int) -> range:
    """Numbers of the frames that are looked at."""
    return range(0, count, STEP)


def hand_boxes(poses: PoseSequence, frame: int) -> Iterator[Box]:
    """Squares around the hands that are seen in one frame."""
    for hand in HANDS:
        if hand_seen(poses[slice(frame, frame + 1)], hand)[0]:
            yield from _around(poses.xy[frame, hand][poses.visible[frame, hand]], ROOM_HAND, LEAST_HAND)


def mouth_boxes(poses: PoseSequence, frame: int) -> Iterator[Box]:
    """The square around the mouth, if it is seen in one frame."""
    seen = poses.visible[frame, MOUTH]
    if seen.all():
        yield from _around(poses.xy[frame, MOUTH], ROOM_MOUTH, LEAST_MOUTH)


def crops(frame: np.ndarray, boxes: Iterator[Box]) -> list[np.ndarray]:
    """[64, 64, 3] uint8 each."""
    return [box.crop(frame, SIDE, repeat_edge=True) for box in boxes]


def _around(points: np.ndarray, room: float, least: float) -> Iterator[Box]:
    box = Box.around(points).grown(room)
    if box.size >= least:
        yield box

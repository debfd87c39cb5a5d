"""Poses as fine lines at a film's own size: fingers, face, limbs. Dots on every second pixel are too coarse for them.

One channel per finger of either hand, one for the palms, five for the face's contours, one for the limbs; white on
black, a pixel wide and smooth, so that a line tells where it is to a fraction of a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..types import LINE_CHANNELS, Canvas
from . import skeleton as coco
from .sequence import PoseSequence
from .skeleton import SIDES, joint

Path = tuple[int, ...]
"""Joints that one line runs through."""
FRACTION = 4
"""Bits behind the point of coordinates for OpenCV."""
FAR = 4.0
"""Canvas sides from the origin beyond which a joint is a detector's fault and would overflow OpenCV's integers."""


def _fingers(hand: int) -> list[Path]:
    """Thumb to little finger from the wrist, then the knuckles, of the hand whose first joint that is."""
    fingers = [(hand, *range(hand + first, hand + first + 4)) for first in range(1, 21, 4)]
    return [*fingers, tuple(hand + knuckle for knuckle in (5, 9, 13, 17))]


def _face(*parts: tuple[int, int, bool]) -> list[Path]:
    """Contours of the face's points from each first to each last, closed ones to the first again."""
    begin = coco.FACE_SLICE.start
    return [
        (*range(begin + first, begin + last + 1), *([begin + first] if closed else [])) for first, last, closed in parts
    ]


def _limbs(side: str) -> list[Path]:
    arm = tuple(joint(side, name) for name in ("shoulder", "elbow", "wrist"))
    leg = tuple(joint(side, name) for name in ("shoulder", "hip", "knee", "ankle"))
    return [arm, leg, tuple(joint(side, name) for name in ("heel", "ankle", "big_toe"))]


def _between(name: str) -> Path:
    left, right = (joint(side, name) for side in SIDES)
    return left, right


LINES: tuple[list[Path], ...] = (
    *(list(pair) for pair in zip(_fingers(coco.LEFT_HAND_SLICE.start), _fingers(coco.RIGHT_HAND_SLICE.start),
                                 strict=True)),
    _face((0, 16, False)),
    _face((17, 21, False), (22, 26, False)),
    _face((27, 30, False), (31, 35, False)),
    _face((36, 41, True), (42, 47, True)),
    _face((48, 59, True), (60, 67, True)),
    [*_limbs("left"), *_limbs("right"), _between("shoulder"), _between("hip")],
)  # fmt: skip
"""Of every channel the lines: thumbs, index, middle, ring and little fingers, palms; jaw, brows, nose, eyes, lips;
limbs."""


@dataclass(frozen=True)
class LineImages:
    """Lines that are drawn when they are asked for: ``images[start:stop]`` is that part of :func:`draw_lines`'s."""

    poses: PoseSequence
    canvas: Canvas

    def __len__(self) -> int:
        return len(self.poses)

    def __getitem__(self, frames: slice, /) -> torch.Tensor:
        return draw_lines(self.poses[frames], self.canvas)


def draw_lines(poses: PoseSequence, canvas: Canvas) -> torch.Tensor:
    """[T, 12, H, W] uint8 of poses brought to ``canvas``; lines to joints that are not seen are left out."""
    placed = poses.resized(canvas)
    pictures = np.zeros((len(poses), LINE_CHANNELS, canvas.height, canvas.width), np.uint8)
    shown = placed.visible & (np.abs(placed.xy) < FAR * canvas.square).all(-1)
    points = np.round((placed.xy - 0.5) * 2**FRACTION).astype(int)  # OpenCV counts from the middle of a pixel
    for picture, xy, seen in zip(pictures, points, shown, strict=True):
        for channel, paths in zip(picture, LINES, strict=True):
            for path in paths:
                _draw(channel, path, xy, seen)
    return torch.from_numpy(pictures)


def _draw(channel: np.ndarray, path: Path, xy: np.ndarray, seen: np.ndarray) -> None:
    import cv2

    for a, b in zip(path[:-1], path[1:], strict=True):
        if seen[a] and seen[b]:
            cv2.line(channel, xy[a].tolist(), xy[b].tolist(), 255, 1, cv2.LINE_AA, FRACTION)

"""Poses as the coloured stick figures that public pose models expect (the "DWPose look"), drawn by our own code.

Colours and proportions: 18 body points in rainbow order, limbs at 0.6 brightness, hands as thin lines that run
through the hues, face as white dots, on black (recipe: CogVideoX-Fun-V1.1-Pose's training annotator).
"""

from __future__ import annotations

import colorsys

import numpy as np

from ..types import Canvas
from . import skeleton as coco
from .openpose import BODY_18, body_18
from .sequence import VISIBLE, PoseSequence

LIMBS = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13),
    (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
)  # fmt: skip
"""Pairs of the 18 body points, in drawing order; limb i takes hue i."""

COLOURS = tuple(
    tuple(round(255 * channel) for channel in colorsys.hsv_to_rgb(i / 18, 1, 1)) for i in range(len(BODY_18))
)
"""RGB of the 18 body points: the hue circle in 18 steps from red."""

LIMB_BRIGHTNESS = 0.6
STICK = 4
"""Half width of a limb and radius of a joint, pixels on a canvas up to 768 px; grows with larger ones."""
FULL_SIZE = 768


def draw(poses: PoseSequence, canvas: Canvas | None = None) -> np.ndarray:
    """[T, H, W, 3] uint8 RGB pictures of the poses on black.

    Args:
        poses: joints below ``VISIBLE`` are left out.
        canvas: size of the pictures; the poses are stretched to it. None keeps the poses' own.
    """
    poses = poses if canvas is None else poses.resized(canvas)
    size = poses.canvas
    pictures = np.zeros((len(poses), size.height, size.width, 3), np.uint8)
    stick = max(round(STICK * max(size.square / FULL_SIZE, 0.25)), 1)
    for picture, xy, score in zip(pictures, poses.xy, poses.score, strict=True):
        _draw_body(picture, xy, score, stick)
        for part in (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE):
            _draw_hand(picture, xy[part], score[part] >= VISIBLE, stick)
        _draw_dots(picture, xy[coco.FACE_SLICE][score[coco.FACE_SLICE] >= VISIBLE], max(stick * 3 // 4, 1))
    return pictures


def _draw_body(picture: np.ndarray, xy: np.ndarray, score: np.ndarray, stick: int) -> None:
    import cv2

    points, scores = body_18(xy, score)
    seen = scores >= VISIBLE
    for (a, b), colour in zip(LIMBS, COLOURS, strict=False):
        if seen[a] and seen[b]:
            middle, reach = (points[a] + points[b]) / 2, points[b] - points[a]
            axes = (int(np.hypot(*reach) / 2), stick)
            turn = int(np.degrees(np.arctan2(reach[1], reach[0])))
            outline = np.array(cv2.ellipse2Poly(_pixel(middle), axes, turn, 0, 360, 1))
            cv2.fillConvexPoly(picture, outline, tuple(LIMB_BRIGHTNESS * c for c in colour))
    for point, visible, colour in zip(points, seen, COLOURS, strict=True):
        if visible:
            cv2.circle(picture, _pixel(point), stick, colour, -1)


def _draw_hand(picture: np.ndarray, xy: np.ndarray, seen: np.ndarray, stick: int) -> None:
    import cv2

    bones = [(child, parent) for child, parent in enumerate(coco.HAND_PARENTS) if parent >= 0]
    for order, (child, parent) in enumerate(bones):
        if seen[child] and seen[parent]:
            colour = tuple(255 * c for c in colorsys.hsv_to_rgb(order / len(bones), 1, 1))
            cv2.line(picture, _pixel(xy[parent]), _pixel(xy[child]), colour, max(stick // 2, 1))
    for point in xy[seen]:
        cv2.circle(picture, _pixel(point), stick, (0, 0, 255), -1)


def _draw_dots(picture: np.ndarray, xy: np.ndarray, radius: int) -> None:
    import cv2

    for point in xy:
        cv2.circle(picture, _pixel(point), radius, (255, 255, 255), -1)


def _pixel(point: np.ndarray) -> tuple[int, int]:
    """Nearest pixel; far outside is held where OpenCV's fixed-point arithmetic still works."""
    x, y = np.clip(np.round(point), -30_000, 30_000)
    return int(x), int(y)

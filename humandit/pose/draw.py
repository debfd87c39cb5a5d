"""Poses as the coloured stick figures that public pose models expect (the "DWPose look"), drawn by our own code.

Colours and proportions: 18 body points in rainbow order, limbs at 0.6 brightness, hands as thin lines that run
through the hues, face as white dots, on black (recipe: CogVideoX-Fun-V1.1-Pose's training annotator). Coordinates are
cut to whole pixels and all bodies lie under all hands, those under all faces, as there.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import InvalidPose
from ..types import Canvas
from . import skeleton as coco
from .keypoint_frames import together
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
STICK, DOT, LINE, FACE_DOT = 4, 4, 2, 3
"""Pixels in DWPose's own drawing: half width of a limb, radius of a joint, width of a finger, radius of a face dot."""
FULL_SIZE = 768
"""Longer side on which widths that go by size equal DWPose's."""
WIDTHS = ("by size", "dwpose", "xinsir")
"""How wide lines are: growing with the canvas; DWPose's pixels on any canvas (CogVideoX-Fun, MimicMotion and the
preprocessors' default); the same with the wide limbs that xinsir's ControlNets were trained on."""


@dataclass(frozen=True)
class Widths:
    """Half width of a limb, radius of a joint, width of a finger's line, radius of a face dot: pixels, at least 1."""

    stick: int
    dot: int
    line: int
    face: int


def widths(how: str, canvas: Canvas) -> Widths:
    """Pixels of one of ``WIDTHS`` on a canvas."""
    if how == "by size":
        stick = max(round(STICK * max(canvas.square / FULL_SIZE, 0.25)), 1)
        return Widths(stick, stick, max(stick // 2, 1), max(stick * 3 // 4, 1))
    if how not in WIDTHS:
        raise InvalidPose(f"Line widths are one of {', '.join(WIDTHS)}; got {how!r}.")
    wide = how == "xinsir" and canvas.square >= 500
    return Widths(STICK * (min(2 + canvas.square // 1000, 7) if wide else 1), DOT, LINE, FACE_DOT)


def draw(
    poses: PoseSequence | Sequence[PoseSequence], canvas: Canvas | None = None, lines: str = "by size"
) -> np.ndarray:
    """[T, H, W, 3] uint8 RGB pictures of the poses on black.

    Args:
        poses: one person or everybody of a film; joints below ``VISIBLE`` are left out.
        canvas: size of the pictures; the poses are stretched to it. None keeps the poses' own.
        lines: one of ``WIDTHS``.
    """
    people = together(poses)
    size = canvas or people[0].canvas
    wide = widths(lines, size)
    people = [one.resized(size) for one in people]
    pictures = np.zeros((len(people[0]), size.height, size.width, 3), np.uint8)
    for t, picture in enumerate(pictures):
        shown = [(one.xy[t], one.score[t]) for one in people]
        _draw_bodies(picture, [body_18(xy, score) for xy, score in shown], wide)
        for xy, score in shown:
            for part in (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE):
                _draw_hand(picture, xy[part], score[part] >= VISIBLE, wide)
        for xy, score in shown:
            _draw_dots(picture, xy[coco.FACE_SLICE][score[coco.FACE_SLICE] >= VISIBLE], wide.face)
    return pictures


def _draw_bodies(picture: np.ndarray, bodies: Sequence[tuple[np.ndarray, np.ndarray]], wide: Widths) -> None:
    """Everybody's limbs, then everybody's joints."""
    import cv2

    for (a, b), colour in zip(LIMBS, COLOURS, strict=False):
        for points, scores in bodies:
            if min(scores[a], scores[b]) >= VISIBLE:
                middle, reach = (points[a] + points[b]) / 2, points[a] - points[b]
                axes = (int(np.hypot(*reach) / 2), wide.stick)
                turn = int(np.degrees(np.arctan2(reach[1], reach[0])))
                outline = np.array(cv2.ellipse2Poly(_pixel(middle), axes, turn, 0, 360, 1))
                cv2.fillConvexPoly(picture, outline, tuple(LIMB_BRIGHTNESS * c for c in colour))
    for points, scores in bodies:
        for point, score, colour in zip(points, scores, COLOURS, strict=True):
            if score >= VISIBLE:
                cv2.circle(picture, _pixel(point), wide.dot, colour, -1)


def _draw_hand(picture: np.ndarray, xy: np.ndarray, seen: np.ndarray, wide: Widths) -> None:
    import cv2

    bones = [(child, parent) for child, parent in enumerate(coco.HAND_PARENTS) if parent >= 0]
    for order, (child, parent) in enumerate(bones):
        if seen[child] and seen[parent]:
            colour = tuple(255 * c for c in colorsys.hsv_to_rgb(order / len(bones), 1, 1))
            cv2.line(picture, _pixel(xy[parent]), _pixel(xy[child]), colour, wide.line)
    for point in xy[seen]:
        cv2.circle(picture, _pixel(point), wide.dot, (0, 0, 255), -1)


def _draw_dots(picture: np.ndarray, xy: np.ndarray, radius: int) -> None:
    import cv2

    for point in xy:
        cv2.circle(picture, _pixel(point), radius, (255, 255, 255), -1)


def _pixel(point: np.ndarray) -> tuple[int, int]:
    """Whole pixels, cut as DWPose does; far outside is held where OpenCV's fixed-point arithmetic still works."""
    x, y = np.clip(point, -30_000, 30_000)
    return int(x), int(y)

"""Where the person is: masks painted from keypoints, for detectors that give none, and masks made wider."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

import numpy as np

from .. import skeleton as coco
from ..sequence import PoseSequence

ARM, LEG, TRUNK, HEAD, HAND, FOOT = 0.24, 0.32, 0.3, 0.5, 0.3, 0.3
"""Half widths in shoulder breadths, loose clothes and hair included."""
CROWN, FINGERS = 0.6, 0.7
"""How far the head reaches beyond the nose, seen from the neck, and a hand beyond the wrist, seen from the elbow."""
BREADTH = (
    ("left_shoulder", "right_shoulder", 1.0), ("left_shoulder", "left_hip", 0.7), ("right_shoulder", "right_hip", 0.7),
    ("left_elbow", "left_wrist", 1.3), ("right_elbow", "right_wrist", 1.3),
)  # fmt: skip
"""Pairs of joints, and shoulder breadths per distance. The longest counts: pictures only ever shorten."""
EYES = 5.0
"""Shoulder breadths per distance of the eyes, where no body is seen."""
HAIR = 2.5
"""Half width of a head in distances of its eyes: drawn figures have large ones."""
ARMS = (("shoulder", "elbow"), ("elbow", "wrist"))
LEGS = (("hip", "knee"), ("knee", "ankle"))
POINTS = (
    (coco.BODY_SLICE, ARM), (coco.FEET_SLICE, ARM), (coco.LEFT_HAND_SLICE, ARM / 2), (coco.RIGHT_HAND_SLICE, ARM / 2)
)  # fmt: skip
FEET = (("ankle", "big_toe"), ("ankle", "heel"))


@runtime_checkable
class PersonMasks(Protocol):
    """A detector whose nets also cut people out."""

    def person_masks(self, frames: Iterable[np.ndarray], poses: PoseSequence) -> Iterator[np.ndarray]:
        """[H, W] bool for every frame uint8 [H, W, 3]: the person whose pose it is; empty where nobody is seen."""
        ...


def person_masks(poses: PoseSequence) -> Iterator[np.ndarray]:
    """[H, W] bool for every frame: the body painted as thick limbs, which works with every detector."""
    size = poses.canvas
    for xy, seen, breadth in zip(poses.xy, poses.visible, breadths(poses), strict=True):
        mask = np.zeros((size.height, size.width), np.uint8)
        if seen.any():
            _paint(mask, xy, seen, float(breadth))
        yield mask > 0


def cut_out(frames: Iterable[np.ndarray], poses: PoseSequence, detector: object = None) -> Iterator[np.ndarray]:
    """[H, W] bool for every frame: the painted body, and what the detector cuts out where it can: either may miss a
    leg."""
    if not isinstance(detector, PersonMasks):
        yield from person_masks(poses)
        return
    for found, painted in zip(detector.person_masks(frames, poses), person_masks(poses), strict=True):
        yield found | painted


def breadths(poses: PoseSequence) -> np.ndarray:
    """[T] shoulder breadth in pixels; where a frame does not tell, the film's median, or a fifth of the canvas."""
    body = np.max([part * _distance(poses, a, b) for a, b, part in BREADTH], axis=0)
    widest = np.where(body > 0, body, EYES * _distance(poses, "left_eye", "right_eye"))
    usual = float(np.median(widest[widest > 0])) if (widest > 0).any() else poses.canvas.square / 5
    return np.where(widest > 0, widest, usual)


def _distance(poses: PoseSequence, a: str, b: str) -> np.ndarray:
    """[T] pixels between two joints; 0 where one is not seen."""
    i, j = coco.INDEX[a], coco.INDEX[b]
    both = poses.visible[:, i] & poses.visible[:, j]
    return np.where(both, np.linalg.norm(poses.xy[:, i] - poses.xy[:, j], axis=-1), 0.0)


def covered(mask: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """[B] bool: points [B, 2] in pixels of ``mask`` [H, W] that lie on it; those outside the frame do not."""
    column, row = np.floor(np.nan_to_num(xy.T, nan=-1)).astype(np.int64)
    inside = (column >= 0) & (row >= 0) & (column < mask.shape[1]) & (row < mask.shape[0])
    return inside & mask[np.clip(row, 0, mask.shape[0] - 1), np.clip(column, 0, mask.shape[1] - 1)]


def widened(mask: np.ndarray, pixels: int) -> np.ndarray:
    """[H, W] bool grown by ``pixels`` on every side."""
    import cv2

    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return cv2.dilate(mask.astype(np.uint8), disc) > 0


def _paint(mask: np.ndarray, xy: np.ndarray, seen: np.ndarray, breadth: float) -> None:
    for side in ("left", "right"):
        for bones, width in ((ARMS, ARM), (LEGS, LEG), (FEET, FOOT)):
            for bone in bones:
                a, b = (coco.INDEX[f"{side}_{name}"] for name in bone)
                if seen[a] and seen[b]:
                    _limb(mask, xy[a], xy[b], width * breadth)
        wrist, elbow = coco.INDEX[f"{side}_wrist"], coco.INDEX[f"{side}_elbow"]
        if seen[wrist] and seen[elbow]:
            _limb(mask, xy[wrist], xy[wrist] + FINGERS * (xy[wrist] - xy[elbow]), HAND * breadth)
    for part, width in POINTS:
        for point in xy[part][seen[part]]:
            _limb(mask, point, point, width * breadth)
    _paint_trunk(mask, xy, seen, breadth)
    _paint_head(mask, xy, seen, breadth)


def _paint_trunk(mask: np.ndarray, xy: np.ndarray, seen: np.ndarray, breadth: float) -> None:
    """Hulls of shoulders and hips, and of hips and knees: a skirt closes the gap between the legs."""
    for names in (("shoulder", "hip"), ("hip", "knee")):
        joints = [i for i in (coco.INDEX[f"{s}_{n}"] for s in ("left", "right") for n in names) if seen[i]]
        if len(joints) > 1:
            _hull(mask, xy[joints], TRUNK * breadth)


def _paint_head(mask: np.ndarray, xy: np.ndarray, seen: np.ndarray, breadth: float) -> None:
    nose, *eyes = (coco.INDEX[name] for name in ("nose", "left_eye", "right_eye"))
    shoulders = [coco.INDEX["left_shoulder"], coco.INDEX["right_shoulder"]]
    apart = float(np.linalg.norm(xy[eyes[0]] - xy[eyes[1]])) if seen[eyes].all() else 0.0
    radius = max(HEAD * breadth, HAIR * apart)
    if seen[nose] and seen[shoulders].all():
        neck = xy[shoulders].mean(0)
        _limb(mask, neck, xy[nose] + CROWN * (xy[nose] - neck), HEAD * breadth)
    for part in (slice(0, 5), coco.FACE_SLICE):
        if seen[part].any():
            middle = xy[part][seen[part]].mean(0)
            _limb(mask, middle, middle, radius)


def _limb(mask: np.ndarray, a: np.ndarray, b: np.ndarray, radius: float) -> None:
    import cv2

    cv2.line(mask, _pixel(a), _pixel(b), 1, max(round(2 * radius), 1))


def _hull(mask: np.ndarray, points: np.ndarray, radius: float) -> None:
    import cv2

    outline = cv2.convexHull(np.array([_pixel(p) for p in points], np.int32))
    cv2.fillConvexPoly(mask, outline, 1)
    cv2.polylines(mask, [outline], True, 1, max(round(2 * radius), 1))


def _pixel(point: np.ndarray) -> tuple[int, int]:
    """Nearest pixel; far outside is held where OpenCV's fixed-point arithmetic still works."""
    x, y = np.clip(np.round(point), -15_000, 15_000)
    return int(x), int(y)

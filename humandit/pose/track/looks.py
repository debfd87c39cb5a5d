"""What somebody looks like, in a few colours: along the bones of trunk, arms and legs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import skeleton as coco
from ..detect.protocol import Sighting
from ..sequence import VISIBLE

BONES = tuple(
    (coco.INDEX[a], coco.INDEX[b])
    for a, b in (
        ("left_shoulder", "right_hip"), ("right_shoulder", "left_hip"), ("left_shoulder", "right_shoulder"),
        ("left_shoulder", "left_elbow"), ("right_shoulder", "right_elbow"),
        ("left_elbow", "left_wrist"), ("right_elbow", "right_wrist"),
        ("left_hip", "left_knee"), ("right_hip", "right_knee"),
        ("left_knee", "left_ankle"), ("right_knee", "right_ankle"),
    )
)  # fmt: skip
MIRROR = np.array([1, 0, 2, 4, 3, 6, 5, 8, 7, 10, 9])
"""Each bone's partner on the other side."""
ALONG = np.linspace(0.2, 0.8, 5)
"""Where along a bone its colour is read."""
FULL = 60.0
"""Distance in CIE Lab that counts as wholly different."""
PATCH = 5
"""Side of the neighbourhood that each reading averages, pixels."""


@dataclass(frozen=True)
class Looks:
    """Colours [11, 3] in CIE Lab along the bones, and which of them were seen [11]."""

    colours: np.ndarray
    known: np.ndarray

    def mixed(self, newer: Looks, share: float) -> Looks:
        """These looks with a ``share`` of newer ones; a bone seen for the first time is taken whole."""
        both = self.known & newer.known
        weight = np.where(both, share, newer.known.astype(float))[:, None]
        return Looks(self.colours * (1 - weight) + newer.colours * weight, self.known | newer.known)


def looks_of(frame: np.ndarray, sighting: Sighting) -> Looks:
    """The colours of one sighting in its frame, uint8 RGB [H, W, 3]."""
    import cv2

    height, width = frame.shape[:2]
    colours, known = np.zeros((len(BONES), 3)), np.zeros(len(BONES), bool)
    for i, (a, b) in enumerate(BONES):
        if min(sighting.score[a], sighting.score[b]) < VISIBLE:
            continue
        points = sighting.xy[a] + ALONG[:, None] * (sighting.xy[b] - sighting.xy[a])
        patches = [_patch(frame, x, y) for x, y in points if 0 <= x < width and 0 <= y < height]
        if patches:
            pixels = np.concatenate([p.reshape(-1, 3) for p in patches]).astype(np.float32) / 255
            colours[i] = np.median(cv2.cvtColor(pixels[None], cv2.COLOR_RGB2Lab)[0], axis=0)
            known[i] = True
    return Looks(colours, known)


def _patch(frame: np.ndarray, x: float, y: float) -> np.ndarray:
    half = PATCH // 2
    row, column = int(y), int(x)
    return frame[max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1]


def unlike(one: Looks, other: Looks) -> float:
    """How different two looks are, 0..1; 0.25 where no bone was seen in both.

    Sides may be exchanged as a whole: nets take a back for a front and call the left arm right.
    """
    return min(_unlike(one, other), _unlike(one, Looks(other.colours[MIRROR], other.known[MIRROR])))


def _unlike(one: Looks, other: Looks) -> float:
    both = one.known & other.known
    if not both.any():
        return 0.25
    apart = np.linalg.norm(one.colours[both] - other.colours[both], axis=-1)
    return float(np.minimum(apart / FULL, 1).mean())

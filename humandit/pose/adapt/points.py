"""The points that the adapter works on: the 133 and the neck, which of them are parts, and which carries which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import skeleton as coco
from ..sequence import PoseSequence

NECK = coco.COUNT
"""Index of the neck, appended to the 133 points while the adapter works."""
NOSE = coco.INDEX["nose"]
SHOULDERS = [coco.INDEX["left_shoulder"], coco.INDEX["right_shoulder"]]
HEAD = [*range(1, 5), *range(coco.FACE_SLICE.start, coco.FACE_SLICE.stop)]
"""Eyes, ears and the 68 face points: one rigid part on the nose."""
HEAD_PAIRS = ((1, 2), *((coco.FACE_SLICE.start + a, coco.FACE_SLICE.start + b) for a, b in ((36, 45), (27, 8))))
"""What a head is measured by: the eyes, the outer eye corners, nose bridge to chin."""
PALM = (5, 9, 17)
"""Hand points whose distance from the hand's wrist tells its size, open or closed."""
HANDS = (
    (coco.INDEX["left_wrist"], coco.LEFT_HAND_SLICE),
    (coco.INDEX["right_wrist"], coco.RIGHT_HAND_SLICE),
)
PALMS = tuple(tuple((hand.start + k, hand.start) for k in PALM) for _, hand in HANDS)
"""The same as pairs of points, left and right."""
FEET = [coco.INDEX[f"{side}_ankle"] for side in ("left", "right")] + list(
    range(coco.FEET_SLICE.start, coco.FEET_SLICE.stop)
)
"""Ankles, toes and heels."""

Bone = tuple[int, int]
"""(child, parent) indices."""

LIMB_BONES: tuple[Bone, ...] = tuple(
    (coco.INDEX[child], NECK if parent == "neck" else coco.INDEX[parent])
    for child, parent in coco.BONES
    if coco.INDEX[child] not in HEAD
)
"""(child, parent) indices, parents first, without the head's own bones."""
SHORTEST = 1e-3
"""Pixels under which a bone has no direction."""


@dataclass(frozen=True)
class Points:
    """A sequence with its neck.

    Attributes:
        xy: [T, 134, 2] pixels.
        seen: [T, 134] bool.
    """

    xy: np.ndarray
    seen: np.ndarray

    @classmethod
    def of(cls, poses: PoseSequence) -> Points:
        neck = poses.xy[:, SHOULDERS].mean(1, keepdims=True)
        seen = poses.visible[:, SHOULDERS].all(1, keepdims=True)
        xy = np.concatenate([poses.xy, neck], 1).astype(np.float64)
        return cls(xy, np.concatenate([poses.visible, seen], 1))

    def lengths(self, a: int, b: int) -> np.ndarray:
        """Distances [n] of two points in the frames that show both."""
        both = self.seen[:, a] & self.seen[:, b]
        return np.linalg.norm(self.xy[both, a] - self.xy[both, b], axis=-1)

    def filled(self) -> np.ndarray:
        """[T, 134, 2], unseen points interpolated in time; one that is never seen sits on the point that carries it."""
        xy, frames, roots = self.xy.copy(), np.arange(len(self.xy)), carriers()
        for k in [NECK, *(c for c, _ in LIMB_BONES), *(i for i in range(coco.COUNT) if i not in dict(LIMB_BONES))]:
            seen = self.seen[:, k]
            if seen.any():
                for axis in (0, 1):
                    xy[~seen, k, axis] = np.interp(frames[~seen], frames[seen], self.xy[seen, k, axis])
            elif k in roots:
                xy[:, k] = xy[:, roots[k]]
            else:  # a neck that is never seen: the film shows a face alone
                xy[:, k] = xy[:, NOSE] if self.seen[:, NOSE].any() else self.xy[:, k]
        return xy


def carriers() -> dict[int, int]:
    """Point -> the point that carries it."""
    roots = dict(LIMB_BONES) | dict.fromkeys(HEAD, NOSE)
    for wrist, part in HANDS:
        roots |= dict.fromkeys(range(part.start, part.stop), wrist)
    return roots


def mirrored(point: int) -> int:
    """The same point of the other side; points in the middle, and the neck, are their own."""
    return coco.MIRROR[point] if point < coco.COUNT else point


def part_vectors(xy: np.ndarray) -> dict[str, np.ndarray]:
    """What "head" and "hands" are measured by, [T, N, 2] each, from points [T, 133, 2]."""
    pairs = {"head": HEAD_PAIRS, "hands": (*PALMS[0], *PALMS[1])}
    return {part: np.stack([xy[:, a] - xy[:, b] for a, b in ends], 1) for part, ends in pairs.items()}


def limb_vectors(xy: np.ndarray) -> np.ndarray:
    """[T, N, 2] child minus parent of ``LIMB_BONES``, from points [T, 133, 2]."""
    points = np.concatenate([xy, xy[:, SHOULDERS].mean(1, keepdims=True)], 1)
    child, parent = (list(column) for column in zip(*LIMB_BONES, strict=True))
    return points[:, child] - points[:, parent]

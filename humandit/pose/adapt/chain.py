"""From bone to bone: the template's directions, the new lengths (paper §3.4).

Step by step outwards from the neck, ``child = parent + ratio * (child - parent)``. The neck's way is scaled by the
body's ratio; head and hands keep their shape and go along with nose and wrists.
"""

from __future__ import annotations

import numpy as np

from .. import skeleton as coco
from .parts import Build
from .points import HANDS, HEAD, LIMB_BONES, NECK, NOSE, Points


def carried(ref: Points, filled: np.ndarray, build: Build) -> np.ndarray:
    """[T, 134, 2] the template ``filled`` [T, 134, 2] on the new body; the first frame's neck is the reference's."""
    out = filled.copy()
    out[:, NECK] = _neck_home(ref, filled, build.body) + build.body * (filled[:, NECK] - filled[0, NECK])
    for child, parent in LIMB_BONES:
        out[:, child] = out[:, parent] + build.bones[child, parent] * (filled[:, child] - filled[:, parent])
    _move_part(out, filled, HEAD, NOSE, build.head)
    for (wrist, part), ratio in zip(HANDS, build.hands, strict=True):
        _move_part(out, filled, list(range(part.start, part.stop)), wrist, ratio)
    return out


def _neck_home(ref: Points, filled: np.ndarray, body: float) -> np.ndarray:
    """[2] where the first frame's neck goes: the reference's neck, or under its nose where only that is seen."""
    if ref.seen[0, NECK]:
        return ref.xy[0, NECK]
    if ref.seen[0, NOSE]:
        return ref.xy[0, NOSE] + body * (filled[0, NECK] - filled[0, NOSE])
    known = [k for k in range(coco.COUNT) if ref.seen[0, k]]
    return ref.xy[0, known].mean(0) + body * (filled[0, NECK] - filled[0, known].mean(0))


def _move_part(out: np.ndarray, filled: np.ndarray, part: list[int], root: int, ratio: float) -> None:
    """A rigid part (head, hand) carried by its root, in place."""
    out[:, part] = out[:, [root]] + ratio * (filled[:, part] - filled[:, [root]])

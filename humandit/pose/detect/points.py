"""From the points of public pose nets to COCO-WholeBody 133: which is which, and what is missing."""

from __future__ import annotations

import numpy as np

from ...errors import InvalidWeights
from .. import skeleton as coco
from .. import tables
from .wholebody import Part

LAYOUTS = {
    tables.LAYOUTS[name].count: tables.LAYOUTS[name].places
    for name in ("coco-17", "halpe-26", "coco-wholebody", "sapiens-308")
}
"""Number of points of a net -> [133] the index of each COCO-WholeBody point among them; -1 for none."""

_ROOTS = np.arange(coco.COUNT)
_ROOTS[coco.FACE_SLICE] = coco.INDEX["nose"]
for _side, _hand in (("left", coco.LEFT_HAND_SLICE), ("right", coco.RIGHT_HAND_SLICE)):
    _ROOTS[_hand] = coco.INDEX[f"{_side}_wrist"]
    for _point in ("big_toe", "small_toe", "heel"):
        _ROOTS[coco.INDEX[f"{_side}_{_point}"]] = coco.INDEX[f"{_side}_ankle"]


def checked_count(count: int, name: str) -> int:
    """``count`` itself.

    Raises:
        InvalidWeights: no known net has so many points.
    """
    if count not in LAYOUTS:
        known = ", ".join(str(number) for number in LAYOUTS)
        raise InvalidWeights(f"{name} finds K = {count} points; known are nets with K = {known}. Choose another file.")
    return count


def to_wholebody(xy: np.ndarray, score: np.ndarray, size: tuple[int, int]) -> Part:
    """133 points of [K, 2] pixels and [K] scores. One the net does not know stays at its root with score 0.

    Args:
        size: frame width and height; a point outside the frame is not seen and scores 0.
    """
    index = np.array(LAYOUTS[len(xy)])
    known = index >= 0
    found = xy[np.where(known, index, 0)].astype(np.float64)
    place = np.where(known[:, None], found, found[_ROOTS])
    inside = ((place >= 0) & (place < size)).all(1)
    return Part(place, np.where(known & inside, score[index], 0.0))

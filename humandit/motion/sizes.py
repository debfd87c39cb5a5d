"""How large hands and face are drawn: what tells a hand of the wrong size, whatever its fingers do."""

from __future__ import annotations

import torch
from torch import Tensor

from ..pose import skeleton as coco

SIZES = 6
"""Numbers per frame that :func:`sizes` gives."""
LEAST, MOST = 0.01, 1.5
"""Shortest mean bone that counts, and the largest logarithm of a ratio."""


def _hand(part: slice) -> list[tuple[int, int]]:
    return [(part.start + i, part.start + parent) for i, parent in enumerate(coco.HAND_PARENTS) if parent >= 0]


def _face() -> list[tuple[int, int]]:
    """The jaw's line, then brows, nose, eyes and mouth in their order."""
    return [(i + 1, i) for i in range(coco.FACE_SLICE.start, coco.FACE_SLICE.stop - 1)]


PARTS = (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE, coco.FACE_SLICE)
BONES = (_hand(coco.LEFT_HAND_SLICE), _hand(coco.RIGHT_HAND_SLICE), _face())


def sizes(path: Tensor, prefix_frames: int) -> Tensor:
    """[B, T, 2K] in model space -> [B, T, 6]: logarithms of the mean bone of left hand, right hand and face, and of its
    ratio to the last prefix frame's; 0 where a part is absent."""
    places = path.unflatten(-1, (-1, 2))
    means = [(places[:, :, child] - places[:, :, parent]).norm(dim=-1).mean(-1) for child, parent in _columns()]
    size = torch.stack(means, -1)
    there, own = size > LEAST, size.clamp_min(LEAST).log()
    at = max(prefix_frames - 1, 0)
    ratio = (own - own[:, at : at + 1]).clamp(-MOST, MOST) * there[:, at : at + 1]
    return torch.cat([own, ratio], -1) * there.repeat(1, 1, 2)


def to_first_size(path: Tensor, size: Tensor, prefix_frames: int) -> Tensor:
    """[B, T, 2K] from ``path`` to one whose hands and face are as large as in the last prefix frame, over all frames;
    ``size`` is that of :func:`sizes`. 0 for all other points."""
    ratio = size[:, prefix_frames:, SIZES // 2 :]
    factor = ratio.median(1).values.neg().expm1() if ratio.shape[1] else size.new_zeros(len(size), SIZES // 2)
    way = torch.zeros_like(path).unflatten(-1, (-1, 2))
    for part, of_part in zip(PARTS, factor.unbind(-1), strict=True):
        way[:, :, part] = path.unflatten(-1, (-1, 2))[:, :, part] * of_part[:, None, None, None]
    return way.flatten(-2)


def _columns() -> list[tuple[list[int], list[int]]]:
    return [([child for child, _ in bones], [parent for _, parent in bones]) for bones in BONES]

"""The straight path through what is known, and the ways in which a path is mostly mended.

The Keypoint-DiT tells poses as what must be done to the path: how much each point is scaled about its anchor and
steadied, and what is added. A hand of the wrong size is one number then, and a flying joint another.
"""

from __future__ import annotations

import torch
from torch import Tensor

MENDS = 4
"""Shares per point that :func:`mends` asks for."""
MEDIAN = 9
"""Frames of the running median: flights of up to 4 frames vanish."""
NEAR, FAR = 2.0, 5.0
"""Sigma of the two slow paths, frames."""


def straight_path(points: Tensor, known: Tensor) -> Tensor:
    """[B, T, 2K] in model space and bool [B, T, K] -> [B, T, 2K]: known points as they are, between them straight
    lines in time, held before the first and after the last; 0 for a point that is never known."""
    frames, last = torch.arange(known.shape[1], device=known.device)[:, None], known.shape[1] - 1
    before = torch.where(known, frames, -1).cummax(1).values
    after = torch.where(known, frames, last + 1).flip(1).cummin(1).values.flip(1)
    low = torch.where(before < 0, after, before).clamp(0, last)
    high = torch.where(after > last, before, after).clamp(0, last)
    part = ((frames - low) / (high - low).clamp_min(1)).clamp(0, 1)[..., None]

    places = points.unflatten(-1, (-1, 2)) * known[..., None]
    first, second = (places.gather(1, at[..., None].expand_as(places)) for at in (low, high))
    return (first + (second - first) * part).flatten(-2)


def mends(path: Tensor) -> Tensor:
    """[B, T, 2K] -> [B, T, 2K, MENDS]: what a share of 1 adds to the path. In turn: as much again about the anchor,
    the way to the running median, to the near and to the far slow path."""
    steady = padded(path, MEDIAN // 2).unfold(1, MEDIAN, 1).median(-1).values
    return torch.stack([path, steady - path, slow(path, NEAR) - path, slow(steady, FAR) - path], -1)


def slow(path: Tensor, sigma: float) -> Tensor:
    """[B, T, 2K] averaged over time with a bell of that width, the ends held."""
    reach = round(2.5 * sigma)
    weight = torch.exp(-torch.arange(-reach, reach + 1, device=path.device, dtype=path.dtype).square() / 2 / sigma**2)
    # a sum, not a convolution: mixed precision would round the path itself
    return (padded(path, reach).unfold(1, 2 * reach + 1, 1) * (weight / weight.sum())).sum(-1)


def padded(path: Tensor, frames: int) -> Tensor:
    """``path`` with its first and last frame held for ``frames`` more."""
    first, last = path[:, :1].expand(-1, frames, -1), path[:, -1:].expand(-1, frames, -1)
    return torch.cat([first, path, last], 1)

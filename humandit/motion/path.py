"""The straight path through what is known, and the ways in which a path is mostly mended.

The Keypoint-DiT tells poses as what must be done to the path: how much each point is scaled about its anchor and
steadied, and what is added. A hand of the wrong size is one number then, and a flying joint another.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MENDS = 6
"""Shares per point that :func:`mends` asks for."""
MEDIAN = 9
"""Frames of the running median: flights of up to 4 frames vanish."""
NEAR, FAR = 2.0, 5.0
"""Sigma of the two slow paths, frames."""


@dataclass(frozen=True)
class Gaps:
    """Where a path is known, and between which frames it is not.

    Attributes:
        known: bool [B, T, K].
        low, high: [B, T, K] the known frames around each frame: itself where it is known, one and the same before the
            first and after the last.
    """

    known: Tensor
    low: Tensor
    high: Tensor

    @classmethod
    def of(cls, known: Tensor) -> Gaps:
        frames, last = torch.arange(known.shape[1], device=known.device)[:, None], known.shape[1] - 1
        before = torch.where(known, frames, -1).cummax(1).values
        after = torch.where(known, frames, last + 1).flip(1).cummin(1).values.flip(1)
        low = torch.where(before < 0, after, before).clamp(0, last)
        return cls(known, low, torch.where(after > last, before, after).clamp(0, last))

    @property
    def long(self) -> Tensor:
        """[B, T, K, 1] frames from low to high, at least 1."""
        return (self.high - self.low).clamp_min(1)[..., None]

    @property
    def part(self) -> Tensor:
        """[B, T, K, 1] how far from low to high, 0..1."""
        frames = torch.arange(self.known.shape[1], device=self.known.device)[:, None]
        return ((frames - self.low)[..., None] / self.long).clamp(0, 1)

    def places(self, points: Tensor) -> Tensor:
        """[B, T, 2K] -> [B, T, K, 2], 0 where unknown."""
        return points.unflatten(-1, (-1, 2)) * self.known[..., None]


def straight_path(points: Tensor, gaps: Gaps) -> Tensor:
    """[B, T, 2K] in model space -> [B, T, 2K]: known points as they are, between them straight lines in time, held
    before the first and after the last; 0 for a point that is never known."""
    places = gaps.places(points)
    first, second = _at(places, gaps.low), _at(places, gaps.high)
    return (first + (second - first) * gaps.part).flatten(-2)


def curve(points: Tensor, gaps: Gaps) -> Tensor:
    """[B, T, 2K] from the straight path to the cubic that leaves and enters a gap at the speed of the known frames
    beside it; 0 where all is known.

    Where a gap's end stands alone, as the picture's pose does, its speed is half of what a natural spline would give.
    """
    places, flow = gaps.places(points), gaps.places(points).diff(dim=1, append=gaps.places(points)[:, -1:])
    steady = gaps.known & torch.roll(gaps.known, -1, 1)
    steady[:, -1] = False
    before, after = (gaps.low - 1).clamp_min(0), gaps.high
    chord = (_at(places, gaps.high) - _at(places, gaps.low)) / gaps.long
    has_start = (steady.gather(1, before) & (gaps.low > 0))[..., None]
    has_end = steady.gather(1, after)[..., None]
    start, end = (torch.where(has, _at(flow, at), chord) for has, at in ((has_start, before), (has_end, after)))
    start = torch.where(has_end & ~has_start, (3 * chord - end) / 4, start)
    end = torch.where(has_start & ~has_end, (3 * chord - start) / 4, end)
    s = gaps.part
    bent = s * (1 - s) ** 2 * (start - chord) - s**2 * (1 - s) * (end - chord)
    return (bent * gaps.long).flatten(-2)


def _at(places: Tensor, frames: Tensor) -> Tensor:
    """``places`` [B, T, K, 2] of each point at ``frames`` [B, T, K]."""
    return places.gather(1, frames[..., None].expand_as(places))


def mends(path: Tensor, *others: Tensor) -> Tensor:
    """[B, T, 2K] each -> [B, T, 2K, MENDS]: what a share of 1 adds to the path. In turn: as much again about the
    anchor, the way to the running median, to the near and to the far slow path, and the others: to the curve through
    the gaps, and to the picture's sizes."""
    steady = padded(path, MEDIAN // 2).unfold(1, MEDIAN, 1).median(-1).values
    return torch.stack([path, steady - path, slow(path, NEAR) - path, slow(steady, FAR) - path, *others], -1)


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

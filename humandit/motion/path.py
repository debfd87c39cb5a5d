"""The straight path through what is known: where every point would be if it went evenly from one known place to the
next. The Keypoint-DiT tells poses as the difference to it."""

from __future__ import annotations

import torch
from torch import Tensor


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

"""How frames look: mean and spread of their colours, and their sharpness, brought back to the reference's."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SPREAD_LIMIT = 1.25
"""Largest factor, either way, by which a spread of colours is changed: more would show noise."""
SHARPEST = 1.5
"""Largest amount of sharpening; more draws rims."""


def colour_matched(frames: Tensor, masks: Tensor, reference: Tensor, reference_mask: Tensor, share: float) -> Tensor:
    """Frames whose colours, person and background apart, have mean and spread nearer to the reference's.

    One change per region for all of ``frames``, so that nothing flickers.

    Args:
        frames: [T, H, W, 3] in 0..1.
        masks: [T, H, W], soft, the person in each.
        reference: [H, W, 3], and ``reference_mask`` [H, W].
        share: 0 changes nothing, 1 all.
    """
    changed = torch.zeros_like(frames)
    for now, then in ((masks, reference_mask), (1 - masks, 1 - reference_mask)):
        mean, spread = _statistics(frames, now)
        goal, goal_spread = _statistics(reference[None], then[None])
        factor = (goal_spread / spread.clamp_min(1e-4)).clamp(1 / SPREAD_LIMIT, SPREAD_LIMIT)
        changed += now[..., None] * ((frames - mean) * factor + goal)
    return torch.lerp(frames, changed, share).clamp(0, 1)


def _statistics(frames: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation [3] of the pixels, weighted."""
    weight = weight[..., None].to(frames)
    total = weight.sum().clamp_min(1e-6)
    mean = (frames * weight).sum((0, 1, 2)) / total
    return mean, ((frames - mean).square() * weight).sum((0, 1, 2)).div(total).sqrt()


def sharpness(frames: Tensor) -> float:
    """Root mean square of the difference between neighbouring pixels of [T, H, W, 3]; no unit."""
    down, right = frames[:, 1:] - frames[:, :-1], frames[:, :, 1:] - frames[:, :, :-1]
    return float((down.square().mean() + right.square().mean()).sqrt())


def sharpened(frame: Tensor, reference: Tensor, share: float) -> Tensor:
    """``frame`` [H, W, 3] with ``share`` of the sharpness back that it lost against ``reference``.

    By an unsharp mask of 3 x 3 pixels; a frame that is as sharp passes.
    """
    lost = sharpness(reference[None]) / max(sharpness(frame[None]), 1e-6) - 1
    amount = share * min(max(lost, 0.0), SHARPEST)
    if amount == 0:
        return frame
    planes = F.pad(frame.movedim(-1, 0)[None], (1, 1, 1, 1), mode="replicate")
    soft = F.avg_pool2d(planes, 3, 1)[0].movedim(0, -1)
    return (frame + amount * (frame - soft)).clamp(0, 1)


def background_back(frames: Tensor, masks: Tensor, background: Tensor, known: Tensor) -> Tensor:
    """``frames`` with the background that is known, wherever the person is not.

    What the person covers in the reference is unknown and stays as it was made. So do shadows on the floor near the
    body; farther away they are the reference's.

    Args:
        frames: [T, H, W, 3].
        masks: [T, H, W], soft, the person in each.
        background: [T or 1, H, W, 3], and where it is ``known`` [T or 1, H, W], soft.
    """
    laid = ((1 - masks) * known)[..., None].to(frames)
    return frames * (1 - laid) + background.to(frames) * laid


def cross_faded(old: Tensor, new: Tensor) -> Tensor:
    """From ``old`` to ``new`` [k, H, W, 3], the same k frames made twice."""
    weight = torch.arange(1, len(new) + 1, device=new.device, dtype=new.dtype) / (len(new) + 1)
    return torch.lerp(old.to(new), new, weight[:, None, None, None])

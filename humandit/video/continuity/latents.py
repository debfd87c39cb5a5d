"""Latents of a segment: noise on the one it starts from, and statistics held to the first segment's.

Both layouts are welcome, the library's [F, C, h, w] and the host's [1, C, F, h, w]: channels lie on axis 1 in both.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ...diffusion.sampling import segment_noise

NOISE_SEED = 7919
"""Of the noise on starting latents, which is not the film's own."""


def noisy(prefix: Tensor, index: int, level: float) -> Tensor:
    """``prefix`` with normal noise of ``level`` times its own spread; the same for a segment's index every time."""
    fuzz = segment_noise(NOISE_SEED, index, tuple(prefix.shape)).to(prefix)
    return prefix + level * prefix.std() * fuzz


def statistics(latents: Tensor) -> Tensor:
    """[2, C]: mean and deviation by channel over all but the starting latent."""
    made = _by_channel(latents)[:, _positions(latents) :]
    return torch.stack([made.mean(1), made.std(1)])


def matched(latents: Tensor, goal: Tensor, share: float) -> Tensor:
    """``latents`` whose made frames have statistics nearer to ``goal`` [2, C]; the starting latent stays."""
    (mean, spread), (goal_mean, goal_spread) = statistics(latents), goal.to(latents)
    shape = (1, -1, *(1,) * (latents.ndim - 2))
    moved = (latents - mean.view(shape)) / spread.clamp_min(1e-6).view(shape)
    moved = torch.lerp(latents, moved * goal_spread.view(shape) + goal_mean.view(shape), share)
    frames = 0 if latents.ndim == 4 else 2
    return torch.cat([latents.narrow(frames, 0, 1), moved.narrow(frames, 1, latents.shape[frames] - 1)], frames)


def _by_channel(latents: Tensor) -> Tensor:
    """[C, F*h*w], frame after frame."""
    return latents.movedim(1, 0).flatten(1)


def _positions(latents: Tensor) -> int:
    return latents.shape[-1] * latents.shape[-2]

"""The rival of the chain: a whole film at once, in windows that overlap and agree at every step.

Every window starts from the reference picture, so nothing drifts; memory grows with the film, and nothing can be
shown before all is done. Noise is that of FreeNoise (Qiu et al., ICLR 2024): later windows get the first one's in
another order, which keeps their looks alike.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ...diffusion.samplers import OnStep
from ...diffusion.sampling import Sampling, sample_after, segment_noise
from ..model import HumanDiT
from ..overlap import Overlap, blended, spans


def free_noise(seed: int, frames: int, window: int, shape: tuple[int, ...]) -> Tensor:
    """[1, frames, *shape]: normal noise for the first ``window`` latent frames, the same shuffled for later ones."""
    first = segment_noise(seed, 0, (1, window, *shape))
    rng = torch.Generator().manual_seed(seed)
    parts = [first] + [first[:, torch.randperm(window, generator=rng)] for _ in range(-(-frames // window) - 1)]
    return torch.cat(parts, dim=1)[:, :frames]


@torch.inference_mode()
def sample_in_windows(
    model: HumanDiT,
    prefix: Tensor,
    pose: Tensor,
    sampling: Sampling,
    overlap: Overlap,
    on_step: OnStep = lambda done, total, clean: None,
) -> Tensor:
    """Denoise a film of any length at once.

    Args:
        prefix: the reference's clean latent [1, 1, C, h, w], model space; every window starts from it.
        pose: pose tokens of the whole film [1, 1 + F, h, w, 512], the reference's first.
        overlap: made latent frames of a window, and how many neighbours share.

    Returns:
        [1, 1 + F, C, h, w].
    """
    frames = pose.shape[1] - 1
    windows = spans(frames, overlap)
    length = windows[0].stop
    posed = [model.pose_guider(torch.cat([pose[:, :1], pose[:, 1:][:, w]], 1).to(prefix.dtype)) for w in windows]

    def ask(latents: Tensor, timestep: Tensor, with_pose: bool) -> Tensor:
        first, made = latents[:, :1], latents[:, 1:]
        parts = [
            model(torch.cat([first, made[:, w]], dim=1), timestep, tokens if with_pose else None)[:, 1:]
            for w, tokens in zip(windows, posed, strict=True)
        ]
        return torch.cat([first, blended(parts, windows, overlap.shared, dim=1)], dim=1)

    noise = free_noise(sampling.seed, frames, length, tuple(prefix.shape[2:]))
    return sample_after(prefix, noise.to(prefix), ask, model.config, sampling, on_step)

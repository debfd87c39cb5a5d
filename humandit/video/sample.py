"""Sampling one segment: noise to latents beside a clean prefix."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..diffusion.guidance import POSE_GUIDANCE, guided
from ..diffusion.samplers import OnStep, sampler
from ..diffusion.schedule import Schedule, cogvideox_schedule, trailing_timesteps
from .config import DiTConfig
from .model import HumanDiT


@dataclass(frozen=True)
class Sampling:
    """How to denoise.

    Attributes:
        steps: denoising steps, 1..1000; 20 is a good number.
        guidance: scale on the pose condition (paper §4.1: 1.5; 1 switches it off).
        sampler: "ddim" or "dpm++".
        seed: of the noise; each segment draws its own from (seed, index).
    """

    steps: int = 20
    guidance: float = POSE_GUIDANCE
    sampler: str = "ddim"
    seed: int = 0


def schedule_of(config: DiTConfig) -> Schedule:
    """The noise schedule that a model was trained with."""
    return cogvideox_schedule(config.prediction, config.snr_shift)


def segment_noise(seed: int, index: int, shape: tuple[int, ...]) -> Tensor:
    """Normal noise that depends on seed and segment alone, drawn on the CPU, so every device starts alike."""
    rng = torch.Generator().manual_seed((seed * 1_000_003 + index) % 2**63)
    return torch.randn(shape, generator=rng)


@torch.inference_mode()
def sample_latents(
    model: HumanDiT,
    prefix: Tensor,
    pose: Tensor | None,
    noise: Tensor,
    sampling: Sampling,
    text: Tensor | None = None,
    on_step: OnStep = lambda done, total, clean: None,
) -> Tensor:
    """Denoise a batch of segments.

    Args:
        model: the video DiT.
        prefix: clean latents of the first frame [B, 1, C, h, w], model space.
        pose: pose tokens [B, F, h, w, 512], or None (guidance is then off).
        noise: [B, F-1, C, h, w], standard normal.
        text: [B, L, text_dim] for models that read a prompt.
        on_step: called after each step with the clean estimate [B, F, C, h, w].

    Returns:
        [B, F, C, h, w], the prefix first and untouched.
    """
    schedule = schedule_of(model.config)

    def predict(z: Tensor, t: int, with_pose: bool) -> Tensor:
        timestep = torch.full((z.shape[0],), t, device=z.device)
        output = model(torch.cat([prefix, z], dim=1), timestep, pose if with_pose else None, text)
        return schedule.clean(output[:, prefix.shape[1] :], z, timestep)

    def denoise(z: Tensor, t: int) -> Tensor:
        return guided(lambda with_pose: predict(z, t, with_pose), 1 if pose is None else sampling.guidance)

    def report(done: int, total: int, clean: Tensor) -> None:
        on_step(done, total, torch.cat([prefix, clean], dim=1))

    run = sampler(sampling.sampler)
    rng = torch.Generator().manual_seed(sampling.seed)
    z = run(denoise, noise.to(prefix), trailing_timesteps(sampling.steps), schedule, report, rng)
    return torch.cat([prefix, z], dim=1)

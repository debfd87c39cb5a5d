"""Noise to something that follows a clean prefix: what the video and the motion model share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from .config import TransformerConfig
from .finite import need_finite
from .guidance import POSE_GUIDANCE, guided
from .samplers import OnStep, sampler
from .schedule import TRAIN_STEPS, Schedule, cogvideox_schedule, trailing_timesteps

Ask = Callable[[Tensor, Tensor, bool], Tensor]
"""(prefix and noisy frames [B, F, ...], timestep [B], with the condition?) -> the network's output [B, F, ...]."""
AskBoth = Callable[[Tensor, Tensor], tuple[Tensor, ...]]
"""(prefix and noisy frames, timestep) -> the outputs with and without the condition, from one call."""


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
    guided_from: int = TRAIN_STEPS - 1
    guided_to: int = 0
    cache: float = 0.0

    def guidance_at(self, timestep: int) -> float:
        """The scale at a timestep: ``guidance`` inside the interval, 1 (none) outside."""
        return self.guidance if self.guided_to <= timestep <= self.guided_from else 1


def schedule_of(config: TransformerConfig) -> Schedule:
    """The noise schedule that a model was trained with."""
    return cogvideox_schedule(config.prediction, config.snr_shift)


def segment_noise(seed: int, index: int, shape: tuple[int, ...]) -> Tensor:
    """Normal noise that depends on seed and segment alone, drawn on the CPU, so every device starts alike."""
    rng = torch.Generator().manual_seed((seed * 1_000_003 + index) % 2**63)
    return torch.randn(shape, generator=rng)


def sample_after(
    prefix: Tensor,
    noise: Tensor,
    ask: Ask,
    config: TransformerConfig,
    sampling: Sampling,
    on_step: OnStep,
    ask_both: AskBoth | None = None,
) -> Tensor:
    """Denoise what follows ``prefix``.

    Args:
        prefix: [B, P, ...], clean.
        noise: [B, F - P, ...], standard normal.
        ask: the network.
        config: what its output means.
        sampling: how; a guidance of 1 never asks without the condition.
        on_step: called after each step with the clean estimate [B, F, ...].
        ask_both: asked instead of ``ask`` where the guidance wants both; None to ask twice.

    Returns:
        [B, F, ...], the prefix first and untouched.

    Raises:
        NotFinite: a step came out with numbers that are none.
    """
    schedule = schedule_of(config)

    def denoise(z: Tensor, t: int) -> Tensor:
        film, timestep = torch.cat([prefix, z], dim=1), torch.full((z.shape[0],), t, device=z.device)

        def clean(output: Tensor) -> Tensor:
            return schedule.clean(output[:, prefix.shape[1] :], z, timestep)

        def both(ask_both: AskBoth) -> Iterable[Tensor]:
            return map(clean, ask_both(film, timestep))

        together = None if ask_both is None else partial(both, ask_both)
        return guided(lambda conditioned: clean(ask(film, timestep, conditioned)), sampling.guidance_at(t), together)

    def report(done: int, total: int, clean: Tensor) -> None:
        need_finite(clean, done, total)
        on_step(done, total, torch.cat([prefix, clean], dim=1))

    run = sampler(sampling.sampler)
    rng = torch.Generator().manual_seed(sampling.seed)
    z = run(denoise, noise.to(prefix), trailing_timesteps(sampling.steps), schedule, report, rng)
    return torch.cat([prefix, z], dim=1)

"""Samplers: one short function each, all with the same signature.

``denoise(z, t)`` returns the clean latent that the model sees in ``z`` [B, F, C, h, w] at timestep ``t``.
``on_step(done, total, clean)`` is called after every step; raising inside it stops the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..errors import HumanDiTError
from .schedule import Schedule

Denoise = Callable[[Tensor, int], Tensor]
OnStep = Callable[[int, int, Tensor], None]
Sampler = Callable[[Denoise, Tensor, Sequence[int], Schedule, OnStep, torch.Generator], Tensor]


def _coefficients(schedule: Schedule, timestep: int, like: Tensor) -> tuple[Tensor, Tensor]:
    return schedule.signal_and_noise(torch.tensor([timestep]), like)


def _exactly(schedule: Schedule, timestep: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """The same in float64 for what is computed from them, on the CPU: not every device has such numbers."""
    one = torch.empty([1] * like.ndim, dtype=like.dtype)
    signal, level = _coefficients(schedule, timestep, one)
    return signal.double(), level.double()


def _for(z: Tensor, factor: Tensor) -> Tensor:
    """A factor from the CPU in the type, then at the place, of what it multiplies."""
    return factor.to(z.dtype).to(z.device)


def ddim(
    denoise: Denoise, z: Tensor, timesteps: Sequence[int], schedule: Schedule, on_step: OnStep, rng: torch.Generator
) -> Tensor:
    """DDIM without added noise (Song et al., ICLR 2021); what CogVideoX-Fun and core's euler/simple compute."""
    for i, (t, t_next) in enumerate(zip(timesteps, [*timesteps[1:], -1], strict=True)):
        signal, level = _coefficients(schedule, t, z)
        signal_next, level_next = _coefficients(schedule, t_next, z)
        clean = denoise(z, t)
        noise = (z - signal * clean) / level
        z = signal_next * clean + level_next * noise
        on_step(i + 1, len(timesteps), clean)
    return z


def _looked_back(clean: Tensor, previous: Tensor | None, ratio: Tensor) -> Tensor:
    """The estimate of second order, from this one and the one before; ``ratio`` is of their steps in lambda."""
    if previous is None:
        return clean
    extra = _for(clean, (ratio / 2).nan_to_num(0.0))
    return (1 + extra) * clean - extra * previous


def dpmpp_2m_sde(
    denoise: Denoise, z: Tensor, timesteps: Sequence[int], schedule: Schedule, on_step: OnStep, rng: torch.Generator
) -> Tensor:
    """DPM-Solver++(2M) SDE (Lu et al., 2022), CogVideoX's own choice; formulas of ``CogVideoXDPMScheduler``.

    With lambda = log(signal/noise): the first step starts at lambda = -inf and the last ends at +inf; both
    limits are finite in the form below, because only exp(-h) and 1/r are ever used.
    """
    previous: Tensor | None = None
    h_last = torch.tensor(float("inf"))
    for i, (t, t_next) in enumerate(zip(timesteps, [*timesteps[1:], -1], strict=True)):
        signal, level = _exactly(schedule, t, z)
        signal_next, level_next = _exactly(schedule, t_next, z)
        clean = denoise(z, t)
        h = torch.log(signal_next / level_next) - torch.log(signal / level)
        estimate = _looked_back(clean, previous if t_next >= 0 else None, h / h_last)
        keep = _for(z, level_next / level * torch.exp(-h))
        pull = _for(z, -signal_next * torch.expm1(-2 * h))
        fresh = _for(z, level_next * (-torch.expm1(-2 * h)).sqrt())
        noise = torch.randn(z.shape, generator=rng, dtype=torch.float32).to(z)
        z = keep * z + pull * estimate + fresh * noise
        previous, h_last = clean, h
        on_step(i + 1, len(timesteps), clean)
    return z


def dpmpp_2m(
    denoise: Denoise, z: Tensor, timesteps: Sequence[int], schedule: Schedule, on_step: OnStep, rng: torch.Generator
) -> Tensor:
    """DPM-Solver++(2M) (Lu et al., 2022): DDIM's path in fewer steps, no noise added; ``dpmsolver++`` of diffusers'
    ``DPMSolverMultistepScheduler`` with ``lower_order_final``, which a schedule without a signal at its start needs.
    """
    previous: Tensor | None = None
    h_last = torch.tensor(float("inf"))
    for i, (t, t_next) in enumerate(zip(timesteps, [*timesteps[1:], -1], strict=True)):
        signal, level = _exactly(schedule, t, z)
        signal_next, level_next = _exactly(schedule, t_next, z)
        clean = denoise(z, t)
        h = torch.log(signal_next / level_next) - torch.log(signal / level)
        estimate = _looked_back(clean, previous if t_next >= 0 else None, h / h_last)
        z = _for(z, level_next / level) * z - _for(z, signal_next * torch.expm1(-h)) * estimate
        previous, h_last = clean, h
        on_step(i + 1, len(timesteps), clean)
    return z


SAMPLERS: dict[str, Sampler] = {"ddim": ddim, "dpm++": dpmpp_2m_sde, "dpm++2m": dpmpp_2m}


def sampler(name: str) -> Sampler:
    """The sampler of that name."""
    if name not in SAMPLERS:
        raise HumanDiTError(f"Unknown sampler {name!r}. Choose one of: {', '.join(SAMPLERS)}.")
    return SAMPLERS[name]

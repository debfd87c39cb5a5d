"""The noise schedule, and the one home of noising, training target and its inverse.

CogVideoX's schedule: scaled-linear betas, signal-to-noise shift, rescaled to zero terminal SNR, trailing step
spacing (diffusers ``CogVideoXDDIMScheduler``; Lin et al., "Common Diffusion Noise Schedules…", WACV 2024). At
the last training timestep no signal is left, so the network may predict velocity ("v", as CogVideoX) or the
clean latent ("x0", as the bundled small model), never the noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import HumanDiTError

PREDICTIONS = ("v", "x0")
"""What a network's output may mean: velocity or the clean latent."""
TRAIN_STEPS = 1000


@dataclass(frozen=True)
class Schedule:
    """alpha-bar per training timestep.

    Attributes:
        alpha_bar: [1000] float32, share of signal *power* left at each timestep, falling from ~1 to exactly 0.
        prediction: what the network's output means.
    """

    alpha_bar: Tensor
    prediction: str = "v"

    def signal_and_noise(self, timestep: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """sqrt(alpha_bar) and sqrt(1 - alpha_bar) of ``timestep`` [B], shaped to broadcast over ``like`` [B, …].

        A timestep of -1 stands for the clean end of sampling: signal 1, noise 0.
        """
        table = torch.cat([self.alpha_bar, torch.ones(1)]).to(like.device)
        power = table[timestep.to(like.device)].reshape(-1, *[1] * (like.ndim - 1)).to(torch.float32)
        return power.sqrt().to(like.dtype), (1 - power).sqrt().to(like.dtype)

    def add_noise(self, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """z_t = signal * x0 + noise_level * eps."""
        signal, level = self.signal_and_noise(timestep, clean)
        return signal * clean + level * noise

    def target(self, clean: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """What the network should output for z_t."""
        if self.prediction == "x0":
            return clean
        signal, level = self.signal_and_noise(timestep, clean)
        return signal * noise - level * clean

    def clean(self, output: Tensor, noisy: Tensor, timestep: Tensor) -> Tensor:
        """The clean latent that a network output stands for; the inverse of :meth:`target`."""
        if self.prediction == "x0":
            return output
        signal, level = self.signal_and_noise(timestep, noisy)
        return signal * noisy - level * output


def cogvideox_schedule(prediction: str = "v", snr_shift: float = 1.0) -> Schedule:
    """CogVideoX's zero-terminal-SNR schedule. ``snr_shift`` is 1.0 for 5b and for ours, 3.0 for 2b."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, TRAIN_STEPS, dtype=torch.float64) ** 2
    alpha_bar = torch.cumprod(1 - betas, dim=0)
    alpha_bar = alpha_bar / (snr_shift + (1 - snr_shift) * alpha_bar)
    root = alpha_bar.sqrt()
    root = (root - root[-1]) * root[0] / (root[0] - root[-1])
    return Schedule((root**2).to(torch.float32), prediction)


def trailing_timesteps(steps: int) -> list[int]:
    """``steps`` timesteps from 999 downwards, evenly spaced and ending above 0 ("trailing" in diffusers)."""
    if not 1 <= steps <= TRAIN_STEPS:
        raise HumanDiTError(f"Sampling takes 1 to {TRAIN_STEPS} steps, got {steps}. 20 is a good number.")
    return [round(TRAIN_STEPS - i * TRAIN_STEPS / steps) - 1 for i in range(steps)]

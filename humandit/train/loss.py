"""What the video DiT is trained on: at which timesteps, and what an error costs where."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..diffusion.schedule import TRAIN_STEPS, Schedule
from ..video.light_vae import LightVAE
from .examples import Batch

PERSON = 3.0
"""Extra weight of the person in the loss."""
HIGH_NOISE = 0.4
"""Share of the examples whose timestep lies in the noisiest quarter, where the pose alone decides what is where."""


def spread_timesteps(count: int, rng: np.random.Generator) -> np.ndarray:
    """Timesteps [count] int: evenly spread, with ``HIGH_NOISE`` of them moved to the noisiest quarter."""
    even = (np.arange(count) + rng.random(count)) / count
    high = rng.random(count) < HIGH_NOISE
    return (np.where(high, 0.75 + even / 4, even) * TRAIN_STEPS).astype(np.int64)


def training_loss(
    model: torch.nn.Module,
    schedule: Schedule,
    batch: Batch,
    noise: Tensor,
    timestep: Tensor,
    max_weight: float,
    channels: Tensor,
) -> Tensor:
    """Mean over noisy frames of the squared error, weighted like velocity up to a ceiling.

    Latent positions that the person touches count ``1 + PERSON`` times: still backgrounds are soon learnt. Latent
    channels count as ``channels`` [C, 1, 1] says: by what they weigh in pixels."""
    return loss_and_clean(model, schedule, batch, noise, timestep, max_weight, channels)[0]


def loss_and_clean(
    model: torch.nn.Module,
    schedule: Schedule,
    batch: Batch,
    noise: Tensor,
    timestep: Tensor,
    max_weight: float,
    channels: Tensor,
) -> tuple[Tensor, Tensor]:
    """:func:`training_loss`, and the clean latents [B, n, C, h, w] that the model saw in the noise."""
    noisy = schedule.add_noise(batch.latents, noise, timestep)
    output = model(torch.cat([batch.prefix, noisy], dim=1), timestep, batch.pose)[:, 1:].float()
    clean = schedule.clean(output.detach(), noisy, timestep)
    error = (output - schedule.target(batch.latents, noise, timestep)).square()
    error = (error * channels * (1 + PERSON * batch.person)).flatten(1).mean(1)
    if schedule.prediction == "v":
        return error.mean(), clean
    power = schedule.alpha_bar.to(timestep.device)[timestep]
    return (error * (1 / (1 - power)).clamp_max(max_weight)).mean(), clean


def pixel_weights(vae: LightVAE) -> Tensor:
    """[C, 1, 1] of mean 1: the squared pixel error that one unit of squared error in each latent channel makes."""
    power = vae.quad.spread.float().square()
    return (power / power.mean())[:, None, None]

"""What the video DiT is trained on: at which timesteps, and what an error costs where."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ..diffusion.schedule import TRAIN_STEPS, Schedule
from ..video.light_vae import LightVAE
from ..video.vae import Autoencoder
from .examples import Batch
from .structure import Structure

PERSON = 3.0
"""Extra weight of the person in the loss, where a recipe does not say."""
HIGH_NOISE = 0.4
"""Share of the examples whose timestep lies in the noisiest quarter, where the pose alone decides what is where; where
a recipe does not say."""


def spread_timesteps(count: int, rng: np.random.Generator, high_noise: float = HIGH_NOISE) -> np.ndarray:
    """Timesteps [count] int: evenly spread, with ``high_noise`` of them moved to the noisiest quarter."""
    even = (np.arange(count) + rng.random(count)) / count
    high = rng.random(count) < high_noise
    return (np.where(high, 0.75 + even / 4, even) * TRAIN_STEPS).astype(np.int64)


def training_loss(
    model: Callable[..., Tensor],
    schedule: Schedule,
    batch: Batch,
    noise: Tensor,
    timestep: Tensor,
    max_weight: float,
    channels: Tensor,
    person: float = PERSON,
) -> Tensor:
    """Mean over noisy frames of the squared error, weighted like velocity up to a ceiling.

    Latent positions that the person touches count ``1 + person`` times: still backgrounds are soon learnt. Those that
    burned-in text touches do not count, and the model is told where they are (paper §3.3). Latent channels count as
    ``channels`` [C, 1, 1] says: by what they weigh in pixels."""
    return loss_and_clean(model, schedule, batch, noise, timestep, max_weight, channels, person)[0]


def loss_and_clean(
    model: Callable[..., Tensor],
    schedule: Schedule,
    batch: Batch,
    noise: Tensor,
    timestep: Tensor,
    max_weight: float,
    channels: Tensor,
    person: float = PERSON,
    structure: Structure | None = None,
) -> tuple[Tensor, Tensor]:
    """:func:`training_loss`, and the clean latents [B, n, C, h, w] that the model saw in the noise. ``structure``: what
    unlike structure costs beside the squared error."""
    noisy = schedule.add_noise(batch.latents, noise, timestep)
    told = {} if batch.text is None else {"text_mask": batch.text}
    output = model(torch.cat([batch.prefix, noisy], dim=1), timestep, batch.pose, **told)[:, 1:].float()
    clean = schedule.clean(output, noisy, timestep)
    error = (output - schedule.target(batch.latents, noise, timestep)).square() * channels
    if structure is not None:
        error = error + structure(clean, batch.latents)
    clean, error = clean.detach(), mean_outside(error * (1 + person * batch.person), batch.text)
    if schedule.prediction == "v":
        return error.mean(), clean
    power = schedule.alpha_bar.to(timestep.device)[timestep]
    return (error * (1 / (1 - power)).clamp_max(max_weight)).mean(), clean


def mean_outside(error: Tensor, text: Tensor | None) -> Tensor:
    """Mean [B] of errors [B, n, C, h, w] where no text is; ``text`` [B, n+1, 1, h, w]. An example that text covers
    wholly costs nothing."""
    if text is None:
        return error.flatten(1).mean(1)
    clear = 1 - text[:, 1:]
    counted = clear.flatten(1).sum(1) * error.shape[2]
    return (error * clear).flatten(1).sum(1) / counted.clamp(min=1)


def latent_weights(vae: Autoencoder) -> Tensor:
    """[C, 1, 1] of mean 1: what a squared error in each latent channel counts."""
    return pixel_weights(vae) if isinstance(vae, LightVAE) else torch.ones(vae.latent_channels, 1, 1)


def pixel_weights(vae: LightVAE) -> Tensor:
    """[C, 1, 1] of mean 1: the squared pixel error that one unit of squared error in each latent channel makes."""
    power = vae.quad.spread.float().square()
    return (power / power.mean())[:, None, None]

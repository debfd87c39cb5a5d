"""What a run shows beside its numbers: films that the model makes, as sheets, and curves, as a picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..diffusion.sampling import Sampling, sample_after, segment_noise
from ..media.read import read_image
from ..media.sheet import contact_sheet
from ..media.write import write_image
from ..metrics.drift_plot import drift_plot
from ..metrics.image import psnr
from ..video.config import DiTConfig
from ..video.vae import Autoencoder
from .examples import Batch

STEPS = 20
"""Denoising steps of a sample."""
COUNTS = ("step", "minutes", "clips")
"""Numbers of a log that are no curves."""
COLUMNS = 6
"""Frames of a film on a sheet."""


@torch.no_grad()
def sampled(ask: Callable[..., Tensor], config: DiTConfig, batch: Batch, seed: int = 0) -> Tensor:
    """Latents [B, F, C, h, w] that the model makes after the batch's prefixes, by its poses.

    Where a model is split over ranks, all must call it.
    """

    def guided(latents: Tensor, timestep: Tensor, with_pose: bool) -> Tensor:
        return ask(latents, timestep, batch.pose if with_pose else None)

    noise = segment_noise(seed, 0, tuple(batch.latents.shape)).to(batch.latents)
    return sample_after(batch.prefix, noise, guided, config, Sampling(steps=STEPS), lambda done, total, clean: None)


@torch.no_grad()
def frames_of(vae: Autoencoder, latents: Tensor) -> np.ndarray:
    """Latents [F, C, h, w] in model space -> frames [T, H, W, 3] uint8."""
    chunks = [chunk.float().cpu() for chunk in vae.decode(latents.float() / vae.scaling_factor)]
    return (torch.cat(chunks).clamp(0, 1) * 255).round().to(torch.uint8).numpy()


def write_samples(path: Path, vae: Autoencoder, batches: Sequence[Batch], made: Sequence[Tensor]) -> float:
    """A sheet with every film as it was and as the model makes it; returns the mean PSNR in dB after the prefix."""
    rows, scores = {}, []
    for number, (batch, latents) in enumerate(zip(batches, made, strict=True)):
        truth = frames_of(vae, torch.cat([batch.prefix[0], batch.latents[0]]))
        own = frames_of(vae, latents[0])
        scores.append(psnr(own[1:], truth[1:]))
        rows[f"film {number + 1}: as it is, through the autoencoder"] = truth
        rows[f"film {number + 1}: as the model makes it, {scores[-1]:.1f} dB"] = own
    write_image(path, contact_sheet(rows, COLUMNS))
    return float(np.mean(scores))


def write_curves(log: Path, path: Path) -> None:
    """Every number of a run's ``log.jsonl`` over its checkpoints."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    names = dict.fromkeys(name for line in lines for name in line if name not in COUNTS)
    curves = {name: [float(line.get(name, "nan")) for line in lines] for name in names}
    if curves:
        write_image(path, drift_plot({"run": curves}))


class Board:
    """The same numbers and pictures for TensorBoard, where it is installed."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            self.writer = None
        else:
            self.writer = SummaryWriter(str(folder))

    def show(self, step: int, values: Mapping[str, float | int], samples: Path) -> None:
        """The numbers of a checkpoint, and its sheet of samples if there is one."""
        if self.writer is None:
            return
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)
        if samples.is_file():
            self.writer.add_image("samples", read_image(samples), step, dataformats="HWC")
        self.writer.flush()

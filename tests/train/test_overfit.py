"""Whether the small model learns at all: from random weights, four clips by heart."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from humandit.train.clip_frames import Window, window_frames, window_labels
from humandit.train.examples import Batch
from humandit.train.filmed import FilmedSource, Gathered
from humandit.train.pictures import frames_of, sampled
from humandit.train.recipe import Recipe
from humandit.train.video import VideoTrainer
from humandit.types import VideoShape
from humandit.video.config import MINI
from tests.train.films import build, rendered

CLIPS, SIDE, FRAMES = 4, 64, 9
STEPS = 250
GOOD = 28.0
"""dB of the films that the model makes, against the clips as the autoencoder shows them."""


def trainer_of(folder: Path, steps: int = STEPS) -> VideoTrainer:
    """Ready to learn four rendered clips."""
    if not (folder / "shards").exists():
        build(folder / "shards", CLIPS, CLIPS, partial(rendered, frames=FRAMES, side=SIDE))
    recipe = Recipe(
        folder / "shards", "mini", folder / f"run-{steps}", steps=steps, config=MINI, batch=4, lr=3e-3, compile=False,
        sides=(SIDE, SIDE), frames=(FRAMES, FRAMES), precision="fp32", heldout=0.0, cache=1, another_prefix=0.0,
        prefix_noise_share=0.0, ema=0.98,
    )  # fmt: skip
    return VideoTrainer(recipe, 0)


def scores(trainer: VideoTrainer) -> Iterator[tuple[float, float]]:
    """dB of every film that the averaged weights make: against the autoencoder's own, and against the clip itself."""
    source = trainer.source
    assert isinstance(source, FilmedSource)
    for clip in source.train.clips:
        window = Window(clip, 0, 0, 1, VideoShape(FRAMES, SIDE, SIDE))
        shown, frames = window_labels(window), window_frames(window)
        prefix, latents = source._latents(Gathered(window, shown, None, frames))
        clear = torch.zeros(1, 2, 1, *latents.shape[2:])
        batch = Batch(prefix[None], latents[None], shown.pose[None].float(), clear)
        with trainer.averaged.lent_to(trainer.model):
            made = frames_of(trainer.vae, sampled(trainer.model, trainer.config, batch)[0])
        best = frames_of(trainer.vae, torch.cat([prefix, latents]))
        yield psnr(best[1:], made[1:]), psnr(frames[1].numpy()[1:], made[1:])


@pytest.mark.long
def test_the_small_model_learns_four_clips_by_heart(tmp_path):
    trainer = trainer_of(tmp_path)
    trainer.run()
    found = list(scores(trainer))
    assert trainer.step == STEPS and sum(ours for ours, _ in found) / CLIPS >= GOOD, found


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Of two whole films [T, H, W, 3] uint8, dB: stricter than the mean over frames."""
    return float(10 * np.log10(255**2 / np.square(a.astype(np.float64) - b).mean()))

"""How the video DiT is trained: every number of it in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..video.config import MINI, DiTConfig


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        data: folder of rendered shards; new ones are picked up while training runs.
        vae: weight file of the autoencoder.
        out: folder of the run.
        start: weights to begin a fresh run with, "mini" or a file; None begins at random.
        minutes: length of the whole run.
        stretch: minutes of this call at most, or None.
        config: sizes of the model.
        batch: examples per rank and step.
        lr: peak learning rate.
        pose_dropout: share of examples without pose, for guidance (paper §4.1).
        long_after: share of the run after which half the steps see 17 instead of 9 frames; a run that starts from
            trained weights sees them at once.
        max_weight: ceiling of the loss weight 1 / (1 - alpha_bar).
        save_minutes: time between checkpoints.
        seed: of weights, data order and noise.
        compile: compile the blocks with torch.compile.
    """

    data: Path
    vae: Path | str
    out: Path
    minutes: float
    stretch: float | None = None
    start: Path | str | None = None
    config: DiTConfig = MINI
    batch: int = 16
    lr: float = 1.5e-3
    pose_dropout: float = 0.1
    long_after: float = 0.6
    max_weight: float = 5.0
    ema: float = 0.998
    save_minutes: float = 4.0
    seed: int = 0
    compile: bool = True

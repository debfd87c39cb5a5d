"""How the video DiT is trained: every number of it in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import HumanDiTError
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
        prefix_noise: most noise on a prefix, in units of the latents; a chained prefix is never perfect. Each noisy one
            gets a level from 0 up to it.
        prefix_noise_share: share of the examples whose prefix is noisy.
        prefix_errors: share of the examples whose prefix carries an error that the model made itself (see
            ``prefix_errors.py``), so that it learns to repair what a chain hands on; 0 for none.
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
    prefix_noise: float = 0.12
    prefix_noise_share: float = 0.4
    prefix_errors: float = 0.0
    long_after: float = 0.6
    max_weight: float = 5.0
    ema: float = 0.998
    save_minutes: float = 4.0
    seed: int = 0
    compile: bool = True

    def __post_init__(self) -> None:
        for name in ("prefix_noise_share", "prefix_errors"):
            if not 0 <= getattr(self, name) <= 1:
                raise HumanDiTError(f"{name} is a share of the examples from 0 to 1, got {getattr(self, name)}.")
        if not 0 <= self.prefix_noise <= 1:
            raise HumanDiTError(f"prefix_noise is 0 to 1, got {self.prefix_noise}: at 1 nothing of the prefix is left.")

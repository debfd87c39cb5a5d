"""How the Keypoint-DiT is trained: every number of it in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import HumanDiTError
from ..motion.config import MOTION_MINI, MOTION_PAPER, MotionConfig

CONFIGS = {"mini": MOTION_MINI, "paper": MOTION_PAPER}


@dataclass(frozen=True)
class MotionRecipe:
    """How to train.

    Attributes:
        out: folder of the run.
        minutes: length of the whole run; stretch: minutes of this call at most, or None. steps: its length in steps,
            in place of minutes, or None.
        start: weights to begin a fresh run with; None begins at random.
        config: sizes of the model.
        batch: films per rank and step. frames: per film, the model's window if None.
        lr: peak learning rate.
        takes: people kept in memory; every step one is replaced by a new one. take_frames: frames of each.
        first_takes: people that a run, also one that goes on, begins with.
        kept: chance of each frame to be given as condition (paper App. B: 50 %).
        whole: share of the examples in which all frames are given, as in refinement; not of the paper.
        dropped: share of the examples without any condition: generation, and guidance.
        faulty: share of the conditions that have faults.
        ended: share of the conditions that end somewhere within the film, as an example does that motion goes on from.
        energetic: share of the examples that are told their energy.
        tau: largest number of first frames without condition.
        continued: share of the examples whose prefix is longer than one frame.
        footage: pose files of real films that join in, as ``data.motion.footage`` keeps them.
        footage_share: their share of every batch, 0..1.
        mocap: folder of BVH files whose recordings join in, or None. mocap_share: their share of the people, 0..1.
        max_weight: ceiling of the loss weight 1 / (1 - alpha_bar).
        heldout: films of the held-out curves.
        asked: people that the finished model is asked for energies with; 0 leaves its answers uncalibrated.
        velocity: weight of the velocity's error beside the position's.
        ema, save_minutes, seed, compile: as in the video recipe.
    """

    out: Path
    minutes: float
    stretch: float | None = None
    steps: int | None = None
    start: Path | str | None = None
    config: MotionConfig = MOTION_MINI
    batch: int = 16
    frames: int | None = None
    lr: float = 1.5e-3
    takes: int = 600
    take_frames: int = 200
    first_takes: int = 96
    kept: float = 0.5
    whole: float = 0.25
    dropped: float = 0.25
    faulty: float = 0.6
    ended: float = 0.15
    energetic: float = 0.5
    tau: int = 24
    continued: float = 0.3
    max_weight: float = 5.0
    velocity: float = 3.0
    heldout: int = 32
    asked: int = 24
    ema: float = 0.998
    save_minutes: float = 4.0
    seed: int = 0
    compile: bool = True
    footage: tuple[Path, ...] = ()
    footage_share: float = 0.3
    mocap: Path | None = None
    mocap_share: float = 0.5

    def __post_init__(self) -> None:
        for name, share in (("footage", self.footage_share), ("motion capture", self.mocap_share)):
            if not 0 <= share <= 1:
                raise HumanDiTError(f"The share of {name} lies in 0..1, got {share}.")

    @property
    def length(self) -> int:
        """Frames per example."""
        return self.frames or self.config.window

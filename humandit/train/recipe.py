"""How the video DiT is trained: every number of it in one place; the files in ``recipes/`` have these names as keys."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import HumanDiTError
from ..types import MAX_SIDE, SIDE_STEP, TIME_SCALE, TOKEN_BUDGET
from ..video.config import MINI, DiTConfig

RANGES: dict[str, tuple[float, float]] = {
    "minutes": (0, float("inf")), "steps": (1, float("inf")), "batch": (1, 4096), "budget": (1, 1e9), "lr": (0, 1),
    "pose_dropout": (0, 1), "prefix_noise": (0, 1), "prefix_noise_share": (0, 1), "prefix_errors": (0, 1),
    "another_prefix": (0, 1), "long_after": (0, 1), "high_noise": (0, 1), "person": (0, 100), "structure": (0, 100),
    "max_weight": (0, 1e6), "ema": (0, 1), "fps": (1, 240),
    "heldout": (0, 0.9), "sequence": (1, 1024), "cache": (0, 1e6), "samples": (0, 64),
    "save_minutes": (0, float("inf")), "seed": (0, 2**31),
}  # fmt: skip
"""Lowest and highest value of every number, both allowed."""
SHARES = (
    "pose_dropout", "prefix_noise_share", "prefix_errors", "another_prefix", "high_noise", "heldout",
)  # fmt: skip
"""Those of them that are shares of the examples."""
FREE = (
    "data", "out", "minutes", "stretch", "steps", "save_minutes", "samples", "compile", "keep_best", "shard",
    "sequence",
)  # fmt: skip
"""Fields that a run may change when it goes on: where things lie, how long it lasts, what it shows, how processes
share it. The weights that it started from are one more, unless a LoRA still needs them."""
EMPTY = ("stored", "none")
"""What ``prompt`` may be beside a file."""


@dataclass(frozen=True)
class LoRA:
    """Small matrices beside frozen weights.

    Attributes:
        rank: of the matrices. alpha: their weight is alpha / rank.
        layers: ends of the names of the layers that get some; none: attention and feed-forward of every block.
    """

    rank: int = 128
    alpha: float = 128.0
    layers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rank < 1 or not self.alpha > 0:
            raise HumanDiTError(f"A LoRA has a rank from 1 on and an alpha over 0, got {self.rank} and {self.alpha}.")


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        data: folder of shards, rendered (``data synthetic``) or filmed (``data build``); rendered ones that are new
            are picked up while training runs.
        vae: weight file of the autoencoder.
        out: folder of the run.
        minutes: length of the whole run; without meaning where ``steps`` are given.
        stretch: minutes of this call at most, or None.
        start: weights to begin a fresh run with, "mini" or a file; None begins at random.
        config: sizes of the model; None takes those of ``start``.
        prompt: for models that read text: the empty prompt that the weights hold ("stored"), a file with it, or "none"
            for no text tokens at all.
        steps: length of the whole run; such a run is repeatable to the bit, on one kind of machine.
        batch: examples per rank and step, fewer where ``budget`` allows fewer.
        budget: latent positions, (f+1)*h*w, per rank and step (paper §4.1).
        sides: shortest and longest short side of the frames, pixels; every multiple of 16 between is drawn.
        frames: shortest and longest examples; every 8k+1 between is drawn. fps: their speed, about.
        lr: peak learning rate.
        optimizer: "muon" (matrices; AdamW for the rest), "adamw" or "adamw8bit" (bitsandbytes).
        lora: train small matrices beside frozen weights; None trains all.
        checkpointing: compute activations twice rather than keep them.
        precision: number type of the arithmetic; "auto" takes what is faster here.
        shard: split weights, gradients and optimiser over all ranks (FSDP2).
        sequence: ranks that share one example along time.
        pose_dropout: share of examples without pose, for guidance (paper §4.1).
        moved_picture: show the model the picture moved along its bones beside the poses (``pose/moved``); weights that
            are shown it stay so.
        overlaid: the moved picture goes around the blocks, too (``video/overlay``); weights in which it does stay so.
        text_mask: whether burned-in text is left out of the loss and shown to the model (paper §3.3).
        another_prefix: share of the filmed examples whose prefix is another frame of the clip than the one before them.
        prefix_noise: most noise on a prefix, in units of the latents; a chained prefix is never perfect. Each noisy one
            gets a level from 0 up to it.
        prefix_noise_share: share of the examples whose prefix is noisy.
        prefix_errors: share of the examples whose prefix carries an error that the model made itself (see
            ``prefix_errors.py``), so that it learns to repair what a chain hands on; 0 for none.
        long_after: share of the run after which half the steps see 17 instead of 9 rendered frames; a run that starts
            from trained weights sees them at once.
        high_noise: share of the timesteps moved to the noisiest quarter, where the pose alone decides what is where.
        person: extra weight of the person in the loss.
        structure: what unlike structure of 8 x 8 pixels costs beside the squared error (:mod:`.structure`); only the
            light VAE can tell.
        max_weight: ceiling of the loss weight 1 / (1 - alpha_bar).
        ema: decay of the moving average of the weights.
        cache: windows of every filmed clip and size whose latents are kept on disk; 0 encodes anew every time.
        heldout: share of the films that are never trained on, for the curves.
        keep_best: keep the weights that did best on them beside the last ones.
        samples: held-out examples that are drawn as pictures with every checkpoint.
        save_minutes: time between checkpoints.
        seed: of weights, data order and noise.
        compile: compile the blocks with torch.compile.
    """

    data: Path
    vae: Path | str
    out: Path
    minutes: float = 90.0
    stretch: float | None = None
    start: Path | str | None = None
    config: DiTConfig | None = MINI
    prompt: Path | str = "stored"
    steps: int | None = None
    batch: int = 16
    budget: int = TOKEN_BUDGET
    sides: tuple[int, int] = (128, 128)
    frames: tuple[int, int] = (9, 17)
    fps: float = 12.5
    lr: float = 1.5e-3
    optimizer: Literal["muon", "adamw", "adamw8bit"] = "muon"
    lora: LoRA | None = None
    checkpointing: bool = False
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    shard: bool = False
    sequence: int = 1
    pose_dropout: float = 0.1
    moved_picture: bool = False
    overlaid: bool = False
    text_mask: bool = False
    another_prefix: float = 0.5
    prefix_noise: float = 0.12
    prefix_noise_share: float = 0.4
    prefix_errors: float = 0.0
    long_after: float = 0.6
    high_noise: float = 0.4
    person: float = 3.0
    structure: float = 0.0
    max_weight: float = 5.0
    ema: float = 0.998
    cache: int = 0
    heldout: float = 0.1
    keep_best: bool = True
    samples: int = 0
    save_minutes: float = 4.0
    seed: int = 0
    compile: bool = True

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                what = "is a share of the examples," if name in SHARES else "lies"
                raise HumanDiTError(f"{name} {what} from {low:g} to {high:g}, got {value}.")
        _check_range("sides", self.sides, SIDE_STEP, 0, MAX_SIDE)
        _check_range("frames", self.frames, 2 * TIME_SCALE, 1, 10**6)
        if self.config is None and self.start is None:
            raise HumanDiTError("A run that starts at random needs a config, the sizes of the model. Give mini or 5b.")
        if self.lora is not None and self.start is None:
            raise HumanDiTError("A LoRA lies beside trained weights: give start, the file of the model it is for.")

    def to_dict(self) -> dict[str, Any]:
        """Plain values; paths as their last part, so that folders may be moved."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    def changed(self, before: dict[str, Any]) -> list[str]:
        """In words, what differs from the recipe ``before`` (:meth:`to_dict`) and must not, where a run goes on."""
        now, free = self.to_dict(), (*FREE, *(() if self.lora else ("start",)))
        differing = (name for name in now if name not in free and name in before and before[name] != now[name])
        return [f"{name} was {before[name]} and is {now[name]}" for name in differing]


def _check_range(name: str, pair: tuple[int, int], step: int, rest: int, most: int) -> None:
    low, high = pair
    if not step + rest <= low <= high <= most or low % step != rest or high % step != rest:
        kind = f"multiples of {step}" if not rest else f"{step}k+{rest}"
        raise HumanDiTError(
            f"{name} are the least and the greatest, {kind} from {step + rest} on, got {low} and {high}."
        )


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON knows
    if isinstance(value, Path):
        return value.name
    return list(value) if isinstance(value, tuple) else value

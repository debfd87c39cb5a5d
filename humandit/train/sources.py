"""Where examples come from: rendered shards (``data synthetic``) or filmed ones (``data build``), one protocol."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from ..errors import HumanDiTError
from ..video.vae import Autoencoder
from .examples import Batch
from .recipe import Recipe


@dataclass(frozen=True)
class Moment:
    """A step of one lane: what may depend on chance depends on these alone, and so on seed, step and lane.

    Attributes:
        step: its number. progress: of the run, 0..1.
        rng: this lane's; whoever draws from it after the source goes on where the source ended.
        shared: the same on all lanes.
    """

    step: int
    progress: float
    rng: np.random.Generator
    shared: np.random.Generator


def moment(seed: int, step: int, lane: int, progress: float) -> Moment:
    """The generators of a step."""
    return Moment(step, progress, np.random.default_rng((seed, step, lane)), np.random.default_rng((seed, step, 10**6)))


@runtime_checkable
class Source(Protocol):
    """Gives batches on the CPU or on the autoencoder's device."""

    def refresh(self) -> None:
        """Called before training and at every checkpoint: take in what is new."""
        ...

    def __len__(self) -> int:
        """Clips that are trained on here."""
        ...

    def draw(self, moment: Moment) -> Batch:
        """The examples of a step."""
        ...

    def heldout(self) -> list[Batch]:
        """Fixed examples of films that are never trained on; none where there are none."""
        ...

    @property
    def prints(self) -> dict[str, int]:
        """What must be the same where a run goes on: shard's name -> a number; empty where shards may come and go."""
        ...


@dataclass(frozen=True)
class Lane:
    """One of ``count`` groups of ranks that see different examples."""

    number: int
    count: int


def source_of(recipe: Recipe, vae: Autoencoder, lane: Lane, moved_picture: bool = False) -> Source:
    """The source that the recipe's data folder calls for; ``moved_picture``: with the picture moved along its bones in
    the pose tokens.

    Raises:
        HumanDiTError: no shards there, or of both kinds.
    """
    from .filmed import FilmedSource
    from .rendered import RenderedSource

    filmed, rendered = holds(recipe.data, "shard-*.tar"), holds(recipe.data, "*-*.npz")
    if filmed and rendered:
        raise HumanDiTError(f"{recipe.data} holds rendered and filmed shards. Put each kind into a folder of its own.")
    if filmed:
        return FilmedSource(recipe, vae, lane, moved_picture)
    if not rendered:
        raise HumanDiTError(
            f"{recipe.data} holds no shards. Make some by 'data synthetic' (rendered people) or 'data build' (films)."
        )
    return RenderedSource(recipe, vae, lane, moved_picture)


def holds(folder: Path, pattern: str) -> bool:
    """Whether some file of ``folder`` has such a name."""
    return next(folder.glob(pattern), None) is not None

"""The one table of what is train and what is held out: characters, motions and backdrops never cross over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import HumanDiTError
from .body import SHAPES


@dataclass(frozen=True)
class Split:
    """What one side may draw from.

    Attributes:
        shapes: indices of baked body shapes.
        clips: motion-capture clips with their relative weight.
        acts: procedural motions with their relative weight; see :mod:`.acts`.
        salt: first word of every random seed, so that outfits, parameters and backdrops differ between sides.
    """

    shapes: tuple[int, ...]
    clips: dict[str, float]
    acts: dict[str, float]
    salt: int

    def rng(self, seed: int, purpose: int) -> np.random.Generator:
        """The random numbers of one purpose of one clip; purposes do not disturb each other."""
        return np.random.default_rng((self.salt, seed, purpose))


_HELD = tuple(range(5, SHAPES, 6))

SPLITS = {
    "train": Split(
        shapes=tuple(i for i in range(SHAPES) if i not in _HELD),
        clips={
            "dance_a": 3,
            "walk": 3,
            "run": 1,
            "punch": 2,
            "spin": 1.5,
            "spinkick": 0.5,
            "jump": 1,
            "cartwheel": 0.5,
        },  # fmt: skip
        acts={"walk": 4, "wave": 4, "dance": 12, "squat": 2, "talk": 5, "raise": 3, "turn": 3},
        salt=11,
    ),
    "heldout": Split(
        shapes=_HELD,
        clips={"dance_b": 5, "kick": 1},
        acts={"dance": 5, "stroll": 3, "conduct": 3},
        salt=77,
    ),
}


def split_of(name: str) -> Split:
    """The table's row called ``name``."""
    if name not in SPLITS:
        raise HumanDiTError(f"The split must be one of {', '.join(SPLITS)}, got {name!r}.")
    return SPLITS[name]

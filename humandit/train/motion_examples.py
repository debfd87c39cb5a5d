"""Training examples of the Keypoint-DiT, made on the fly: films, conditions with faults, and the masks of App. B."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..data.motion import Film, Recording, Take, corrupted, draw_recorded, draw_take, film_of
from ..data.motion.pieces import draw_pieces
from ..motion.energy import energy_of
from ..motion.tokens import encode, to_square
from .motion_recipe import MotionRecipe


@dataclass(frozen=True)
class MotionBatch:
    """B films of T frames in model space, K points.

    Attributes:
        points: [B, T, 2K], the truth. presence: [B, T, K], the joints that count.
        condition: [B, T, 2K] with its condition_presence [B, T, K], 0 where nothing is given.
        height: [B] of the people, shares of the square (see ``motion.tokens``).
        energy: [B], NaN where the model is not told.
        prefix: noise-free frames in front.
    """

    points: Tensor
    presence: Tensor
    condition: Tensor
    condition_presence: Tensor
    height: Tensor
    energy: Tensor
    prefix: int

    def to(self, device: torch.device) -> MotionBatch:
        names = ("points", "presence", "condition", "condition_presence", "height", "energy")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})

    def without_condition(self) -> MotionBatch:
        """The same for generation."""
        free = torch.full_like(self.energy, torch.nan)
        return replace(self, condition_presence=torch.zeros_like(self.condition_presence), energy=free)


class TakePool:
    """People in memory. It starts with ``first_takes`` of them; with every step a new one comes, and of more than
    ``takes`` the oldest goes: training never sees the end of them."""

    def __init__(self, recipe: MotionRecipe, step: int, rank: int, recordings: tuple[Recording, ...] = ()) -> None:
        self.recipe, self.rank, self.recordings = recipe, rank, recordings
        self.takes: list[Take] = [self._take(step + i) for i in range(recipe.first_takes)]

    def _take(self, number: int) -> Take:
        seed = (number * 64 + self.rank) * 1000 + self.recipe.seed  # ranks and runs see other people
        recorded = np.random.default_rng((seed, 26)).random() < self.recipe.mocap_share
        if self.recordings and recorded:
            return draw_recorded(self.recordings, seed, self.recipe.take_frames)
        return draw_take(seed, "train", self.recipe.take_frames)

    def renewed(self, step: int) -> list[Take]:
        """All people of this step."""
        self.takes = [*self.takes, self._take(step + self.recipe.first_takes)][-self.recipe.takes :]
        return self.takes


def cut(take: Take, frames: int, rng: np.random.Generator) -> Take:
    """``frames`` of a take from a random start."""
    start = int(rng.integers(0, len(take.points) - frames + 1))
    return replace(take, points=take.points[start : start + frames])


def draw_batch(
    takes: list[Take], recipe: MotionRecipe, rng: np.random.Generator, footage: Sequence[Film] = ()
) -> MotionBatch:
    """``recipe.batch`` films: of random takes one each and, where there is ``footage``, its share of real pieces."""
    prefix = draw_prefix(recipe, rng)
    real = round(recipe.footage_share * recipe.batch) if footage else 0
    chosen = [takes[i] for i in rng.integers(0, len(takes), recipe.batch - real)]
    films = [film_of(cut(take, recipe.length, rng), rng) for take in chosen]
    films += draw_pieces(footage, real, rng) if real else []
    return batch_of(films, recipe, rng, prefix)


def draw_prefix(recipe: MotionRecipe, rng: np.random.Generator) -> int:
    """Mostly the one frame of a still, else as many as a rolled window hands on at most."""
    if rng.random() >= recipe.continued:
        return 1
    return int(rng.integers(2, max(recipe.config.overlap, 2) + 1))


def batch_of(films: list[Film], recipe: MotionRecipe, rng: np.random.Generator, prefix: int) -> MotionBatch:
    """Films with conditions as training sees them."""
    rows = [example(film, recipe, rng, prefix) for film in films]
    stacked = [torch.from_numpy(np.stack(column)).float() for column in zip(*rows, strict=True)]
    points, presence, condition, condition_presence, height, energy = stacked
    return MotionBatch(points, presence, condition, condition_presence, height, energy, prefix)


def example(film: Film, recipe: MotionRecipe, rng: np.random.Generator, prefix: int) -> tuple[np.ndarray, ...]:
    """points, presence, condition, condition_presence, height and energy of one film; see :class:`MotionBatch`."""
    truth = film.poses
    given = corrupted(truth, film.height, rng) if rng.random() < recipe.faulty else truth
    mask = condition_mask(len(truth), recipe, rng, prefix)[:, None]
    condition_presence = given.visible & mask
    present = known(truth.visible, condition_presence, prefix) if rng.random() < 0.5 else truth.visible
    present = present if film.everywhere else present & truth.visible
    points = encode(to_square(truth.xy, truth.canvas), present)
    condition = encode(to_square(given.xy, given.canvas), given.visible) * mask
    energy = energy_of(truth, film.height) if rng.random() < recipe.energetic else np.nan
    height = film.height / truth.canvas.square
    return points, present, condition, condition_presence, np.array(height), np.array(energy)


def known(visible: np.ndarray, condition: np.ndarray, prefix: int) -> np.ndarray:
    """[T, K] joints that sampling would ask for: those of the first frame, and those that the condition shows. The
    truth knows them also where they leave the canvas."""
    return np.concatenate([visible[:prefix], (visible[:1] | condition)[prefix:]])


def condition_mask(frames: int, recipe: MotionRecipe, rng: np.random.Generator, prefix: int) -> np.ndarray:
    """[frames] bool, frames whose condition is given (paper App. B): each with the chance ``kept``, none of the first
    tau after the prefix, a random tau; now and then none at all, or none from some frame on. Behind a longer prefix
    half of the films go on in the midst of their condition, as a rolled window does."""
    if rng.random() < recipe.dropped:
        return np.zeros(frames, bool)
    kept = (rng.random(frames) < recipe.kept) | (rng.random() < recipe.whole)
    if prefix == 1 or rng.random() < 0.5:
        kept[: prefix + int(rng.integers(0, recipe.tau + 1))] = False
    if rng.random() < recipe.ended:
        kept[int(rng.integers(prefix, frames)) :] = False
    return kept

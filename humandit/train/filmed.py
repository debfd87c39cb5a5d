"""Films as a source: shards of ``data build``, decoded and encoded as they are drawn, every step in its own shape."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import torch

from ..errors import HumanDiTError, InvalidMedia
from ..types import VideoShape
from ..video.vae import Autoencoder
from .ahead import Ahead
from .buckets import Limits, examples, fits
from .clip_frames import Shown, Window, stride_of, window_frames, window_labels
from .clip_index import Clip, read_index
from .examples import Batch
from .latent_cache import LatentCache, Pair
from .recipe import Recipe
from .say import say
from .sources import Lane, Moment, moment

TRIES = 20
"""Clips that may fail one after the other before training stops."""
HELDOUT = 8
"""Held-out examples of the curves."""
BACKGROUND = 0.5
"""Share of the examples that show the points of the background: not every film has them."""


@dataclass(frozen=True)
class Gathered:
    """An example before it is encoded: labels, and latents that were on disk or else frames, prefix and film each."""

    window: Window
    shown: Shown
    kept: Pair | None
    frames: Pair | None


@dataclass(frozen=True)
class Clips:
    """Clips and, beside them as arrays [N], their lengths in training frames, widths and heights."""

    clips: tuple[Clip, ...]
    frames: np.ndarray
    widths: np.ndarray
    heights: np.ndarray

    @classmethod
    def of(cls, clips: list[Clip], fps: float) -> Clips:
        frames = [training_frames(clip, fps) for clip in clips]
        return cls(
            tuple(clips), np.array(frames), np.array([c.canvas.width for c in clips]),
            np.array([c.canvas.height for c in clips]),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.clips)


def training_frames(clip: Clip, fps: float) -> int:
    """Frames that a clip has at about ``fps``."""
    return (clip.frames - 1) // stride_of(clip, fps) + 1


class FilmedSource:
    """:class:`~.sources.Source` over the WebDataset shards of ``data build``. Every lane knows all clips."""

    def __init__(self, recipe: Recipe, vae: Autoencoder, lane: Lane, moved_picture: bool = False) -> None:
        self.recipe, self.vae, self.moved_picture = recipe, vae, moved_picture
        self.limits = Limits(recipe.sides, recipe.frames, recipe.budget)
        self.cache = LatentCache(recipe.out / "latents", vae) if recipe.cache else None
        self.ahead = Ahead(
            lambda now: self._gather(now, self.train, recipe.batch),
            lambda step: moment(recipe.seed, step, lane.number, 0.0),
        )
        index = read_index(recipe.data)
        self.prints = index.prints
        for words in index.lost:
            say(f"{words}: training goes on without its clips.")
        usable = [c for c in index.clips if self.limits.usable(c.canvas, training_frames(c, recipe.fps))]
        if len(usable) < len(index.clips):
            say(f"{len(index.clips) - len(usable)} of {len(index.clips)} clips are too short or small for the recipe.")
        held = [clip for clip in usable if is_held_out(clip, recipe.heldout)]
        self.train = Clips.of([clip for clip in usable if not is_held_out(clip, recipe.heldout)], recipe.fps)
        self.held = Clips.of(held, recipe.fps)
        self.broken: set[str] = set()
        if not len(self.train):
            raise HumanDiTError(
                f"None of the {len(index.clips)} clips in {recipe.data} can be trained on: {len(held)} are held out, "
                "the others are too short or too small. Lower sides, frames or heldout in the recipe."
            )

    def refresh(self) -> None:
        pass

    def __len__(self) -> int:
        return len(self.train)

    def draw(self, moment: Moment) -> Batch:
        return self._batch(self.ahead.take(moment))

    def heldout(self) -> list[Batch]:
        if not len(self.held):
            return []
        rngs = (np.random.default_rng((7, i)) for i in range(HELDOUT))
        return [self._batch(self._gather(Moment(0, 1.0, rng, rng), self.held, 1)) for rng in rngs]

    def _gather(self, moment: Moment, clips: Clips, batch: int) -> list[Gathered]:
        recipe, first = self.recipe, int(moment.shared.integers(len(clips)))
        shape = self.limits.draw(clips.clips[first].canvas, int(clips.frames[first]), moment.shared)
        fitting = np.flatnonzero(fits(shape, clips.widths, clips.heights, clips.frames))
        count = examples(shape, batch, recipe.budget)
        return [self._example(clips, fitting, shape, moment.rng) for _ in range(count)]

    def _batch(self, gathered: list[Gathered]) -> Batch:
        prefix, latents = zip(*(self._latents(one) for one in gathered), strict=True)
        pose, person, text = (torch.stack([getattr(g.shown, n) for g in gathered]) for n in ("pose", "person", "text"))
        told = text.float() if self.recipe.text_mask else None
        return Batch(torch.stack(prefix), torch.stack(latents), pose, person[:, 1:].float(), told)

    def _example(self, clips: Clips, fitting: np.ndarray, shape: VideoShape, rng: np.random.Generator) -> Gathered:
        """One of the ``fitting`` clips; broken ones are named and another is drawn."""
        problem = None
        for _ in range(TRIES):
            window = self._window(clips.clips[fitting[rng.integers(len(fitting))]], shape, rng)
            background = rng.random() < BACKGROUND
            try:
                shown = window_labels(window, background, self.moved_picture)
                kept = self.cache and self.cache.find(window)
                return Gathered(window, shown, kept, None if kept else window_frames(window))
            except InvalidMedia as broken:
                problem = broken
                self._name(window.clip, broken)
        raise HumanDiTError(f"{TRIES} clips in a row cannot be used; the last: {problem} Check the data folder.")

    def _window(self, clip: Clip, shape: VideoShape, rng: np.random.Generator) -> Window:
        """A window of the clip; with a cache one of the few whose latents are kept."""
        recipe, stride = self.recipe, stride_of(clip, self.recipe.fps)
        number, name = int(rng.integers(max(recipe.cache, 1))), zlib.crc32(f"{clip.shard.name}/{clip.key}".encode())
        own = np.random.default_rng((recipe.seed, name, number)) if recipe.cache else rng
        room = clip.frames - 1 - (shape.frames - 1) * stride
        start = int(own.integers(room + 1))
        another = own.random() < recipe.another_prefix
        return Window(clip, int(own.integers(clip.frames)) if another else start, start, stride, shape)

    def _latents(self, example: Gathered) -> Pair:
        """Prefix [1, C, h, w] and the latents after it [n, C, h, w], model space, float32. The prefix is encoded ALONE:
        inside a film it would take statistics from the frames after it, which nobody has when a film is made."""
        if example.kept is not None:
            return example.kept
        assert example.frames is not None
        encoded = (self.vae.encode(part.float() / 255) for part in example.frames)
        prefix, film = (latents.float().cpu() * self.vae.scaling_factor for latents in encoded)
        return (prefix, film[1:]) if self.cache is None else self.cache.keep(example.window, (prefix, film[1:]))

    def _name(self, clip: Clip, problem: InvalidMedia) -> None:
        if clip.key not in self.broken:
            self.broken.add(clip.key)
            say(f"{problem} Another clip is drawn in its place.")


def is_held_out(clip: Clip, share: float) -> bool:
    """Whether a clip is kept for the curves: by its film, so that no film is on both sides."""
    return zlib.crc32(clip.film.encode()) % 1000 < share * 1000

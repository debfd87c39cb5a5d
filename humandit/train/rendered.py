"""Rendered shards as a source: all of a lane's clips are encoded once and stay in memory."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np

from ..errors import HumanDiTError, InvalidWeights
from ..video.light_vae import LightVAE
from ..video.vae import Autoencoder
from .examples import Batch, draw_batch
from .recipe import Recipe
from .shards import Shard, load_shard
from .sources import Lane, Moment

HELDOUT = 32
"""Held-out examples of the curves."""


class RenderedSource:
    """:class:`~.sources.Source` over train-*.npz and, for the curves, the first heldout-*.npz.

    Sides and lengths are the shards' own; new shards are taken in while training runs, each by one lane.
    """

    prints: dict[str, int] = {}  # noqa: RUF012 - shards may come and go

    def __init__(self, recipe: Recipe, vae: Autoencoder, lane: Lane, moved_picture: bool = False) -> None:
        if not isinstance(vae, LightVAE):
            raise InvalidWeights(
                f"Rendered shards are for the light VAE, whose latents can be cut out of longer films; got "
                f"{type(vae).__name__}. Give --vae mini, or films made ready by 'data build'."
            )
        self.recipe, self.vae, self.lane, self.moved_picture = recipe, vae, lane, moved_picture
        self.shards: dict[Path, Shard] = {}
        self.held: list[Shard] = []

    def refresh(self) -> None:
        for path in sorted(self.recipe.data.glob("train-*.npz")):
            if path not in self.shards and zlib.crc32(path.name.encode()) % self.lane.count == self.lane.number:
                self.shards[path] = load_shard(path, self.vae)
        self.hold()

    def hold(self) -> None:
        """Take in the held-out clips, once there are some."""
        if not self.held:
            paths = sorted(self.recipe.data.glob("heldout-*.npz"))[:1]
            self.held = [load_shard(path, self.vae, mirror=False) for path in paths]

    def __len__(self) -> int:
        return sum(map(len, self.shards.values()))

    def sizes(self, moment: Moment) -> tuple[int, int]:
        """Examples of a step, and latent frames of each after its prefix: long films from some moment on, half as
        many."""
        recipe = self.recipe
        grown = recipe.start is not None or moment.progress > recipe.long_after
        quads = 4 if grown and moment.shared.random() < 1 / 2 else 2
        return (recipe.batch if quads == 2 else max(recipe.batch // 2, 1)), quads

    def draw(self, moment: Moment) -> Batch:
        if not self.shards:
            raise HumanDiTError(
                f"{self.recipe.data} holds no train-*.npz for rank {self.lane.number}. Render more shards."
            )
        size, quads = self.sizes(moment)
        return draw_batch(list(self.shards.values()), size, quads, moment.rng, self.moved_picture)

    def heldout(self) -> list[Batch]:
        rng = np.random.default_rng(7)
        return [draw_batch(self.held, HELDOUT, 2, rng, self.moved_picture)] if self.held else []

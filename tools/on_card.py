"""The film model's trainer fed from a graphics card's own memory."""

from __future__ import annotations

import copy
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import torch

from humandit.pose.moved import nearer
from humandit.train.bank import Bank, load_bank, reserved, stored, up_to
from humandit.train.examples import Batch
from humandit.train.loss import spread_timesteps
from humandit.train.on_device import draw
from humandit.train.optim import FINE_TUNING, SCRATCH
from humandit.train.recipe import Recipe
from humandit.train.rendered import RenderedSource
from humandit.train.say import say
from humandit.train.sources import Lane, Moment, moment
from humandit.train.video import VideoTrainer
from humandit.video.vae import Autoencoder

READERS = 3
"""Threads that read shards beside the training."""
LOOK = 40
"""Steps between looks for new shards."""
TOKEN = 16
"""Pixels of a token's side."""
EARLY = 0.2
"""Share of the run in which most films are small."""


@dataclass(frozen=True)
class Look:
    """What the examples of a step look like: side in pixels, latent frames after the prefix."""

    side: int
    quads: int

    @property
    def tokens(self) -> int:
        return (self.quads + 1) * (self.side // TOKEN) ** 2


class CardSource(RenderedSource):
    """Rendered shards in the card's memory; a batch is drawn there at once, faults, noise and all.

    Args:
        clips: room, with mirrored ones.
        tokens: of a batch.
    """

    def __init__(
        self, recipe: Recipe, vae: Autoencoder, device: torch.device, moved_picture: bool, clips: int, tokens: int
    ) -> None:
        super().__init__(recipe, vae, Lane(0, 1), moved_picture)
        self.device, self.there = device, copy.deepcopy(self.vae).to(device)
        self.room, self.tokens, self.filled = clips, tokens, 0
        self.coming: dict[Path, Future[list[Bank]]] = {}
        self.taken: set[Path] = set()
        self.banks: dict[int, Bank] = {}
        self.readers = ThreadPoolExecutor(READERS)
        self.nearer = torch.compile(nearer, dynamic=False) if recipe.compile else nearer

    @property
    def sides(self) -> tuple[int, ...]:
        return tuple(sorted(set(self.recipe.sides)))

    def refresh(self) -> None:
        """Take in shards that were read since last time, and have those read that appeared; the first is waited for."""
        for path in sorted(self.recipe.data.glob("train-*.npz")):
            if path not in self.coming:
                self.coming[path] = self.readers.submit(self._read, path)
        wait(self.coming.values(), return_when=FIRST_COMPLETED)
        for path, one in self.coming.items():
            if one.done() and path not in self.taken:
                self._take(one.result())
                self.taken.add(path)
                self.coming[path] = Future()  # what was read is let go
                self.coming[path].set_result([])
        self.hold()

    def _read(self, path: Path) -> list[Bank]:
        return [load_bank(path, self.there, self.device, side) for side in self.sides]

    def _take(self, banks: list[Bank]) -> None:
        for side, bank in zip(self.sides, banks, strict=True):
            if side not in self.banks:
                shared = self.banks[self.sides[0]].pictures if self.banks else None
                self.banks[side] = reserved(bank, self.room, shared)
            stored(self.banks[side], bank, self.filled)
        self.filled = min(self.filled + len(banks[0]), self.room)

    def __len__(self) -> int:
        return self.filled

    def look(self, moment: Moment) -> Look:
        """Small films first, then mostly large ones, a few of them short."""
        small, large = self.sides[0], self.sides[-1]
        if small == large or moment.shared.random() < (0.75 if moment.progress < EARLY else 0.2):
            return Look(small, 4)
        return Look(large, 2 if moment.shared.random() < 0.25 else 4)

    def draw(self, moment: Moment) -> Batch:
        recipe, look = self.recipe, self.look(moment)
        torch.manual_seed(int(moment.rng.integers(2**63)))
        return draw(
            up_to(self.banks[look.side], self.filled), max(self.tokens // look.tokens, 1), look.quads,
            recipe.pose_dropout, recipe.prefix_noise, recipe.prefix_noise_share, self.moved_picture, self.nearer,
        )  # fmt: skip


class CardTrainer(VideoTrainer):
    """As :class:`VideoTrainer` on one rank, without prefix errors.

    ``clips`` and ``tokens`` as :class:`CardSource`'s.
    """

    source: CardSource

    def __init__(self, recipe: Recipe, rank: int, clips: int = 2**14, tokens: int = 2**17) -> None:
        self.clips, self.tokens = clips, tokens
        if recipe.compile:  # one kernel for each of the few sizes; the default would give up after eight
            torch._dynamo.config.automatic_dynamic_shapes = False
            torch._dynamo.config.recompile_limit = 64
        super().__init__(recipe, rank)

    def make_source(self, lane: Lane) -> CardSource:
        moved_picture = self.model.config.moved_picture
        return CardSource(self.recipe, self.vae, self.device, moved_picture, self.clips, self.tokens)

    def train_step(self, progress: float) -> float:
        recipe = self.recipe
        if self.step % LOOK == 0:
            self.source.refresh()
            say(f"step {self.step}, {self.spent:.2f} minutes, {len(self.source)} clips")
        now = moment(recipe.seed, self.step, 0, progress)
        batch = self.source.draw(now)
        noise = torch.randn_like(batch.latents)
        timestep = torch.from_numpy(spread_timesteps(len(noise), now.rng, recipe.high_noise)).to(self.device)
        loss, _ = self.loss(batch, noise, timestep)
        return self.descend(loss, progress, *(FINE_TUNING if recipe.start else SCRATCH))

    def measure(self) -> None:
        """Not compiled: other sizes, seen once."""
        with torch.compiler.set_stance("force_eager"):
            super().measure()

"""The film model's trainer fed from a graphics card's own memory."""

from __future__ import annotations

import copy
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import torch

from humandit.train.examples import Batch
from humandit.train.loss import spread_timesteps
from humandit.train.on_device import Bank, draw, joined, load_bank
from humandit.train.optim import FINE_TUNING, SCRATCH
from humandit.train.recipe import Recipe
from humandit.train.rendered import RenderedSource
from humandit.train.sources import Lane, Moment, moment
from humandit.train.video import VideoTrainer
from humandit.video.vae import Autoencoder

READERS = 3
"""Threads that read shards beside the training."""
LOOK = 40
"""Steps between looks for new shards."""


class CardSource(RenderedSource):
    """Rendered shards in the card's memory; a batch is drawn there at once, faults, noise and all."""

    def __init__(self, recipe: Recipe, vae: Autoencoder, device: torch.device) -> None:
        super().__init__(recipe, vae, Lane(0, 1))
        self.device, self.there = device, copy.deepcopy(self.vae).to(device)
        self.coming: dict[Path, Future[Bank]] = {}
        self.banks: dict[Path, Bank] = {}
        self.readers = ThreadPoolExecutor(READERS)

    def refresh(self) -> None:
        """Take in shards that were read since last time, and have those read that appeared; the first is waited for."""
        for path in sorted(self.recipe.data.glob("train-*.npz")):
            if path not in self.coming:
                self.coming[path] = self.readers.submit(load_bank, path, self.there, self.device)
        wait(self.coming.values(), return_when=FIRST_COMPLETED)
        new = {path: one.result() for path, one in self.coming.items() if one.done() and path not in self.banks}
        if new:
            self.banks |= new
            self.bank = joined(list(self.banks.values()))
        self.hold()

    def __len__(self) -> int:
        return sum(map(len, self.banks.values()))

    def draw(self, moment: Moment) -> Batch:
        recipe = self.recipe
        size, quads = self.sizes(moment)
        torch.manual_seed(int(moment.rng.integers(2**63)))
        return draw(self.bank, size, quads, recipe.pose_dropout, recipe.prefix_noise, recipe.prefix_noise_share)


class CardTrainer(VideoTrainer):
    """As :class:`VideoTrainer` on one rank, without prefix errors."""

    def __init__(self, recipe: Recipe, rank: int) -> None:
        super().__init__(recipe, rank)
        self.source = CardSource(recipe, self.vae, self.device)

    def train_step(self, progress: float) -> float:
        recipe = self.recipe
        if self.step % LOOK == 0:
            self.source.refresh()
        now = moment(recipe.seed, self.step, 0, progress)
        batch = self.source.draw(now)
        noise = torch.randn_like(batch.latents)
        timestep = torch.from_numpy(spread_timesteps(len(noise), now.rng, recipe.high_noise)).to(self.device)
        loss, _ = self.loss(batch, noise, timestep)
        return self.descend(loss, progress, *(FINE_TUNING if recipe.start else SCRATCH))

"""Train the video DiT (paper §3.3): clean prefix, noise on the rest, loss without frame 0, pose dropout.

Resumable: every few minutes the whole state goes to one checkpoint. ``--minutes`` is the length of the whole run,
over all stretches; the learning rate falls to zero at its end.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import InvalidWeights
from ..video.light_vae import LightVAE
from ..video.model import HumanDiT
from ..video.sample import schedule_of
from ..video.spread import share_out
from ..weights.load import load_vae
from ..weights.save import save_model
from .build import built, trainable
from .examples import Batch, Shard, draw_batch, load_shard, scramble
from .loop import Loop
from .loss import loss_and_clean, pixel_weights, spread_timesteps, training_loss
from .optim import FINE_TUNING, SCRATCH
from .precision import autocast, training_dtype
from .prefix_errors import kept, prefix_errors, with_errors
from .recipe import Recipe


def light_vae(source: Path | str) -> LightVAE:
    """The autoencoder, which must be a light one: its latents can be cut out of longer films."""
    vae = load_vae(source)
    if not isinstance(vae, LightVAE):
        raise InvalidWeights(f"The 'mini' recipe trains on the light VAE's latents, got {type(vae).__name__}.")
    return vae


class VideoTrainer(Loop):
    """State of one rank."""

    model: HumanDiT

    def __init__(self, recipe: Recipe, rank: int) -> None:
        super().__init__(recipe, rank, recipe.sequence)
        self.recipe = recipe
        self.model = trainable(built(recipe, self.device, self.dtype), recipe)
        self.config = self.model.config
        self.schedule = schedule_of(self.config)
        if recipe.sequence > 1:
            share_out(self.model, self.groups.group)
        self.adopt(self.model, self.model.transformer_blocks, recipe.optimizer, recipe.shard)
        self.vae = light_vae(recipe.vae)
        self.channels = pixel_weights(self.vae)
        self.shards: dict[Path, Shard] = {}
        self.heldout: list[Shard] = []
        self.errors: list[Tensor] = []  # not saved: a few steps fill it again
        if recipe.compile:
            for block in self.model.transformer_blocks:
                block.compile()

    def export(self, state: dict[str, Any]) -> None:
        """The averaged weights as a model file."""
        model = HumanDiT(self.config)
        model.load_state_dict({**state["model"], **state["averaged"]["values"]})
        note = {
            "licence": "Apache-2.0",
            "trained": f"{self.step} steps, {self.spent:.0f} minutes",
            "latent_scale": str(self.vae.scaling_factor),
        }
        save_model(self.recipe.out / "video.safetensors", model, self.config, "video", note, torch.float16)

    def prepare(self) -> None:
        self.read_new_shards()

    def read_new_shards(self) -> None:
        """Take in shards that appeared since last time: train-*.npz for training, heldout-*.npz for the curve.

        Each rank keeps its own share of them, those that share a film the same."""
        for path in sorted(self.recipe.data.glob("train-*.npz")):
            if path not in self.shards and zlib.crc32(path.name.encode()) % self.groups.films == self.groups.film:
                self.shards[path] = load_shard(path, self.vae)
        if not self.heldout:
            paths = sorted(self.recipe.data.glob("heldout-*.npz"))[:1]
            self.heldout = [load_shard(path, self.vae, mirror=False) for path in paths]

    def train_step(self, progress: float) -> float:
        recipe, rng = self.recipe, np.random.default_rng((self.recipe.seed, self.step, self.groups.film))
        shared = np.random.default_rng((recipe.seed, self.step, 10**6))
        grown = recipe.start is not None or progress > recipe.long_after
        quads = 4 if grown and shared.random() < 1 / 2 else 2
        size = recipe.batch if quads == 2 else recipe.batch // 2
        noise_level = recipe.prefix_noise, recipe.prefix_noise_share
        batch = scramble(
            draw_batch(list(self.shards.values()), size, quads, rng), rng, recipe.pose_dropout, *noise_level
        )
        batch = with_errors(batch, self.errors, recipe.prefix_errors, rng)
        batch = Batch(*(t.to(self.device) for t in (batch.prefix, batch.latents, batch.pose, batch.person)))
        noise = torch.from_numpy(rng.standard_normal(batch.latents.shape, np.float32)).to(self.device)
        timestep = torch.from_numpy(spread_timesteps(size, rng)).to(self.device)
        channels = self.channels.to(self.device)
        with autocast(self.device, self.dtype):
            loss, clean = loss_and_clean(self.model, self.schedule, batch, noise, timestep, recipe.max_weight, channels)
        if recipe.prefix_errors:
            self.errors = kept(self.errors, prefix_errors(clean, batch.latents, timestep, self.vae))
        return self.descend(loss, progress, *(FINE_TUNING if recipe.start else SCRATCH))

    @torch.inference_mode()
    def heldout_loss(self) -> dict[str, float]:
        """Loss of the averaged weights on fixed held-out examples, with their poses and with shuffled ones."""
        model = HumanDiT(self.config)
        model.load_state_dict({k: v.cpu() for k, v in self.model.state_dict().items()})
        self.averaged.copy_to(model)
        rng = np.random.default_rng(7)
        batch = draw_batch(self.heldout, 32, 2, rng)
        noise = torch.from_numpy(rng.standard_normal(batch.latents.shape, np.float32))
        result = {}
        for t in (999, 700):
            timestep = torch.full((32,), t)
            args = (noise, timestep, self.recipe.max_weight, self.channels)
            wrong = replace(batch, pose=batch.pose.roll(1, 0))
            with autocast(torch.device("cpu"), training_dtype(torch.device("cpu"))):
                result[f"heldout_{t}"] = training_loss(model, self.schedule, batch, *args).item()
                result[f"shuffled_{t}"] = training_loss(model, self.schedule, wrong, *args).item()
        return result

    def report(self) -> None:
        """One line of the log and of the terminal."""
        recent, self.losses = self.losses, []
        values = {"step": self.step, "minutes": round(self.spent, 2), "clips": sum(map(len, self.shards.values()))}
        values["loss"] = round(float(np.mean(recent)), 5) if recent else 0.0
        values.update({k: round(v, 5) for k, v in self.heldout_loss().items()} if self.heldout else {})
        self.folder.log(**values)
        print(values, flush=True)  # noqa: T201


def train_rank(rank: int, recipe: Recipe) -> None:
    """Entry of one process."""
    VideoTrainer(recipe, rank).run()

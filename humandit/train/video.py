"""Train the video DiT (paper §3.3): clean prefix, noise on the rest, loss without frame 0, pose dropout.

Resumable: every few minutes the whole state goes to one checkpoint. What a step draws at random depends on seed, step
and rank alone, so a run that goes on does what it would have done; one that counts steps ends in the same bits.
"""

from __future__ import annotations

import shutil
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..data.clips.work import disk_full, full
from ..errors import HumanDiTError
from ..media.write import whole_file
from ..video.light_vae import LightVAE
from ..video.model import HumanDiT
from ..video.sample import schedule_of
from ..video.spread import share_out
from ..video.vae import Autoencoder
from ..weights.load import load_vae
from .build import built, trainable
from .examples import Batch, scramble
from .export import about_run, save_weights
from .heldout import heldout_losses, score
from .loop import Loop
from .loss import latent_weights, loss_and_clean, spread_timesteps
from .optim import FINE_TUNING, SCRATCH
from .pictures import Board, sampled, write_curves, write_samples
from .precision import autocast, number_type
from .prefix_errors import kept, prefix_errors, with_errors
from .ranks import of_all
from .recipe import Recipe
from .recompute import recomputed
from .say import say
from .sources import Lane, Source, moment, source_of
from .structure import Structure


class VideoTrainer(Loop):
    """State of one rank."""

    model: HumanDiT

    def __init__(self, recipe: Recipe, rank: int) -> None:
        super().__init__(recipe, rank, recipe.sequence)
        self.recipe, self.dtype = recipe, number_type(recipe.precision, self.dtype)
        self.vae = autoencoder(recipe, self.device, self.dtype)
        model = built(recipe, self.device, self.dtype, self.vae)
        self.model = trainable(model, recipe, self.dtype)
        self.source = self.make_source(Lane(self.groups.film, self.groups.films))
        self.ask = partial(self.model, run_blocks=recomputed) if recipe.checkpointing else self.model
        self.config = self.model.config
        self.schedule = schedule_of(self.config)
        self.channels = latent_weights(self.vae).to(self.device)
        self.structure = structure(recipe, self.vae, self.device)
        self.errors: list[Tensor] = []
        self.best, self.is_best, self.measured = float("inf"), False, dict[str, float]()
        self.board: Board | None = None
        if recipe.sequence > 1:
            share_out(self.model, self.groups.group)
        self.adopt(self.model, self.model.transformer_blocks, recipe.optimizer, recipe.shard)
        if recipe.compile and self.split:
            raise HumanDiTError(
                "Blocks split over processes cannot be compiled yet. Add --no-compile, or shard: false."
            )
        if recipe.compile:
            for part in (*self.model.transformer_blocks, *([self.model.overlay] if self.config.overlaid else [])):
                part.compile()

    def make_source(self, lane: Lane) -> Source:
        """Where examples come from."""
        return source_of(self.recipe, self.vae, lane, self.model.config.moved_picture)

    def resume(self, state: dict[str, Any]) -> None:
        """Refuse the checkpoint of another recipe or other data; take from it what is not the loop's."""
        changes = self.recipe.changed(state.get("recipe", {}))
        before, now = state.get("data") or {}, self.source.prints
        changes += [f"{name} is not what it was" for name in sorted(before) if before[name] != now.get(name)]
        changes += [f"{name} is new" for name in sorted(now) if before and name not in before]
        if changes:
            raise HumanDiTError(
                f"The run in {self.recipe.out} cannot go on: {'; '.join(changes[:5])}. Make it as it was, or choose "
                "another --out and begin with --start."
            )
        errors = state.get("errors", [])
        self.errors = list(errors[self.rank]) if self.rank < len(errors) else []
        self.best = state.get("best", self.best)

    def state(self) -> dict[str, Any]:
        """See :meth:`.loop.Loop.state`."""
        own = {"recipe": self.recipe.to_dict(), "data": self.source.prints, "best": self.best}
        return {**super().state(), **own, "errors": of_all([error.cpu() for error in self.errors])}

    def prepare(self) -> None:
        self.source.refresh()

    def train_step(self, progress: float) -> float:
        recipe = self.recipe
        now = moment(recipe.seed, self.step, self.groups.film, progress)
        noise_level = recipe.prefix_noise, recipe.prefix_noise_share
        batch = scramble(self.source.draw(now), now.rng, recipe.pose_dropout, *noise_level)
        batch = with_errors(batch, self.errors, recipe.prefix_errors, now.rng).to(self.device)
        noise = torch.from_numpy(now.rng.standard_normal(batch.latents.shape, np.float32)).to(self.device)
        drawn = spread_timesteps(len(batch.latents), now.rng, recipe.high_noise)
        timestep = torch.from_numpy(drawn).to(self.device)
        loss, clean = self.loss(batch, noise, timestep)
        if recipe.prefix_errors and isinstance(self.vae, LightVAE):
            self.errors = kept(self.errors, prefix_errors(clean, batch.latents, timestep, self.vae))
        return self.descend(loss, progress, *(FINE_TUNING if recipe.start else SCRATCH))

    def loss(self, batch: Batch, noise: Tensor, timestep: Tensor) -> tuple[Tensor, Tensor]:
        """The loss, and the clean latents that the model saw in the noise."""
        weights = self.recipe.max_weight, self.channels, self.recipe.person, self.structure
        with autocast(self.device, self.dtype):
            return loss_and_clean(self.ask, self.schedule, batch, noise, timestep, *weights)

    def measure(self) -> None:
        """Held-out losses and samples of the averaged weights."""
        recipe, folder = self.recipe, self.recipe.out / "samples"
        batches = self.source.heldout()
        weights = recipe.max_weight, self.channels, recipe.person
        with self.averaged.lent_to(self.model), torch.no_grad(), autocast(self.device, self.dtype):
            there = (batch.to(self.device) for batch in batches)  # one at a time: they are large
            self.measured = heldout_losses(self.model, self.schedule, there, *weights)
            singly = (one.to(self.device) for batch in batches for one in batch.singly())
            shown = list(islice(singly, recipe.samples))
            made = [sampled(self.model, self.config, one) for one in shown]
        self.is_best = recipe.keep_best and bool(batches) and score(self.measured) < self.best
        self.best = min(self.best, score(self.measured)) if batches else self.best
        if made and self.rank == 0:
            path = folder / f"{self.step:07d}.png"
            self.measured["sample_psnr"] = write_samples(path, self.vae, shown, made)

    def report(self) -> None:
        """One line of the log and of the terminal; curves and pictures."""
        recent, self.losses = self.losses, []
        values = {"step": self.step, "minutes": round(self.spent, 2), "clips": len(self.source)}
        values["loss"] = round(float(np.mean(recent)), 5) if recent else 0.0
        values.update({k: round(v, 5) for k, v in self.measured.items()})
        self.folder.log(**values)
        print(values, flush=True)  # noqa: T201
        write_curves(self.recipe.out / "log.jsonl", self.recipe.out / "curves.png")
        self.board = self.board or Board(self.recipe.out / "tensorboard")
        self.board.show(self.step, values, self.recipe.out / "samples" / f"{self.step:07d}.png")

    def export(self, state: dict[str, Any]) -> None:
        """The averaged weights as a file; a copy of it where none did better on held-out films."""
        notes = about_run(self.recipe, self.step, self.spent, self.vae.scaling_factor)
        values = {**state["model"], **state["averaged"]["values"]}
        path = save_weights(self.recipe.out, self.model, self.config, values, notes)
        if self.is_best:
            with whole_file(path.with_name(f"best-{path.name}")) as part:
                shutil.copyfile(path, part)


def autoencoder(recipe: Recipe, device: torch.device, dtype: torch.dtype) -> Autoencoder:
    """The recipe's autoencoder: a light one on the CPU, where it is fast enough, another one beside the model."""
    vae = load_vae(recipe.vae)
    if isinstance(vae, LightVAE):
        return vae
    if recipe.prefix_errors:
        raise HumanDiTError("prefix_errors needs the light VAE: another one would decode a whole film at every step.")
    assert isinstance(vae, torch.nn.Module)
    vae.to(device, dtype if device.type == "cuda" else torch.float32)
    return vae


def structure(recipe: Recipe, vae: Autoencoder, device: torch.device) -> Structure | None:
    """What the recipe has unlike structure cost, if anything."""
    if recipe.structure == 0:
        return None
    if not isinstance(vae, LightVAE):
        raise HumanDiTError(
            "structure needs the light VAE: another one's latents are no pixels by a product. Set it to 0."
        )
    return Structure(vae, device, recipe.structure, recipe.compile)


def train_rank(rank: int, recipe: Recipe) -> None:
    """Entry of one process."""
    trainer = VideoTrainer(recipe, rank)
    if rank == 0 and trainer.step:
        say(f"The run goes on at step {trainer.step}.")
    try:
        trainer.run()
    except OSError as problem:
        if not disk_full(problem):
            raise
        raise HumanDiTError(full(recipe.out, problem)) from problem

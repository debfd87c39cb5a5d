"""Train the Keypoint-DiT (paper §3.4, App. B): clean prefix, noise on the rest, half of the frames as condition.

People, cameras and faults are made while it trains; nothing is read but the bundled body, the motion clips and, where
somebody brings some, poses of real films and motion capture. Resumable like the video's training, by the same
checkpoint.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from ..data.motion import draw_film, load_recordings
from ..data.motion.pieces import Footage, load_footage
from ..diffusion.attention import sdpa
from ..diffusion.blocks import AdaLayerNormOut, AdaLayerNormZero
from ..diffusion.sampling import schedule_of
from ..diffusion.schedule import Schedule
from ..motion.model import KeypointDiT
from ..weights.load import load_motion
from ..weights.save import save_model
from .build import plain_attention, zero
from .loop import Loop
from .loss import spread_timesteps
from .motion_energy import calibrated
from .motion_examples import MotionBatch, TakePool, batch_of, draw_batch
from .motion_loss import clean_of, position_error, training_loss
from .motion_recipe import MotionRecipe
from .optim import FINE_TUNING, SCRATCH
from .precision import autocast

LEVELS = (999, 700, 300)
"""Timesteps of the curves; at 999 nothing but prefix and condition is left."""


def initialise(model: KeypointDiT) -> None:
    """Blocks start as identities and the output at zero: the untrained model holds the pose."""
    for module in model.modules():
        if isinstance(module, AdaLayerNormZero | AdaLayerNormOut):
            zero(module.linear)
    zero(model.proj_out)


class MotionTrainer(Loop):
    """State of one rank."""

    model: KeypointDiT

    def __init__(self, recipe: MotionRecipe, rank: int) -> None:
        super().__init__(recipe, rank)
        self.recipe = recipe
        self.model = KeypointDiT(recipe.config, attention=plain_attention if self.device.type == "cpu" else sdpa)
        initialise(self.model)
        if recipe.start is not None:
            self.model.load_state_dict(load_motion(recipe.start).state_dict())
        self.config = recipe.config
        self.schedule: Schedule = schedule_of(recipe.config)
        self.adopt(self.model, self.model.transformer_blocks)
        recordings = load_recordings(recipe.mocap) if recipe.mocap else ()
        self.pool = TakePool(recipe, self.step, rank, recordings)
        self.footage = load_footage(recipe.footage, recipe.length) if recipe.footage else Footage()
        self.heldout: dict[str, MotionBatch] = {}
        if recipe.compile:
            for block in self.model.transformer_blocks:
                block.compile()

    def export(self, state: dict[str, Any]) -> None:
        """The averaged weights as a model file."""
        note = {"licence": "Apache-2.0", "trained": f"{self.step} steps, {self.spent:.0f} minutes"}
        path = self.recipe.out / "motion.safetensors"
        save_model(path, self.mean_model(), self.config, "motion", note, torch.int8)

    def mean_model(self) -> KeypointDiT:
        """The averaged weights, on the CPU."""
        model = KeypointDiT(self.recipe.config)
        model.load_state_dict({k: v.cpu() for k, v in self.model.state_dict().items()})
        self.averaged.copy_to(model)
        return model.eval()

    def run(self) -> None:
        """Train until the time is up; then find out what energies the model understands."""
        super().run()
        if self.rank == 0 and self.recipe.asked and self.spent >= self.recipe.minutes:
            self.config = calibrated(self.mean_model(), self.recipe.asked)
            self.save()

    def train_step(self, progress: float) -> float:
        recipe, rng = self.recipe, np.random.default_rng((self.recipe.seed, self.step, self.rank))
        batch = draw_batch(self.pool.renewed(self.step), recipe, rng, self.footage.train).to(self.device)
        noise = torch.from_numpy(rng.standard_normal(batch.points.shape, np.float32)).to(self.device)
        timestep = torch.from_numpy(spread_timesteps(recipe.batch, rng)).to(self.device)
        with autocast(self.device, self.dtype):
            loss = training_loss(self.model, self.schedule, batch, noise, timestep, recipe.max_weight, recipe.velocity)
        return self.descend(loss, progress, *(FINE_TUNING if recipe.start else SCRATCH))

    @torch.inference_mode()
    def heldout_errors(self) -> dict[str, float]:
        """Position errors in body heights of the averaged weights on fixed held-out films: with every frame given,
        faulty ones among them (``refined_T``), without any condition (``free_T``), and of the held pose. On held-out
        footage, where there is some, ``footage_999`` and ``footage_free_999``."""
        model, batches = self.mean_model(), self._heldout_batches()
        batch, result = batches["films"], {}
        for level in LEVELS:
            result[f"refined_{level}"] = self._error(model, batch, level)
            result[f"free_{level}"] = self._error(model, batch.without_condition(), level)
        result["held"] = position_error(batch.points[:, :1].expand_as(batch.points), batch)
        if real := batches.get("footage"):
            result["footage_999"] = self._error(model, real, 999)
            result["footage_free_999"] = self._error(model, real.without_condition(), 999)
        return result

    def _heldout_batches(self) -> dict[str, MotionBatch]:
        if not self.heldout:
            given, count = replace(self.recipe, dropped=0.0, kept=1.0, tau=8), self.recipe.heldout
            films = [draw_film(seed, "heldout", self.recipe.length) for seed in range(count)]
            self.heldout["films"] = batch_of(films, given, np.random.default_rng(7), 1)
            if real := self.footage.heldout:
                some = [real[i] for i in np.linspace(0, len(real) - 1, min(count, len(real))).round().astype(int)]
                self.heldout["footage"] = batch_of(some, given, np.random.default_rng(7), 1)
        return self.heldout

    def _error(self, model: KeypointDiT, batch: MotionBatch, level: int) -> float:
        noise = torch.from_numpy(np.random.default_rng(8).standard_normal(batch.points.shape, np.float32))
        timestep = torch.full((len(batch.points),), level)
        return position_error(clean_of(model, self.schedule, batch, noise, timestep), batch)

    def report(self) -> None:
        """One line of the log and of the terminal."""
        recent, self.losses = self.losses, []
        values: dict[str, float | int] = {"step": self.step, "minutes": round(self.spent, 2)}
        values["people"] = len(self.pool.takes)
        values["loss"] = round(float(np.mean(recent)), 6) if recent else 0.0
        values.update({name: round(value, 5) for name, value in self.heldout_errors().items()})
        self.folder.log(**values)
        print(values, flush=True)  # noqa: T201


def train_motion_rank(rank: int, recipe: MotionRecipe) -> None:
    """Entry of one process."""
    MotionTrainer(recipe, rank).run()

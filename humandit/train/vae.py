"""Train the light autoencoder: principal components in closed form, then the decoder's network.

The encoder is finished after the first minute and never changes, so the video DiT can train beside the decoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import HumanDiTError, InvalidWeights
from ..video.light_vae import LightVAE, LightVAEConfig
from ..weights.load import load_vae
from ..weights.save import save_model
from .loop import Loop
from .optim import SCRATCH
from .precision import autocast
from .vae_examples import Clips, load_clips, load_pictures, moved_pictures, random_crops
from .vae_loss import extend_components, fit_components, heldout_psnr, reconstruction_loss


@dataclass(frozen=True)
class VAERecipe:
    """How to train.

    Attributes:
        data: folder of rendered shards. out: folder of the run.
        minutes: length over all stretches. stretch: minutes of this call at most, or None.
        config: sizes of the decoder's network; those of ``start`` where the run begins with weights.
        start: an autoencoder whose linear code is kept, "mini" or a file; its network too if ``config`` is its own.
            The video models of that code go on working with the new decoder. A ``config`` of more channels keeps those
            of the code and adds some. None fits a code to the data.
        batch: crops per step. lr: peak learning rate. crop: their side in pixels.
        fuzz: most noise on latents in training: generated ones are never perfect.
        person: extra weight of the person's pixels.
        pictures: folder of pictures that join in, or None. pictures_share: their share of every batch.
        shards: how many shards are held in memory at most.
        steps: length of the run in steps, in place of minutes, or None.
        ema, save_minutes, seed: as in the video recipe.
    """

    data: Path
    out: Path
    minutes: float = 90.0
    stretch: float | None = None
    config: LightVAEConfig | None = None
    start: Path | str | None = None
    batch: int = 6
    lr: float = 1.5e-3
    fuzz: float = 0.05
    crop: int = 64
    person: float = 0.0
    pictures: Path | None = None
    pictures_share: float = 0.25
    shards: int = 24
    save_minutes: float = 3.0
    seed: int = 0
    steps: int | None = None
    ema: float = 0.998


def begun(recipe: VAERecipe, clips: Clips) -> LightVAE:
    """The autoencoder that a fresh run begins with: a code fitted to ``clips``, or that of ``recipe.start``."""
    if recipe.start is None:
        vae = LightVAE(recipe.config)
        fit_components(vae, clips.frames, recipe.seed)
        return vae
    old = load_vae(recipe.start)
    if not isinstance(old, LightVAE):
        raise InvalidWeights(f"Only a light autoencoder can be trained further, got {type(old).__name__}. Use 'mini'.")
    if recipe.config in (None, old.config):
        return old.train().requires_grad_(True)
    vae = LightVAE(recipe.config)
    if vae.config.channels < old.config.channels:
        raise InvalidWeights(
            f"The code of {recipe.start} has {old.config.channels} channels and keeps them, the config asks for "
            f"{vae.config.channels}. Ask for as many or more."
        )
    if vae.config.channels > old.config.channels:
        extend_components(vae, old, clips.frames, recipe.seed)
        return vae
    for new, code in ((vae.single, old.single), (vae.quad, old.quad)):
        new.load_state_dict(code.state_dict())
    return vae


def write_vae(vae: LightVAE, path: Path, note: dict[str, str]) -> None:
    """A light autoencoder as a model file."""
    save_model(path, vae, {"class": "LightVAE", **vae.config.to_dict()}, "vae", note)


class VAETrainer(Loop):
    """State of a run."""

    model: LightVAE

    def __init__(self, recipe: VAERecipe) -> None:
        super().__init__(recipe, 0)
        self.recipe = recipe
        clips = load_clips(self._shards("train")[: recipe.shards])
        self.heldout = load_clips(self._shards("heldout")[:1]).frames[:32]
        self.pictures = None if recipe.pictures is None else load_pictures(recipe.pictures).to(self.device)
        self.model = begun(recipe, clips)
        self.clips = clips.to(self.device)
        self.adopt(self.model, self.model, "adamw")
        self.psnr = (0.0, 0.0)
        self.save()  # at once: the video model may begin with its encoder

    def _shards(self, split: str) -> list[Path]:
        paths = sorted(self.recipe.data.glob(f"{split}-*.npz"))
        if not paths:
            raise HumanDiTError(f"{self.recipe.data} holds no {split}-*.npz. Run: humandit data synthetic.")
        return paths

    def mean_model(self) -> LightVAE:
        """The averaged weights, the network's in half precision, on the CPU."""
        model = LightVAE(self.model.config)
        model.load_state_dict(self.model.state_dict())
        self.averaged.copy_to(model)
        model.refiner.half()
        return model

    def export(self, state: dict[str, Any]) -> None:
        """The averaged weights as a model file."""
        note = {"licence": "Apache-2.0", "trained": f"{self.step} steps, {self.spent:.0f} minutes"}
        write_vae(self.mean_model(), self.recipe.out / "vae.safetensors", note)

    def train_step(self, progress: float) -> float:
        rng = np.random.default_rng((self.recipe.seed, self.step))
        frames, weight = self._crops(rng)
        with autocast(self.device, self.dtype):
            loss = reconstruction_loss(self.model, frames, torch.tensor(self.recipe.fuzz * rng.random()), weight)
        return self.descend(loss, progress, *SCRATCH)

    def _crops(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """A step's frames and what each pixel counts."""
        recipe = self.recipe
        pictures = 0 if self.pictures is None else round(recipe.pictures_share * recipe.batch)
        frames, person = random_crops(self.clips, recipe.batch - pictures, recipe.crop, rng)
        weight = 1 + recipe.person * person
        if self.pictures is not None and pictures:
            moved = moved_pictures(self.pictures, pictures, recipe.crop, rng)
            frames, weight = torch.cat([frames, moved]), torch.cat([weight, torch.ones_like(moved[..., :1])])
        return frames, weight

    def measure(self) -> None:
        """dB of held-out clips through the weights as they are written."""
        model = self.mean_model()
        model.refiner.float()
        self.psnr = heldout_psnr(model, self.heldout)

    def report(self) -> None:
        """One line of the log and of the terminal."""
        recent, self.losses = self.losses, []
        values: dict[str, float | int] = {"step": self.step, "minutes": round(self.spent, 2)}
        values["loss"] = float(np.mean(recent)) if recent else 0.0
        values["psnr"], values["pca_psnr"] = self.psnr
        self.folder.log(**values)
        print(values, flush=True)  # noqa: T201

"""Train the light autoencoder: principal components in closed form, then the decoder's network.

The encoder is finished after the first minute and never changes, so the video DiT can train beside the decoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import HumanDiTError, InvalidWeights
from ..types import TIME_SCALE
from ..video.light_vae import BlockPCA, LightVAE, LightVAEConfig
from ..weights.load import load_vae
from ..weights.save import save_model
from .clock import Clock
from .optim import SCRATCH, adamw, trapezoid
from .precision import autocast, training_dtype
from .state import Averaged, RunFolder
from .vae_examples import Clips, load_clips, load_pictures, moved_pictures, random_crops


@dataclass(frozen=True)
class VAERecipe:
    """How to train.

    Attributes:
        data: folder of rendered shards. out: folder of the run.
        minutes: length over all stretches. stretch: minutes of this call at most, or None.
        config: sizes of the decoder's network; those of ``start`` where the run begins with weights.
        start: an autoencoder whose linear code is kept, "mini" or a file; its network too if ``config`` is its own.
            The video models of that code go on working with the new decoder. None fits a code to the data.
        batch: crops per step. lr: peak learning rate. crop: their side in pixels.
        fuzz: most noise on latents in training: generated ones are never perfect.
        person: extra weight of the person's pixels.
        pictures: folder of pictures that join in, or None. pictures_share: their share of every batch.
        shards: how many shards are held in memory at most.
    """

    data: Path
    out: Path
    minutes: float
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


def fit_components(vae: LightVAE, clips: Tensor, seed: int, samples: int = 100_000) -> None:
    """Fit both linear codes to random blocks of ``clips``."""
    rng = torch.Generator().manual_seed(seed)

    def sample(code: BlockPCA, frames: Tensor) -> None:
        blocks = torch.cat([code.blocks(clip.float() / 255).flatten(0, 2) for clip in frames])
        code.fit(blocks[torch.randperm(len(blocks), generator=rng)[:samples]])

    chosen = torch.randperm(len(clips), generator=rng)
    sample(vae.single, clips[chosen[:600], :1])
    sample(vae.quad, clips[chosen[:150], 1:])


@torch.no_grad()
def codes(vae: LightVAE, frames: Tensor) -> Tensor:
    """Latents [B, 3, C, h, w] of clips [B, 9, H, W, 3], all at once."""
    first = vae.single.encode(frames[:, 0])[:, None]
    rest = vae.quad.encode(frames[:, 1:].flatten(0, 1)).unflatten(0, (len(frames), -1))
    return torch.cat([first, rest], dim=1)


def linear_frames(vae: LightVAE, latents: Tensor) -> Tensor:
    """Clips [B, 9, H, W, 3] of latents [B, 3, C, h, w] by the linear part alone."""
    first = vae.single.decode(latents[:, 0])[:, None]
    rest = vae.quad.decode(latents[:, 1:].flatten(0, 1)).unflatten(0, (len(latents), -1))
    return torch.cat([first, rest], dim=1)


def reconstruction_loss(vae: LightVAE, frames: Tensor, fuzz: Tensor, weight: Tensor | None = None) -> Tensor:
    """Squared plus a tenth absolute error of clips [B, 9, H, W, 3] through the noisy code; ``weight`` [B, 9, H, W, 1]
    says how much each pixel counts."""
    with autocast(frames.device, torch.float32):  # the linear part is exact, or the network learns rounding
        latents = codes(vae, frames)
        latents = latents + fuzz * torch.randn_like(latents)
        linear = linear_frames(vae, latents)
    before = torch.cat([latents[:, :1], latents[:, :-1]], dim=1)
    flags = torch.zeros(latents.shape[:2], device=frames.device)
    flags[:, 0] = 1
    residual = vae.refiner(latents.flatten(0, 1), before.flatten(0, 1), flags.flatten()).float()
    extra = residual.unflatten(0, flags.shape).flatten(1, 2)[:, TIME_SCALE - 1 :]
    error = linear + extra - frames
    cost = error.square() + 0.1 * error.abs()
    return cost.mean() if weight is None else (cost * weight).mean() / weight.mean()


@torch.inference_mode()
def heldout_psnr(vae: LightVAE, clips: Tensor) -> tuple[float, float]:
    """Mean PSNR in dB over clips: the whole decoder's, and the linear part's alone."""
    scores = []
    for clip in clips:
        frames = clip.float() / 255
        latents = vae.encode(frames)
        pair = (torch.cat(list(vae.decode(latents))), vae.decode_linear(latents))
        scores.append([-10 * torch.log10((p - frames).square().mean()).item() for p in pair])
    return tuple(np.mean(scores, axis=0).tolist())


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
        return old
    vae = LightVAE(recipe.config)
    for new, code in ((vae.single, old.single), (vae.quad, old.quad)):
        new.load_state_dict(code.state_dict())
    return vae


class VAETrainer:
    """State of a run."""

    def __init__(self, recipe: VAERecipe) -> None:
        self.recipe = recipe
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.dtype = training_dtype(self.device)
        torch.manual_seed(recipe.seed)
        self.folder = RunFolder(recipe.out)
        clips = load_clips(self._shards("train")[: recipe.shards])
        self.heldout = load_clips(self._shards("heldout")[:1]).frames[:32]
        self.pictures = None if recipe.pictures is None else load_pictures(recipe.pictures).to(self.device)
        self.step, self.spent = 0, 0.0
        self.vae = begun(recipe, clips)
        self.clips = clips.to(self.device)
        state = self.folder.load()
        if state is not None:
            self.vae.load_state_dict(state["model"])
        self.vae.to(self.device)
        self.averaged = Averaged(self.vae, 0.998)
        self.optimizer = adamw(list(self.vae.parameters()), recipe.lr)
        if state is not None:
            self.averaged.load_state_dict(state["averaged"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.spent = state["step"], state["spent"]
        self.save()

    def _shards(self, split: str) -> list[Path]:
        paths = sorted(self.recipe.data.glob(f"{split}-*.npz"))
        if not paths:
            raise HumanDiTError(f"{self.recipe.data} holds no {split}-*.npz. Run: humandit data synthetic.")
        return paths

    def save(self) -> None:
        self.folder.save(
            {
                "model": self.vae.state_dict(),
                "averaged": self.averaged.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
                "spent": self.spent,
            }
        )
        self._export()

    def _export(self) -> LightVAE:
        """Write the averaged weights, the network's in half precision; returns what was written."""
        model = LightVAE(self.vae.config)
        model.load_state_dict(self.vae.state_dict())
        self.averaged.copy_to(model)
        model.refiner.half()
        note = {"licence": "Apache-2.0", "trained": f"{self.step} steps, {self.spent:.0f} minutes"}
        config = {"class": "LightVAE", **self.vae.config.to_dict()}
        save_model(self.recipe.out / "vae.safetensors", model, config, "vae", note)
        model.refiner.float()
        return model

    def train_step(self, progress: float) -> float:
        rng = np.random.default_rng((self.recipe.seed, self.step))
        frames, weight = self._crops(rng)
        with autocast(self.device, self.dtype):
            loss = reconstruction_loss(self.vae, frames, torch.tensor(self.recipe.fuzz * rng.random()), weight)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.vae.parameters(), 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.lr * trapezoid(progress, self.step, *SCRATCH)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.averaged.update(self.vae)
        self.step += 1
        return loss.item()

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

    def run(self) -> None:
        """Train until the time is up."""
        clock, losses = Clock(self.recipe, self.spent), []
        while not clock.over:
            self.spent = clock.spent
            losses.append(self.train_step(self.spent / self.recipe.minutes))
            if clock.due:
                clock.saved()
                self.report(losses)
                losses = []
        self.spent = clock.spent
        self.report(losses)

    def report(self, losses: list[float]) -> None:
        """Checkpoint, and one line of the log and of the terminal."""
        self.save()
        psnr, linear = heldout_psnr(self._export(), self.heldout)
        mean = float(np.mean(losses)) if losses else 0.0
        values = {"step": self.step, "minutes": round(self.spent, 2), "loss": mean, "psnr": psnr, "pca_psnr": linear}
        self.folder.log(**values)
        print(values, flush=True)  # noqa: T201

"""Train the light autoencoder: principal components in closed form, then the decoder's network.

The encoder is finished after the first minute and never changes, so the video DiT can train beside the decoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..types import TIME_SCALE
from ..video.light_vae import BlockPCA, LightVAE, LightVAEConfig, flat_frames
from ..weights.save import save_model
from .clock import Clock
from .optim import SCRATCH, adamw, trapezoid
from .precision import autocast, training_dtype
from .state import Averaged, RunFolder


@dataclass(frozen=True)
class VAERecipe:
    """How to train: data folder, run folder, minutes over all stretches, sizes, clips per step, peak rate.

    ``fuzz`` is the ceiling of the noise put on latents in training: generated latents are never perfect.
    """

    data: Path
    out: Path
    minutes: float
    stretch: float | None = None
    config: LightVAEConfig = LightVAEConfig()
    batch: int = 6
    lr: float = 1.5e-3
    fuzz: float = 0.05
    crop: int = 64
    save_minutes: float = 3.0
    seed: int = 0


def load_frames(paths: list[Path]) -> Tensor:
    """All clips of some shards, uint8 [N, T, H, W, 3]."""
    return torch.from_numpy(np.concatenate([np.load(path)["frames"] for path in paths]))


def fit_components(vae: LightVAE, clips: Tensor, seed: int, samples: int = 100_000) -> None:
    """Fit both linear codes to random blocks of ``clips``."""
    rng = torch.Generator().manual_seed(seed)

    def sample(code: BlockPCA, frames: Tensor) -> None:
        blocks = torch.cat([code.blocks(clip.float() / 255).flatten(0, 2) for clip in frames])
        code.fit(blocks[torch.randperm(len(blocks), generator=rng)[:samples]])

    chosen = torch.randperm(len(clips), generator=rng)
    sample(vae.single, clips[chosen[:600], :1])
    sample(vae.quad, clips[chosen[:150], 1:])


def random_crops(clips: Tensor, count: int, size: int, rng: np.random.Generator) -> Tensor:
    """[count, 9, size, size, 3] floats in 0..1: nine frames from a quad's start, cut on whole blocks, flipped."""
    rows = []
    for clip in rng.integers(0, len(clips), count):
        start = TIME_SCALE * int(rng.integers(0, (clips.shape[1] - 9) // TIME_SCALE + 1))
        top, left = (8 * int(rng.integers(0, (side - size) // 8 + 1)) for side in clips.shape[2:4])
        cut = clips[clip, start : start + 9, top : top + size, left : left + size]
        rows.append(cut.flip(2) if rng.random() < 0.5 else cut)
    return torch.stack(rows).float() / 255


def reconstruction_loss(vae: LightVAE, frames: Tensor, fuzz: Tensor) -> Tensor:
    """Squared plus a tenth absolute error of clips [B, 9, H, W, 3] through the noisy code."""
    total = frames.new_zeros(())
    latents = torch.stack([vae.encode(clip) for clip in frames])
    latents = latents + fuzz * torch.randn_like(latents)
    before = torch.cat([latents[:, :1], latents[:, :-1]], dim=1)
    count = latents.shape[1]
    flags = torch.zeros(len(frames), count, device=frames.device)
    flags[:, 0] = 1
    residual = vae.refiner(latents.flatten(0, 1), before.flatten(0, 1), flags.flatten()).float()
    for clip, code, extra in zip(frames, latents, residual.unflatten(0, (-1, count)), strict=True):
        error = vae.linear(code, True) + flat_frames(extra, True) - clip
        total = total + error.square().mean() + 0.1 * error.abs().mean()
    return total / len(frames)


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


class VAETrainer:
    """State of a run."""

    def __init__(self, recipe: VAERecipe) -> None:
        self.recipe = recipe
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.dtype = training_dtype(self.device)
        torch.manual_seed(recipe.seed)
        self.folder = RunFolder(recipe.out)
        self.vae = LightVAE(recipe.config)
        self.clips = load_frames(sorted(recipe.data.glob("train-*.npz"))[:24])
        self.heldout = load_frames(sorted(recipe.data.glob("heldout-*.npz"))[:1])[:32]
        self.step, self.spent = 0, 0.0
        state = self.folder.load()
        if state is None:
            fit_components(self.vae, self.clips, recipe.seed)
        else:
            self.vae.load_state_dict(state["model"])
        self.vae.to(self.device)
        self.averaged = Averaged(self.vae, 0.998)
        self.optimizer = adamw(list(self.vae.parameters()), recipe.lr)
        if state is not None:
            self.averaged.load_state_dict(state["averaged"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.spent = state["step"], state["spent"]
        self.save()

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
        model = LightVAE(self.recipe.config)
        model.load_state_dict(self.vae.state_dict())
        self.averaged.copy_to(model)
        note = {"licence": "Apache-2.0", "trained": f"{self.step} steps, {self.spent:.0f} minutes"}
        config = {"class": "LightVAE", **self.recipe.config.to_dict()}
        save_model(self.recipe.out / "vae.safetensors", model, config, "vae", note)
        return model

    def train_step(self, progress: float) -> float:
        rng = np.random.default_rng((self.recipe.seed, self.step))
        frames = random_crops(self.clips, self.recipe.batch, self.recipe.crop, rng).to(self.device)
        with autocast(self.device, self.dtype):
            loss = reconstruction_loss(self.vae, frames, torch.tensor(self.recipe.fuzz * rng.random()))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.vae.parameters(), 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.lr * trapezoid(progress, self.step, *SCRATCH)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.averaged.update(self.vae)
        self.step += 1
        return loss.item()

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

"""Train the finisher of a video model whose other weights lie still: first its films, then crops of them.

A finisher can only mend what its own model does, so films are made with the very weights that it will belong to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import HumanDiTError, InvalidWeights
from ..pipeline import Models
from ..video.finish import FACE, HANDS, Finisher, begin
from ..video.model import HumanDiT
from ..weights.load import load_model, load_vae
from ..weights.save import save_model
from ..weights.sources import headers, joined
from .finish_examples import Crops, draw_crops
from .finish_films import Film, load_films, make_films
from .loop import Loop
from .precision import autocast
from .structure import CONTRAST, LUMA

RAMP = (50, 0.5)
"""Steps of warm-up, and share of the run over which the learning rate falls."""
HELD = 96
"""Held-out crops of the curve."""
WINDOW = 7
"""Side of SSIM's window here."""
NEAR = 5
"""Pixels across of what a line of a hand or face stands for."""


@dataclass(frozen=True)
class FinishRecipe:
    """How to train.

    Attributes:
        data: folder of rendered shards (``data synthetic``). out: folder of the run; films lie in ``out/films``.
        start: the video model, "mini" or a file; it must be shown the moved picture. vae: its autoencoder.
        films: rendered shards of which films are made, at most; a clip costs about as long as it takes to make it.
        batch: crops per step. crop: their side in pixels, a multiple of 8. lr: peak learning rate.
        structure: how much 1 - SSIM counts beside the absolute difference of pixels.
        hands, faces: how much more pixels near their lines count; they are few.
        minutes, steps, stretch, save_minutes, seed, ema: as in the video recipe; making films does not count.
    """

    data: Path
    out: Path
    start: Path | str = "mini"
    vae: Path | str = "mini"
    films: int = 8
    batch: int = 24
    crop: int = 48
    lr: float = 2e-3
    structure: float = 0.4
    hands: float = 8.0
    faces: float = 2.0
    minutes: float = 60.0
    stretch: float | None = None
    steps: int | None = None
    save_minutes: float = 3.0
    seed: int = 0
    ema: float = 0.995


class FinishTrainer(Loop):
    """State of a run.

    Muon leaves the last convolution alone: it goes as far in directions without a gradient as in others, and softmax
    has one; logits had grown to 200.
    """

    model: Finisher

    def __init__(self, recipe: FinishRecipe, say: Callable[[str], None] | None = None) -> None:
        super().__init__(recipe, 0)
        self.recipe = recipe
        models = Models(load_model(recipe.start, device=self.device), load_vae(recipe.vae, device=self.device))
        if not models.dit.config.moved_picture:
            raise InvalidWeights("Frames are finished from the moved picture, which this model is not shown.")
        self.films, held = (films_of(recipe, models, split, say or _say) for split in ("train", "heldout"))
        self.held = draw_crops(held, HELD, recipe.crop, np.random.default_rng(7)).to(self.device)
        self.dit = models.dit.cpu()
        self.model = begun(models.dit)
        self.adopt(self.model, nn.ModuleList(part for part in self.model.children() if part is not self.model.out))
        self.model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def train_step(self, progress: float) -> float:
        rng = np.random.default_rng((self.recipe.seed, self.step))
        crops = draw_crops(self.films, self.recipe.batch, self.recipe.crop, rng).to(self.device)
        with autocast(self.device, self.dtype):
            made = self.model(*crops.given).float()
        weight = attention(crops.lines, self.recipe.hands, self.recipe.faces)
        return self.descend(finish_loss(made, crops.truth, weight, self.recipe.structure), progress, *RAMP)

    def report(self) -> None:
        mean = begun(self.dit).to(self.device)
        self.averaged.copy_to(mean)
        with torch.no_grad():
            made = torch.cat([mean(*(part[i : i + 8] for part in self.held.given)) for i in range(0, HELD, 8)])
        loss = float(np.mean(self.losses)) if self.losses else float("nan")
        self.losses.clear()
        found = {"step": self.step, "minutes": round(self.spent, 2), "loss": round(loss, 5)}
        found |= {"decoded": _psnr(self.held.decoded, self.held), "finished": _psnr(made, self.held)}
        self.folder.log(**found)
        _say(f"step {self.step}: held-out crops {found['finished']:.2f} dB, as decoded {found['decoded']:.2f} dB")

    def export(self, state: dict[str, Any]) -> None:
        """The video model with the averaged finisher, half precision, as one model file; what its own file tells of it
        stays told."""
        mean = begun(self.dit)
        self.averaged.copy_to(mean)
        config = replace(self.dit.config, finished=True)
        tensors = {name: t for name, t in self.dit.state_dict().items() if not name.startswith("finisher.")}
        tensors |= mean.state_dict(prefix="finisher.")
        told = joined(headers(self.recipe.start, "video")).metadata
        note = {**told, "finished": f"{self.step} steps, {self.spent:.0f} minutes"}
        save_model(self.recipe.out / "finish.safetensors", tensors, config, "video", note, torch.float16)


def films_of(recipe: FinishRecipe, models: Models, split: str, say: Callable[[str], None]) -> list[Film]:
    """The model's films of the rendered clips of a split; those that are not there yet are made."""
    shards = sorted(recipe.data.glob(f"{split}-*.npz"))[: recipe.films if split == "train" else 1]
    if not shards:
        raise HumanDiTError(f"{recipe.data} holds no {split}-*.npz. Run: humandit data synthetic --split {split}.")
    films: list[Film] = []
    for shard in shards:
        path = recipe.out / "films" / shard.name
        make_films(shard, path, models, recipe.seed, say)
        films += load_films(path)
    return films


def begun(dit: HumanDiT) -> Finisher:
    """A finisher to train on the CPU: that of the weights, or a fresh one."""
    made = Finisher(torch.nn)
    if dit.config.finished:
        made.load_state_dict(dit.finisher.state_dict())
    else:
        begin(made)
    return made


def attention(lines: Tensor, hands: float, faces: float) -> Tensor:
    """[B, 1, H, W]: 1, and so much more near the lines [B, 12, H, W] of hands and faces."""
    near = lambda part: F.max_pool2d(lines[:, part].amax(1, keepdim=True), NEAR, 1, NEAR // 2)  # noqa: E731
    return 1 + hands * near(HANDS) + faces * near(FACE)


def finish_loss(made: Tensor, truth: Tensor, weight: Tensor, structure: float) -> Tensor:
    """Absolute difference, and ``structure`` times 1 - SSIM, of [B, 3, H, W], weighed pixel by pixel [B, 1, H, W]."""
    inside = weight[..., WINDOW // 2 : -(WINDOW // 2), WINDOW // 2 : -(WINDOW // 2)]
    unlike = (1 - similarity(made, truth)) * inside
    return ((made - truth).abs() * weight).mean() + structure * unlike.mean()


def similarity(x: Tensor, y: Tensor) -> Tensor:
    """SSIM of [B, 3, H, W] in 0..1 over every square window inside, [B, 3, H - 6, W - 6]."""
    window = x.new_full((x.shape[1], 1, WINDOW, WINDOW), WINDOW**-2)
    mean = lambda part: F.conv2d(part, window, groups=x.shape[1])  # noqa: E731  # six times as fast as avg_pool2d
    mean_x, mean_y = mean(x), mean(y)
    spread = mean(x * x) - mean_x.square() + mean(y * y) - mean_y.square()
    both = mean(x * y) - mean_x * mean_y
    luma = (2 * mean_x * mean_y + LUMA) / (mean_x.square() + mean_y.square() + LUMA)
    return luma * (2 * both + CONTRAST) / (spread + CONTRAST)


def _psnr(made: Tensor, crops: Crops) -> float:
    return round(-10 * float((made.clamp(0, 1) - crops.truth).square().mean().clamp_min(1e-10).log10()), 3)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

"""The paper's ablation (Table 2) at a size that a CPU can train: where the reference goes, and how long a film is seen.

Every arm has the same sizes, data, optimiser and amount of arithmetic; an arm whose steps cost more takes fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from ..diffusion.runs import RunBlocks, every_block
from ..diffusion.sampling import schedule_of
from ..types import LatentShape
from ..video.config import MINI, DiTConfig
from ..video.light_vae import LightVAE
from ..video.model import HumanDiT
from ..video.plan.flops import forward_flops
from .build import initialise, plain_attention
from .examples import Batch, draw_batch, scramble
from .loss import latent_weights, loss_and_clean, spread_timesteps
from .optim import optimizers, step_at, trapezoid
from .precision import autocast, training_dtype
from .shards import Shard
from .sources import moment
from .state import Averaged

SIZES = replace(MINI, heads=2, layers=6, moved_picture=False, overlaid=False, finished=False)
"""1.9 million numbers: the bundled model has five times as many."""
MAX_WEIGHT, POSE_DROPOUT, EMA = 5.0, 0.1, 0.995
"""As the bundled model was trained; the average is shorter, for so are the runs."""
WARMUP = 60
"""Steps."""
CPU = torch.device("cpu")
QUADS = {"short": 2, "long": 4}
"""Latent frames after the prefix that an arm is trained on, and that make one segment of its films."""


class ChannelReference(HumanDiT):
    """The rival of the prefix: the reference's latent beside every noisy frame, on channels of its own.

    It is called as :class:`HumanDiT` is, reference in front, and makes of that what it is: a film without a clean
    frame, each of whose frames sees the reference.
    """

    def __init__(self, config: DiTConfig) -> None:
        super().__init__(replace(config, in_channels=2 * config.in_channels), attention=plain_attention)
        self.config = config  # what it is given from outside: one latent
        initialise(self)

    def forward(
        self,
        latents: Tensor,
        timestep: Tensor,
        pose: Tensor | None = None,
        text: Tensor | None = None,
        text_mask: Tensor | None = None,
        prefix_frames: int = 1,
        run_blocks: RunBlocks = every_block,
        control: Tensor | None = None,
        any_size: bool = False,
    ) -> Tensor:
        """As :meth:`HumanDiT.forward` with one clean frame, which comes back as it was."""
        reference, noisy = latents[:, :1], latents[:, 1:]
        if pose is not None:  # tokens of every frame [B, N, D], or their images [B, F, ...]
            pose = pose[:, pose.shape[1] // latents.shape[1] :]
        beside = reference.expand_as(noisy)
        made = super().forward(noisy, timestep, pose, text, None, 0, run_blocks, beside)
        return torch.cat([reference, made], dim=1)

    def _beside(self, latents: Tensor, control: Tensor | None) -> Tensor:
        assert control is not None
        return torch.cat([latents, control], dim=2)


def prefix_reference(config: DiTConfig) -> HumanDiT:
    """The paper's way (§3.3): the reference as a clean frame in front. It starts at random."""
    model = HumanDiT(config, attention=plain_attention)
    initialise(model)
    return model


REFERENCES: dict[str, Callable[[DiTConfig], HumanDiT]] = {"prefix": prefix_reference, "channels": ChannelReference}


@dataclass(frozen=True)
class Arm:
    """What is compared: a way to give the reference, and a length of film."""

    reference: str
    length: str

    @property
    def name(self) -> str:
        return f"{self.reference}, {self.length}"

    @property
    def quads(self) -> int:
        return QUADS[self.length]

    @property
    def segment_frames(self) -> int:
        """Frames of its segments, the prefix included."""
        return 1 + 4 * self.quads

    def step_flops(self, config: DiTConfig, batch: int, height: int, width: int) -> int:
        """Arithmetic of one training step: forward, and twice that backward."""
        inside = self.quads + (self.reference == "prefix")
        sizes = config if self.reference == "prefix" else replace(config, in_channels=2 * config.in_channels)
        return 3 * batch * forward_flops(sizes, LatentShape(inside, height, width))


ARMS = (Arm("channels", "short"), Arm("prefix", "short"), Arm("prefix", "long"))
"""The rows of the paper's table; its two larger budgets are one here."""


@dataclass(frozen=True)
class Budget:
    """What every arm may spend: operations in all; latent positions per step set the batch; peak rate and seed."""

    operations: float
    positions: int = 12_288
    lr: float = 1.5e-3
    seed: int = 0


def trained(
    arm: Arm, shards: Sequence[Shard], vae: LightVAE, budget: Budget, on_step: Callable[[int, int, float], None]
) -> HumanDiT:
    """An arm's model, its weights averaged over the run's end, trained until ``budget`` is spent.

    Args:
        on_step: called with the step, how many there are, and the loss.
    """
    torch.manual_seed(budget.seed)
    height, width = shards[0].quads.shape[-2:]
    batch = budget.positions // ((1 + arm.quads) * height * width)
    steps = int(budget.operations / arm.step_flops(SIZES, batch, height, width))
    model, dtype = REFERENCES[arm.reference](SIZES), training_dtype(CPU)
    tuned, averaged = optimizers(model, model.transformer_blocks, budget.lr, dtype), Averaged(model, EMA)
    for step in range(steps):
        now = moment(budget.seed, step, 0, step / steps)
        drawn = scramble(draw_batch(list(shards), batch, arm.quads, now.rng), now.rng, POSE_DROPOUT)
        with autocast(CPU, dtype):
            loss = _loss(model, drawn, vae, now.rng)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        step_at(tuned, budget.lr * trapezoid(step / steps, step, WARMUP, 0.3))
        averaged.update(model)
        on_step(step + 1, steps, loss.item())
    averaged.copy_to(model)
    return model.eval()


def _loss(model: HumanDiT, batch: Batch, vae: LightVAE, rng: np.random.Generator) -> Tensor:
    noise = torch.from_numpy(rng.standard_normal(batch.latents.shape, np.float32))
    timestep = torch.from_numpy(spread_timesteps(len(batch.latents), rng))
    return loss_and_clean(model, schedule_of(SIZES), batch, noise, timestep, MAX_WEIGHT, latent_weights(vae))[0]

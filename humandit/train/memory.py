"""What a training step needs on the card, part by part: an estimate, made on models without memory.

Tensors that wait for the backward pass are counted on one block of the true sizes, in the number types that a card's
autocast gives them. Kernels' workspaces and the allocator's gaps are not seen: a reserve stands for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.overrides import TorchFunctionMode

from ..diffusion.rope import video_rope
from ..types import VideoShape
from ..video.config import DiTConfig
from ..video.model import HumanDiT
from ..video.patch import patching
from ..video.plan.flops import forward_flops, tokens_of
from ..video.plan.memory import RESERVE, in_gb
from .lora import add_lora
from .recipe import LoRA

FLOAT, HALF = 4, 2
"""Bytes of a number in float32, and in bf16, which frozen weights and tokens are in."""
STATES = {"muon": FLOAT, "adamw": 2 * FLOAT, "adamw8bit": 2}
"""Bytes per trained number that an optimiser keeps."""
BACKWARD = 1.0
"""Arithmetic of the backward pass through frozen layers, of the forward pass: gradients of inputs alone."""
ATTENTION_BACKWARD = 2.5
"""The same of attention, whose weights are made again (FlashAttention 2)."""


@dataclass(frozen=True)
class TrainingMemory:
    """Bytes on the card, and arithmetic of one step.

    Attributes:
        frozen: weights that lie still, bf16.
        trained: weights that learn, their gradients and their moving average, float32.
        optimizer: what it keeps of them.
        kept: tokens that wait for the backward pass: of every block its input, or all that it keeps.
        block: the block whose backward pass runs, and what goes in and out of it.
        flops: multiplications with their additions counted as two.
        reserve: see the planner's own.
    """

    frozen: int
    trained: int
    optimizer: int
    kept: int
    block: int
    flops: int
    reserve: int = RESERVE

    @property
    def peak(self) -> int:
        return self.frozen + self.trained + self.optimizer + self.kept + self.block + self.reserve

    def to_gb(self) -> dict[str, float]:
        parts = {name: value for name, value in asdict(self).items() if name != "flops"}
        return in_gb({**parts, "peak": self.peak})


def lora_memory(
    config: DiTConfig, lora: LoRA, video: VideoShape, optimizer: str = "adamw8bit", checkpointing: bool = True
) -> TrainingMemory:
    """Of a LoRA's step on one film of that size, in bf16. Decoding and encoding of films are not in it: latents are
    kept on disk, or made before the step."""
    model = HumanDiT(config, dtype=torch.bfloat16, device="meta")
    add_lora(model, lora)
    learning = sum(p.numel() for p in model.parameters() if p.requires_grad)
    resting = sum(p.numel() * p.element_size() for p in model.parameters() if not p.requires_grad)
    tokens = tokens_of(config, video.latent)
    entry, inside = tokens * config.dim * HALF, _saved_by_a_block(config, lora, video)
    return TrainingMemory(
        frozen=resting,
        trained=3 * FLOAT * learning,
        optimizer=STATES[optimizer] * learning,
        kept=config.layers * (entry if checkpointing else inside),
        block=(inside if checkpointing else 0) + 2 * 4 * entry,  # the wide layer's output and its gradient
        flops=_flops(config, video, checkpointing),
    )


def _flops(config: DiTConfig, video: VideoShape, checkpointing: bool) -> int:
    forward, tokens = forward_flops(config, video.latent), tokens_of(config, video.latent)
    attention = 4 * config.layers * tokens**2 * config.dim
    again = forward if checkpointing else 0
    return round(forward + again + BACKWARD * (forward - attention) + ATTENTION_BACKWARD * attention)


def _saved_by_a_block(config: DiTConfig, lora: LoRA, video: VideoShape) -> int:
    """Bytes that one block keeps for its backward pass, its weights not counted."""
    one = HumanDiT(replace(config, layers=1), attention=_flash, dtype=torch.bfloat16, device="meta")
    add_lora(one, lora)
    latent, dim = video.latent, config.dim
    grid = patching(config).grid(latent.frames, latent.height, latent.width)
    tokens = torch.empty(1, tokens_of(config, latent), dim, dtype=torch.bfloat16, device="meta", requires_grad=True)
    temb = torch.empty(1, 2, config.time_dim, dtype=torch.bfloat16, device="meta")
    base = config.rope_base, config.rope_theta
    rope = video_rope(grid[0], grid[1:], config.head_dim, *base, torch.device("meta"))
    run = lambda: one.transformer_blocks[0](tokens, None, temb, rope, grid[1] * grid[2])  # noqa: E731
    return saved_bytes(run, one.parameters())


def saved_bytes(run: Callable[[], Any], aside: Iterable[Tensor]) -> int:
    """Bytes that ``run`` keeps for a backward pass, every storage once; those of ``aside`` are not counted."""
    from torch.multiprocessing.reductions import StorageWeakRef  # a key: storages have no address without memory

    kept: dict[Any, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[StorageWeakRef(tensor.untyped_storage())] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor), _CardAutocast():
        output = run()
    apart = {StorageWeakRef(tensor.untyped_storage()) for tensor in aside}
    del output
    return sum(tensor.untyped_storage().nbytes() for key, tensor in kept.items() if key not in apart)


class _CardAutocast(TorchFunctionMode):
    """The types that autocast to bf16 gives on a card, for tensors without memory, which it does not serve."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        target = {F.linear: torch.bfloat16, F.layer_norm: torch.float32}.get(func)
        if target is not None:
            args = [a.to(target) if isinstance(a, Tensor) else a for a in args]
            kwargs = {n: a.to(target) if isinstance(a, Tensor) else a for n, a in (kwargs or {}).items()}
        return func(*args, **(kwargs or {}))


class _Flash(torch.autograd.Function):
    """What a fused attention keeps: its inputs, its output, and a number per row."""

    @staticmethod
    def forward(ctx: FunctionCtx, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        out = torch.empty_like(q)
        ctx.save_for_backward(q, k, v, out, q.new_empty(q.shape[:-1], dtype=torch.float32))
        return out

    @staticmethod
    def backward(ctx: FunctionCtx, *gradients: Tensor) -> tuple[Tensor, ...]:
        raise NotImplementedError  # nothing is computed here


def _flash(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return _Flash.apply(q.bfloat16(), k.bfloat16(), v.bfloat16())

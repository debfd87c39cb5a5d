"""Latents to tokens and back: how the models of the CogVideoX family cut a latent film into patches.

The 1.0 models cut every latent frame by itself, the 1.5 models two frames together. Shapes as in :mod:`.model`; t is
latent frames per patch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from einops import rearrange
from torch import Tensor, nn

from ..diffusion.blocks import Operations
from ..errors import InvalidShape
from .config import DiTConfig
from .positions import computed, in_table, of_film, of_words, table_rows

TABLES = ("patch_embed.pos_embedding", "empty_prompt")
"""Tensors that are added or read as they are, in no layer: eight bits would change them by several percent."""


def table_type(dtype: torch.dtype | None) -> torch.dtype | None:
    """The type of ``TABLES`` in a model whose layers have that one."""
    return torch.bfloat16 if dtype is not None and dtype.itemsize == 1 else dtype


@dataclass(frozen=True)
class Patching:
    """Latent positions per token: ``size`` on a side, ``frames`` in time."""

    size: int
    frames: int = 1

    @property
    def positions(self) -> int:
        """Latent positions in one patch."""
        return self.frames * self.size**2

    def fill(self, x: Tensor) -> Tensor:
        """[B, F, ...] with the first frame repeated in front until its frames fill whole patches.

        In front, where diffusers pads the 1.5 models' latents too: a clean first frame then shares its patch with
        nothing but itself.
        """
        missing = -x.shape[1] % self.frames
        return x if missing == 0 else torch.cat([x[:, :1].expand(-1, missing, *x.shape[2:]), x], dim=1)

    def grid(self, frames: int, height: int, width: int) -> tuple[int, int, int]:
        """Tokens in time, rows and columns, of a latent of that size."""
        if height % self.size or width % self.size:
            raise InvalidShape(f"Latent sides must be multiples of {self.size}, got {width}x{height}.")
        return -(-frames // self.frames), height // self.size, width // self.size

    def prefix(self, clean: int, frames: int) -> int:
        """Patches in time that the first ``clean`` of ``frames`` latent frames fill, filling up included."""
        filled = clean + (-frames % self.frames if clean else 0)
        if filled % self.frames:
            raise InvalidShape(
                f"This model sees {self.frames} latent frames as one, and {clean} given of {frames} would share one "
                "with noise. Give one frame and make 8k+1 frames of film."
            )
        return filled // self.frames

    def cut(self, x: Tensor) -> Tensor:
        """[B, F, C, h, w] -> [B, N, C * t * p * p]; F is whole patches."""
        t, p = self.frames, self.size
        return rearrange(x, "b (f t) c (h p) (w q) -> b (f h w) (c t p q)", t=t, p=p, q=p)

    def join(self, tokens: Tensor, grid: tuple[int, int, int]) -> Tensor:
        """The inverse of :meth:`cut` for tokens of that grid."""
        (f, h, w), t, p = grid, self.frames, self.size
        return rearrange(tokens, "b (f h w) (c t p q) -> b (f t) c (h p) (w q)", f=f, h=h, w=w, t=t, p=p, q=p)


class PatchEmbed(nn.Module):
    """What both kinds have beside their projection: the words', and learned positions where there are any."""

    pos_embedding: Tensor

    def __init__(self, config: DiTConfig, operations: Operations, **where: Any) -> None:
        super().__init__()
        self.config, self.patching = config, patching(config)
        if config.text_dim is not None:
            self.text_proj = operations.Linear(config.text_dim, config.dim, **where)
        if config.learned_positions is not None:
            place = {**where, "dtype": table_type(where.get("dtype"))}
            self.register_buffer("pos_embedding", torch.zeros(1, table_rows(config), config.dim, **place))

    def placed(self, tokens: Tensor, latents: Tensor, any_size: bool) -> Tensor:
        """``tokens`` [B, N, D] of ``latents`` with their learned positions, if the model has any."""
        if self.config.learned_positions is None:
            return tokens
        if any_size and not in_table(self.config, latents):
            return tokens + computed(self.config, latents).to(tokens)
        return tokens + of_film(self.pos_embedding, self.config, latents).to(tokens)

    def words(self, text: Tensor, beside: Tensor | None = None) -> Tensor:
        """[B, L, text_dim] -> [B, L, D]; beside latents whose positions are computed the words have none."""
        if self.config.text_dim is None:
            raise InvalidShape("This model was made without a text stream and takes no prompt. Leave the text out.")
        tokens = self.text_proj(text)
        if self.config.learned_positions is None or (beside is not None and not in_table(self.config, beside)):
            return tokens
        return tokens + of_words(self.pos_embedding, self.config, text.shape[1]).to(tokens)


class FramePatchEmbed(PatchEmbed):
    """CogVideoX 1.0: every latent frame by itself."""

    def __init__(self, config: DiTConfig, operations: Operations, **where: object) -> None:
        super().__init__(config, operations, **where)
        p = config.patch
        self.proj = operations.Conv2d(config.in_channels, config.dim, kernel_size=p, stride=p, **where)

    def forward(self, latents: Tensor, any_size: bool = False) -> Tensor:
        """[B, F, C, h, w] -> [B, N, D]."""
        tokens = self.proj(latents.flatten(0, 1))
        return self.placed(rearrange(tokens, "(b f) d h w -> b (f h w) d", b=latents.shape[0]), latents, any_size)


class FilmPatchEmbed(PatchEmbed):
    """CogVideoX 1.5: a patch spans latent frames too."""

    def __init__(self, config: DiTConfig, operations: Operations, **where: object) -> None:
        super().__init__(config, operations, **where)
        self.proj = operations.Linear(config.in_channels * self.patching.positions, config.dim, **where)

    def forward(self, latents: Tensor, any_size: bool = False) -> Tensor:
        """[B, F, C, h, w], F whole patches -> [B, N, D]."""
        return self.placed(self.proj(self.patching.cut(latents)), latents, any_size)


def patching(config: DiTConfig) -> Patching:
    """How a model of these sizes cuts its latents."""
    return Patching(config.patch, config.patch_t)


def patch_embed(config: DiTConfig, operations: Operations, **where: object) -> PatchEmbed:
    """The embedding of a model of these sizes."""
    kind = FramePatchEmbed if config.patch_t == 1 else FilmPatchEmbed
    return kind(config, operations, **where)

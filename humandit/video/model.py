"""The video DiT (paper §3.3): CogVideoX's transformer with a noise-free prefix and a pose guider.

Weight names equal diffusers' ``CogVideoXTransformer3DModel``, so CogVideoX-5b loads unchanged; the extra parts
(``pose_guider``, ``text_mask_embed``) start at zero and leave it unchanged. Layer classes come from an
``operations`` namespace (``torch.nn`` here, ``comfy.ops`` on the canvas), attention is a function.

Shapes: B batch, F latent frames, C channels, h/w latent height/width, p patch, N = F*(h/p)*(w/p) tokens, D width,
L text tokens. Token order is (frame, row, column); text tokens stand in front.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from ..diffusion.attention import Attention, sdpa
from ..diffusion.rope import rotate, video_rope
from ..errors import InvalidShape
from .config import DiTConfig
from .pose_guider import PoseGuider

Rope = tuple[Tensor, Tensor]
Operations = Any
"""A namespace with ``Linear``, ``Conv2d`` and ``LayerNorm``: ``torch.nn``, or a host's."""


def timestep_features(timestep: Tensor, dim: int) -> Tensor:
    """[B] -> [B, dim] cosines then sines, as diffusers' ``Timesteps(flip_sin_to_cos=True, freq_shift=0)``."""
    half = dim // 2
    scale = -torch.log(torch.tensor(10000.0, device=timestep.device)) / half
    angles = timestep[:, None].float() * torch.exp(torch.arange(half, device=timestep.device) * scale)[None]
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


def by_part(x: Tensor, prefix: int, apply: Callable[[Tensor, int], Tensor]) -> Tensor:
    """``apply(part, 0)`` to the first ``prefix`` tokens and ``apply(part, 1)`` to the rest.

    The split is a plain integer, so torch.compile sees fixed shapes and no per-token modulation is ever stored.
    """
    if prefix == 0:
        return apply(x, 1)
    return torch.cat([apply(x[:, :prefix], 0), apply(x[:, prefix:], 1)], dim=1)


class TimeEmbedding(nn.Module):
    """Two linear layers with SiLU between."""

    def __init__(self, dim: int, time_dim: int, operations: Operations, **where: object) -> None:
        super().__init__()
        self.linear_1 = operations.Linear(dim, time_dim, **where)
        self.linear_2 = operations.Linear(time_dim, time_dim, **where)

    def forward(self, features: Tensor) -> Tensor:
        return self.linear_2(F.silu(self.linear_1(features)))


class PatchEmbed(nn.Module):
    """Latents (and text) to tokens."""

    def __init__(self, config: DiTConfig, operations: Operations, **where: object) -> None:
        super().__init__()
        p = config.patch
        self.proj = operations.Conv2d(config.in_channels, config.dim, kernel_size=p, stride=p, **where)
        if config.text_dim is not None:
            self.text_proj = operations.Linear(config.text_dim, config.dim, **where)

    def forward(self, latents: Tensor) -> Tensor:
        """[B, F, C, h, w] -> [B, N, D]."""
        batch = latents.shape[0]
        tokens = self.proj(latents.flatten(0, 1))
        return rearrange(tokens, "(b f) d h w -> b (f h w) d", b=batch)


class AdaLayerNormZero(nn.Module):
    """Layer norm, then shift, scale and gate from the timestep; a second set of three for text tokens."""

    def __init__(self, config: DiTConfig, operations: Operations, **where: object) -> None:
        super().__init__()
        sets = 3 if config.text_dim is None else 6
        self.linear = operations.Linear(config.time_dim, sets * config.dim, **where)
        self.norm = operations.LayerNorm(config.dim, eps=1e-5, **where)

    def forward(self, temb: Tensor) -> tuple[Tensor, ...]:
        """[B, 2, time_dim] (prefix, rest) -> shift, scale, gate (, and the text's three), each [B, 2, D]."""
        modulation = self.linear(F.silu(temb))
        return modulation.chunk(modulation.shape[-1] // self.norm.normalized_shape[0], dim=-1)

    def modulate(self, x: Tensor, prefix: int, shift: Tensor, scale: Tensor) -> Tensor:
        x = self.norm(x)
        return by_part(x, prefix, lambda part, i: part * (1 + scale[:, i : i + 1]) + shift[:, i : i + 1])


class SelfAttention(nn.Module):
    """Full 3D attention over text and video tokens, query and key normalised per head."""

    def __init__(self, config: DiTConfig, operations: Operations, attention: Attention, **where: object) -> None:
        super().__init__()
        self.heads, self.attention = config.heads, attention
        self.to_q = operations.Linear(config.dim, config.dim, **where)
        self.to_k = operations.Linear(config.dim, config.dim, **where)
        self.to_v = operations.Linear(config.dim, config.dim, **where)
        self.norm_q = operations.LayerNorm(config.head_dim, eps=1e-6, **where)
        self.norm_k = operations.LayerNorm(config.head_dim, eps=1e-6, **where)
        self.to_out = nn.ModuleList([operations.Linear(config.dim, config.dim, **where)])

    def forward(self, x: Tensor, rope: Rope, text_tokens: int) -> Tensor:
        """[B, L+N, D] -> [B, L+N, D]. Text tokens have no position."""
        q, k, v = (rearrange(to(x), "b n (h d) -> b h n d", h=self.heads) for to in (self.to_q, self.to_k, self.to_v))
        q, k = self._turn(self.norm_q(q), rope, text_tokens), self._turn(self.norm_k(k), rope, text_tokens)
        return self.to_out[0](rearrange(self.attention(q, k, v), "b h n d -> b n (h d)"))

    @staticmethod
    def _turn(x: Tensor, rope: Rope, text_tokens: int) -> Tensor:
        if text_tokens == 0:
            return rotate(x, rope)
        return torch.cat([x[:, :, :text_tokens], rotate(x[:, :, text_tokens:], rope)], dim=2)


class Widen(nn.Module):
    """Linear to four times the width, then tanh-approximated GELU."""

    def __init__(self, dim: int, operations: Operations, **where: object) -> None:
        super().__init__()
        self.proj = operations.Linear(dim, 4 * dim, **where)

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(self.proj(x), approximate="tanh")


class FeedForward(nn.Module):
    """Wide and back. Names as diffusers' ``FeedForward``, where index 1 is a dropout."""

    def __init__(self, dim: int, operations: Operations, **where: object) -> None:
        super().__init__()
        self.net = nn.Sequential(
            Widen(dim, operations, **where), nn.Identity(), operations.Linear(4 * dim, dim, **where)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class Block(nn.Module):
    """Attention and feed-forward, each modulated before and gated after."""

    def __init__(self, config: DiTConfig, operations: Operations, attention: Attention, **where: object) -> None:
        super().__init__()
        self.norm1 = AdaLayerNormZero(config, operations, **where)
        self.attn1 = SelfAttention(config, operations, attention, **where)
        self.norm2 = AdaLayerNormZero(config, operations, **where)
        self.ff = FeedForward(config.dim, operations, **where)

    def forward(
        self, x: Tensor, text: Tensor | None, temb: Tensor, rope: Rope, prefix: int
    ) -> tuple[Tensor, Tensor | None]:
        """x [B, N, D], text [B, L, D] or None, temb [B, 2, time_dim], ``prefix`` noise-free tokens."""
        attend = lambda joint, count: self.attn1(joint, rope, count)  # noqa: E731
        x, text = self._branch(self.norm1, attend, x, text, temb, prefix)
        return self._branch(self.norm2, lambda joint, _: self.ff(joint), x, text, temb, prefix)

    @staticmethod
    def _branch(
        norm: AdaLayerNormZero,
        layer: Callable[[Tensor, int], Tensor],
        x: Tensor,
        text: Tensor | None,
        temb: Tensor,
        prefix: int,
    ) -> tuple[Tensor, Tensor | None]:
        shift, scale, gate, *of_text = norm(temb)
        joint, count = norm.modulate(x, prefix, shift, scale), 0
        if text is not None:
            joint, count = torch.cat([norm.modulate(text, 0, *of_text[:2]), joint], dim=1), text.shape[1]
        out = layer(joint, count)
        x = x + by_part(out[:, count:], prefix, lambda part, i: gate[:, i : i + 1] * part)
        if text is not None:
            text = text + of_text[2][:, 1:] * out[:, :count]
        return x, text


class AdaLayerNormOut(nn.Module):
    """The last modulation: shift and scale only."""

    def __init__(self, config: DiTConfig, operations: Operations, **where: object) -> None:
        super().__init__()
        self.linear = operations.Linear(config.time_dim, 2 * config.dim, **where)
        self.norm = operations.LayerNorm(config.dim, eps=1e-5, **where)

    def forward(self, x: Tensor, temb: Tensor, prefix: int) -> Tensor:
        shift, scale = self.linear(F.silu(temb)).chunk(2, dim=-1)
        x = self.norm(x)
        return by_part(x, prefix, lambda part, i: part * (1 + scale[:, i : i + 1]) + shift[:, i : i + 1])


class HumanDiT(nn.Module):
    """Pose-guided video transformer.

    Args:
        config: sizes.
        operations: namespace with ``Linear``, ``Conv2d`` and ``LayerNorm``.
        attention: full attention over [B, heads, N, head_dim].
        dtype, device: handed to every layer.
    """

    def __init__(
        self,
        config: DiTConfig,
        operations: Operations = torch.nn,
        attention: Attention = sdpa,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        where = {"dtype": dtype, "device": device}
        self.config, self.dtype = config, dtype
        self.patch_embed = PatchEmbed(config, operations, **where)
        self.pose_guider = PoseGuider(config.patch, config.dim, operations, **where)
        self.text_mask_embed = operations.Linear(config.patch**2, config.dim, bias=False, **where)
        self.time_embedding = TimeEmbedding(config.dim, config.time_dim, operations, **where)
        self.transformer_blocks = nn.ModuleList(
            [Block(config, operations, attention, **where) for _ in range(config.layers)]
        )
        self.norm_final = operations.LayerNorm(config.dim, eps=1e-5, **where)
        self.norm_out = AdaLayerNormOut(config, operations, **where)
        self.proj_out = operations.Linear(config.dim, config.patch**2 * config.out_channels, **where)

    def forward(
        self,
        latents: Tensor,
        timestep: Tensor,
        pose: Tensor | None = None,
        text: Tensor | None = None,
        text_mask: Tensor | None = None,
        prefix_frames: int = 1,
    ) -> Tensor:
        """One evaluation.

        Args:
            latents: [B, F, C, h, w]; the first ``prefix_frames`` are clean, the rest noisy.
            timestep: [B], 0..999, of the noisy frames; the prefix is always at 0 (paper §3.3).
            pose: pose tokens [B, F, h, w, 512], or None for none.
            text: text embeddings [B, L, text_dim], or None.
            text_mask: [B, F, 1, h, w], 1 where burned-in text covers the picture, or None (paper §3.3).
            prefix_frames: noise-free latent frames in front; 0 gives plain CogVideoX.

        Returns:
            [B, F, out_channels, h, w]: "v" or "x0" by the config; frames of the prefix mean nothing.
        """
        batch, frames, _, height, width = latents.shape
        rows, columns = self._grid(height, width)
        prefix = prefix_frames * rows * columns
        temb = self._time(timestep, latents.dtype)
        rope = video_rope(
            frames, (rows, columns), self.config.head_dim, self.config.rope_base, self.config.rope_theta, latents.device
        )

        x = self.patch_embed(latents)
        if pose is not None:
            x = x + self.pose_guider(pose.to(x.dtype))
        if text_mask is not None:
            x = x + self.text_mask_embed(self._mask_patches(text_mask).to(x.dtype))
        words = self._words(text)

        for block in self.transformer_blocks:
            x, words = block(x, words, temb, rope, prefix)

        x = self.proj_out(self.norm_out(self.norm_final(x), temb, prefix))
        p = self.config.patch
        return rearrange(x, "b (f h w) (c p q) -> b f c (h p) (w q)", f=frames, h=rows, w=columns, p=p, q=p)

    def _grid(self, height: int, width: int) -> tuple[int, int]:
        p = self.config.patch
        if height % p or width % p:
            raise InvalidShape(f"Latent sides must be multiples of {p}, got {width}x{height}.")
        return height // p, width // p

    def _time(self, timestep: Tensor, dtype: torch.dtype) -> Tensor:
        """[B, 2, time_dim]: the prefix's embedding (t = 0) and the noisy frames'."""
        both = torch.stack([torch.zeros_like(timestep), timestep], dim=1)
        features = timestep_features(both.flatten(), self.config.dim).to(dtype)
        return self.time_embedding(features).unflatten(0, (-1, 2))

    def _words(self, text: Tensor | None) -> Tensor | None:
        if text is None:
            return None
        if self.config.text_dim is None:
            raise InvalidShape("This model was made without a text stream and takes no prompt. Leave the text out.")
        return self.patch_embed.text_proj(text)

    def _mask_patches(self, mask: Tensor) -> Tensor:
        p = self.config.patch
        return rearrange(mask, "b f 1 (h p) (w q) -> b (f h w) (p q)", p=p, q=p)


def zero_start(state: dict[str, Tensor], model: HumanDiT) -> dict[str, Tensor]:
    """``state`` with zeros for the parts that stock CogVideoX lacks. Works through the state dict, because a
    host's ``operations`` may create weights only when they are loaded."""
    p, dim = model.config.patch, model.config.dim
    sizes = {"pose_guider.proj.weight": model.pose_guider.proj.in_features, "text_mask_embed.weight": p * p}
    return {**{name: torch.zeros(dim, width) for name, width in sizes.items()}, **state}

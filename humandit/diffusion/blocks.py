"""The parts that our transformers share: time embedding, modulation, attention, feed-forward (adaLN-zero, Peebles &
Xie 2023).

Weight names equal diffusers' ``CogVideoXTransformer3DModel``. The first tokens, the prefix, are noise-free and carry
time 0 (paper §3.3). Shapes: B batch, N tokens, D width, L text tokens, which stand in front.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from .attention import Attention
from .config import TransformerConfig
from .rope import rotate

Rope = tuple[Tensor, Tensor]
Operations = Any
"""A namespace of layer classes: ``torch.nn``, or a host's."""


def timestep_features(timestep: Tensor, dim: int) -> Tensor:
    """[B] -> [B, dim] cosines then sines, as diffusers' ``Timesteps(flip_sin_to_cos=True, freq_shift=0)``."""
    half = dim // 2
    scale = -torch.log(torch.tensor(10000.0, device=timestep.device)) / half
    angles = timestep[:, None].float() * torch.exp(torch.arange(half, device=timestep.device) * scale)[None]
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


def by_part(x: Tensor, prefix: int, factor: Tensor, shift: Tensor) -> Tensor:
    """x [B, N, D] * factor [B, 2, D] + shift [B, 2, D]: the first of the two for the ``prefix`` first tokens, the
    second for the rest.

    The split is a plain integer, so torch.compile sees fixed shapes and no per-token modulation is ever stored. Where
    no gradient is recorded ``x`` itself is OVERWRITTEN, which saves a copy: hand in a tensor of your own.
    """
    terms = [(shift[:, i : i + 1], part, factor[:, i : i + 1]) for i, part in enumerate(_parts(x, prefix))]
    return _summed(x, terms)


def added_by_part(x: Tensor, out: Tensor, prefix: int, gate: Tensor) -> Tensor:
    """x + out * gate, all [B, N, D] but gate [B, 2, D], as :func:`by_part`: ``out`` is OVERWRITTEN."""
    both = zip(_parts(x, prefix), _parts(out, prefix), strict=True)
    return _summed(out, [(before, part, gate[:, i : i + 1]) for i, (before, part) in enumerate(both)])


def _parts(x: Tensor, prefix: int) -> Sequence[Tensor]:
    return x.split([prefix, x.shape[1] - prefix], dim=1)


def _summed(x: Tensor, terms: Sequence[tuple[Tensor, Tensor, Tensor]]) -> Tensor:
    """a + b * c of each of ``terms``, whose b are the parts of ``x``: one pass, in x's own memory if it is free."""
    if torch.is_grad_enabled() or x.dtype != terms[0][2].dtype:
        return torch.cat([torch.addcmul(a, b, c) for a, b, c in terms], dim=1)
    for a, b, c in terms:
        torch.addcmul(a, b, c, out=b)
    return x


class TimeEmbedding(nn.Module):
    """Two linear layers with SiLU between."""

    def __init__(self, dim: int, time_dim: int, operations: Operations, **where: object) -> None:
        super().__init__()
        self.dim = dim
        self.linear_1 = operations.Linear(dim, time_dim, **where)
        self.linear_2 = operations.Linear(time_dim, time_dim, **where)

    def forward(self, features: Tensor) -> Tensor:
        return self.linear_2(F.silu(self.linear_1(features)))

    def of_parts(self, timestep: Tensor, dtype: torch.dtype) -> Tensor:
        """[B] -> [B, 2, time_dim]: the prefix's embedding (t = 0) and the noisy tokens'."""
        both = torch.stack([torch.zeros_like(timestep), timestep], dim=1)
        return self(timestep_features(both.flatten(), self.dim).to(dtype)).unflatten(0, (-1, 2))


class AdaLayerNormZero(nn.Module):
    """Layer norm, then shift, scale and gate from the timestep; a second set of three for text tokens."""

    def __init__(self, config: TransformerConfig, operations: Operations, **where: object) -> None:
        super().__init__()
        sets = 6 if config.has_text else 3
        self.linear = operations.Linear(config.time_dim, sets * config.dim, **where)
        self.norm = operations.LayerNorm(config.dim, eps=1e-5, **where)

    def forward(self, temb: Tensor) -> tuple[Tensor, ...]:
        """[B, 2, time_dim] (prefix, rest) -> shift, scale, gate (, and the text's three), each [B, 2, D]."""
        modulation = self.linear(F.silu(temb))
        return modulation.chunk(modulation.shape[-1] // self.norm.normalized_shape[0], dim=-1)

    def modulate(self, x: Tensor, prefix: int, shift: Tensor, scale: Tensor) -> Tensor:
        return by_part(self.norm(x), prefix, 1 + scale, shift)


class SelfAttention(nn.Module):
    """Full attention over text and other tokens, query and key normalised per head."""

    def __init__(
        self, config: TransformerConfig, operations: Operations, attention: Attention, **where: object
    ) -> None:
        super().__init__()
        self.heads, self.attention = config.heads, attention
        self.to_q = operations.Linear(config.dim, config.dim, **where)
        self.to_k = operations.Linear(config.dim, config.dim, **where)
        self.to_v = operations.Linear(config.dim, config.dim, **where)
        self.norm_q = operations.LayerNorm(config.head_dim, eps=1e-6, **where)
        self.norm_k = operations.LayerNorm(config.head_dim, eps=1e-6, **where)
        self.to_out = nn.ModuleList([operations.Linear(config.dim, config.dim, **where)])

    def forward(self, x: Tensor, rope: Rope, text_tokens: int) -> Tensor:
        """[B, L+N, D] -> [B, L+N, D]. Text tokens have no position.

        Heads stay behind the tokens until attention wants them in front: norms and turning then read in one piece.
        """
        q, k, v = (to(x).unflatten(-1, (self.heads, -1)) for to in (self.to_q, self.to_k, self.to_v))
        q = self._turn(self.norm_q(q), rope, text_tokens)  # one by one: each lets go of what it was made from
        k = self._turn(self.norm_k(k), rope, text_tokens)
        seen = self.attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
        return self.to_out[0](rearrange(seen, "b h n d -> b n (h d)"))

    @staticmethod
    def _turn(x: Tensor, rope: Rope, text_tokens: int) -> Tensor:
        """[B, L+N, H, d] -> the same."""
        angles = (rope[0][:, None], rope[1][:, None])
        if text_tokens == 0:
            return rotate(x, angles)
        return torch.cat([x[:, :text_tokens], rotate(x[:, text_tokens:], angles)], dim=1)


class Widen(nn.Module):
    """Linear to four times the width, then tanh-approximated GELU."""

    def __init__(self, dim: int, operations: Operations, **where: object) -> None:
        super().__init__()
        self.proj = operations.Linear(dim, 4 * dim, **where)

    def forward(self, x: Tensor) -> Tensor:
        """[..., D] -> [..., 4 D], the largest tensor of a run: where no gradient is recorded there is one of it, not
        two."""
        x = self.proj(x)
        return F.gelu(x, approximate="tanh") if torch.is_grad_enabled() else torch.ops.aten.gelu_(x, approximate="tanh")


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

    def __init__(
        self, config: TransformerConfig, operations: Operations, attention: Attention, **where: object
    ) -> None:
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
        x = added_by_part(x, out[:, count:], prefix, gate)
        if text is not None:
            text = text + of_text[2][:, 1:] * out[:, :count]
        return x, text


class AdaLayerNormOut(nn.Module):
    """The last modulation: shift and scale only."""

    def __init__(self, config: TransformerConfig, operations: Operations, **where: object) -> None:
        super().__init__()
        self.linear = operations.Linear(config.time_dim, 2 * config.dim, **where)
        self.norm = operations.LayerNorm(config.dim, eps=1e-5, **where)

    def forward(self, x: Tensor, temb: Tensor, prefix: int) -> Tensor:
        shift, scale = self.linear(F.silu(temb)).chunk(2, dim=-1)
        return by_part(self.norm(x), prefix, 1 + scale, shift)

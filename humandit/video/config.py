"""Sizes of the video DiT."""

from __future__ import annotations

from dataclasses import dataclass

from ..diffusion.config import TransformerConfig


@dataclass(frozen=True)
class DiTConfig(TransformerConfig):
    """Attributes, beside those of every transformer:
    in_channels, out_channels: latent channels in and out.
    text_dim: width of text tokens, or None for a model without a text stream.
    patch: latent positions per token on a side.
    rope_base: rows and columns of tokens in the plane that positions are fitted into.
    snr_shift: 1.0 for 5b and ours, 3.0 for 2b.
    prediction: "v" (CogVideoX) or "x0" (the bundled small model).
    """

    heads: int = 48
    head_dim: int = 64
    layers: int = 42
    time_dim: int = 512
    in_channels: int = 16
    out_channels: int = 16
    text_dim: int | None = 4096
    patch: int = 2
    rope_base: tuple[int, int] = (30, 45)

    @property
    def has_text(self) -> bool:
        return self.text_dim is not None


COGVIDEOX_5B = DiTConfig()
"""THUDM/zai-org CogVideoX-5b, the paper's base (§4.1)."""

MINI = DiTConfig(
    heads=4, head_dim=64, layers=10, time_dim=64, text_dim=None, rope_base=(8, 8), rope_theta=100.0, prediction="x0"
)
"""The bundled small model: 128 px frames are 8 x 8 tokens."""

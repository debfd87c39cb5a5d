"""Sizes of the video DiT: one dataclass, saved with the weights, unknown keys refused."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from ..diffusion.schedule import PREDICTIONS
from ..errors import InvalidWeights


@dataclass(frozen=True)
class DiTConfig:
    """Attributes:
    heads, head_dim: their product is the width of the transformer; ``head_dim`` is a multiple of 16.
    layers: transformer blocks.
    in_channels, out_channels: latent channels in and out.
    time_dim: width of the timestep embedding.
    text_dim: width of text tokens, or None for a model without a text stream.
    patch: latent positions per token on a side.
    rope_base: rows and columns of tokens in the plane that positions are fitted into.
    rope_theta: base of the rotary frequencies.
    snr_shift: shift of the noise schedule (1.0 for 5b and ours, 3.0 for 2b).
    prediction: what the output means, "v" (CogVideoX) or "x0" (the bundled small model).
    """

    heads: int = 48
    head_dim: int = 64
    layers: int = 42
    in_channels: int = 16
    out_channels: int = 16
    time_dim: int = 512
    text_dim: int | None = 4096
    patch: int = 2
    rope_base: tuple[int, int] = (30, 45)
    rope_theta: float = 10000.0
    snr_shift: float = 1.0
    prediction: str = "v"

    def __post_init__(self) -> None:
        if self.head_dim % 16:
            raise InvalidWeights(f"head_dim must be a multiple of 16 (rotary quarters), got {self.head_dim}.")
        if self.prediction not in PREDICTIONS:
            raise InvalidWeights(f"prediction is 'v' or 'x0', got {self.prediction!r}.")

    @property
    def dim(self) -> int:
        return self.heads * self.head_dim

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> DiTConfig:
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise InvalidWeights(f"The model's config has unknown keys: {', '.join(sorted(unknown))}. Update the pack.")
        base = tuple(values.get("rope_base", cls.rope_base))
        return cls(**{**values, "rope_base": base})


COGVIDEOX_5B = DiTConfig()
"""THUDM/zai-org CogVideoX-5b, the paper's base (§4.1)."""

MINI = DiTConfig(
    heads=4, head_dim=64, layers=10, time_dim=64, text_dim=None, rope_base=(8, 8), rope_theta=100.0, prediction="x0"
)
"""The bundled small model: 128 px frames are 8 x 8 tokens."""

"""What every transformer of ours says about itself: one dataclass, saved with the weights, unknown keys refused."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from ..errors import InvalidWeights
from .schedule import PREDICTIONS

C = TypeVar("C", bound="TransformerConfig")


@dataclass(frozen=True)
class TransformerConfig:
    """Attributes:
    heads, head_dim: their product is the width of the transformer; ``head_dim`` is a multiple of 16.
    layers: transformer blocks.
    time_dim: width of the timestep embedding.
    rope_theta: base of the rotary frequencies.
    snr_shift: shift of the noise schedule.
    prediction: what the output means, "v" or "x0".
    """

    heads: int
    head_dim: int
    layers: int
    time_dim: int
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

    @property
    def has_text(self) -> bool:
        """Whether text tokens stand in front of the others."""
        return False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls: type[C], values: dict[str, Any]) -> C:
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise InvalidWeights(f"The model's config has unknown keys: {', '.join(sorted(unknown))}. Update the pack.")
        lists: dict[str, Any] = {name: tuple(v) for name, v in values.items() if isinstance(v, list)}
        return cls(**{**values, **lists})

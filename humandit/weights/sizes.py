"""How many parameters each video model has: counted on the module, which takes no memory while nothing is loaded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch

from ..video.config import (
    COGVIDEOX_5B,
    COGVIDEOX_5B_I2V,
    COGVIDEOX_15_5B,
    COGVIDEOX_15_5B_I2V,
    FUN_5B,
    MINI,
    DiTConfig,
)
from ..video.model import HumanDiT
from .load import MAY_BE_ZERO

VIDEO_MODELS = {
    "mini": MINI,
    "CogVideoX-5b": COGVIDEOX_5B,
    "CogVideoX-5b-I2V": COGVIDEOX_5B_I2V,
    "CogVideoX-Fun-V1.1-5b-Pose": FUN_5B,
    "CogVideoX1.5-5B": COGVIDEOX_15_5B,
    "CogVideoX1.5-5B-I2V": COGVIDEOX_15_5B_I2V,
}
"""Published name -> sizes."""


@dataclass(frozen=True)
class Size:
    """Numbers in a model's layers.

    Attributes:
        stock: of the published transformer. Learned positions are a table, no layer, and not counted, as in diffusers.
        own: that HumanDiT adds: the pose guider and the text mask.
        gigabytes: of both in bf16.
    """

    stock: int
    own: int

    @property
    def gigabytes(self) -> float:
        return round((self.stock + self.own) * 2 / 1e9, 2)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; ``billions`` is what model cards print."""
        return {**asdict(self), "billions": round(self.stock / 1e9, 4), "gigabytes_bf16": self.gigabytes}

    def in_words(self) -> str:
        return f"{self.stock / 1e9:.4f} B and {self.own / 1e6:.2f} M of HumanDiT; {self.gigabytes} GB in bf16"


def count(config: DiTConfig) -> Size:
    """Parameters of a model of these sizes."""
    model = HumanDiT(config, device=torch.device("meta"))
    named = {name: value.numel() for name, value in model.named_parameters()}
    own = sum(named[name] for name in MAY_BE_ZERO)
    return Size(sum(named.values()) - own, own)

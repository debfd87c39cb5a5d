"""What one segment leaves to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Handover:
    """All that a segment leaves to the next: whoever keeps it can go on from there, to the bit.

    Attributes:
        prefix: [H, W, 3] float in 0..1, the frame that the next segment starts from.
        kept: what the answers to drift remember, by name; empty for the plain chain. Tensors, made from finished
            frames and the reference alone.
    """

    prefix: Tensor
    kept: Mapping[str, Tensor] = field(default_factory=dict)

"""Numbers that are none (NaN, infinity): found at the step where they appear, before they cost more time."""

from __future__ import annotations

from torch import Tensor

from ..errors import HumanDiTError


class NotFinite(HumanDiTError):
    """A denoising step whose result holds numbers that are not finite: frames made from it would be black."""


def need_finite(clean: Tensor, done: int, total: int) -> None:
    """Raise :class:`NotFinite` unless every number of a step's clean estimate is finite.

    One pass over a latent, which is small beside an evaluation of the transformer; on a card it waits for the step.
    """
    if not bool(clean.isfinite().all()):
        raise NotFinite(
            f"Step {done} of {total} came out with numbers that are not finite, which would be black frames. Load the "
            "model in bf16 or fp32: fp16 is too narrow for the 5B models. If it is, try without LoRAs."
        )

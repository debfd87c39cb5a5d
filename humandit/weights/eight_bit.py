"""Weights stored in eight bits: fp8 alone or with the scale that brings it back, int8 always with one.

Two spellings of the scale are common, ``<layer>.scale_weight`` and ``<layer>.weight_scale``: one number, or one per
output. Scales of a layer's input serve faster arithmetic only and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from ..errors import InvalidWeights
from .header import Tensor

if TYPE_CHECKING:
    import torch

V = TypeVar("V")

SCALES = (".scale_weight", ".weight_scale")
"""Endings of the scale of ``<layer>.weight``."""
ASIDE = (".scale_input", ".input_scale", ".comfy_quant", "scaled_fp8")
"""Endings of what only faster arithmetic needs."""
EIGHT_BIT = ("F8_E4M3", "F8_E5M2")
"""As safetensors spells the types that can be read."""


def scale_name(weight: str, names: Iterable[str]) -> str | None:
    """The name among ``names`` of the scale that belongs to ``weight``, or None."""
    stem = weight.removesuffix(".weight")
    return next((stem + end for end in SCALES if stem != weight and stem + end in names), None)


def without_scales(tensors: Mapping[str, V]) -> dict[str, V]:
    """The model's own entries: neither scales nor what goes with them."""
    return {name: value for name, value in tensors.items() if not name.endswith(SCALES + ASIDE)}


def check_readable(file: str, tensors: Mapping[str, Tensor]) -> None:
    """Raise for number formats that need arithmetic of their own (four bits, int8 in blocks or without scales)."""
    whole = {name: t.dtype for name, t in tensors.items() if name.endswith(".weight") and t.dtype[0] in "UI"}
    strange = sorted({kind for name, kind in whole.items() if kind != "I8" or scale_name(name, tensors) is None})
    if strange:
        raise InvalidWeights(
            f"{file} stores its weights as {', '.join(strange)}, which HumanDiT cannot read. "
            "Use the bf16, fp16 or fp8 file of the same model."
        )


def scaled(weight: torch.Tensor, scale: torch.Tensor | None, dtype: torch.dtype) -> torch.Tensor:
    """``weight`` as ``dtype``, times its scale: a number, or one per row."""
    if scale is None:
        return weight.to(dtype)
    factor = scale.float()
    if factor.numel() > 1:
        factor = factor.reshape(-1, *[1] * (weight.ndim - 1))
    return (weight.float() * factor).to(dtype)


def shrunk(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """``tensors`` with matrices as int8, each with a scale per row (``<layer>.weight_scale``), the others as float16.

    A row's largest number becomes 127; what is lost is at most a 254th of it.
    """
    stored = {}
    for name, tensor in tensors.items():
        if tensor.ndim != 2 or not name.endswith(".weight"):
            stored[name] = tensor.half() if tensor.is_floating_point() else tensor
            continue
        scale = (tensor.float().abs().amax(1) / 127).clamp_min(1e-12)
        stored[name] = (tensor.float() / scale[:, None]).round().char()
        stored[name.removesuffix(".weight") + SCALES[1]] = scale
    return stored

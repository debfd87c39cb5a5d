"""A model made ready for a preset: attention, compiled blocks, 8-bit layers. The given model stays as it is."""

from __future__ import annotations

import copy
from typing import Any

from ..diffusion.attention import Attention, attention_named
from ..diffusion.fp8 import need_fp8, with_fp8_linears
from ..types import LatentShape
from .fastest import Load, fastest_attention
from .model import HumanDiT
from .presets import Preset


def prepared(model: HumanDiT, preset: Preset, shape: LatentShape) -> HumanDiT:
    """``model`` with the preset's switches that concern it, sharing its weights; itself where there are none.

    Args:
        model: with PyTorch's own layers.
        preset: the switches.
        shape: of the segments to come; attention is chosen for it.

    Raises:
        HumanDiTError: an attention that this device lacks, or 8-bit layers on a device without.
    """
    attention = chosen_attention(model, preset.attention, shape)
    if attention == "sdpa" and not preset.compile and not preset.fp8:
        return model
    made = sharing_weights(model)
    device = next(made.parameters()).device
    use_attention(made, attention_named(attention, device))
    for block in made.transformer_blocks:
        if preset.fp8:
            need_fp8(device)
            with_fp8_linears(block)
        if preset.compile:
            block.compile()
    return made


def chosen_attention(model: HumanDiT, name: str, shape: LatentShape) -> str:
    """``name``, or the fastest for this model and ``shape`` if it is "auto"."""
    if name != "auto":
        return name
    weight, config = next(model.parameters()), model.config
    load = Load(weight.device, weight.dtype, config.heads, config.head_dim, shape.tokens(config.patch))
    return fastest_attention(load)


def use_attention(model: HumanDiT, attention: Attention) -> None:
    """Hand ``attention`` to every block; only for a model of one's own (:func:`sharing_weights`)."""
    for block in model.transformer_blocks:
        layer: Any = block.attn1
        layer.attention = attention


def sharing_weights(model: HumanDiT) -> HumanDiT:
    """A copy with modules of its own and the same tensors."""
    return copy.deepcopy(model, {id(tensor): tensor for tensor in [*model.parameters(), *model.buffers()]})

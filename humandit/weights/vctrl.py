"""From a converted weight file of PP-VCtrl to its side network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..diffusion.attention import Attention, sdpa
from ..errors import InvalidWeights
from ..video.vctrl import VCTRL_5B_I2V, VCtrl, VCtrlConfig
from .eight_bit import without_scales
from .families import Tensors, identify, strip_prefix
from .header import Header
from .load import check_names, filled
from .sources import headers, joined, read_tensors

FAMILY = "a PP-VCtrl side network"
READ_OFF = (
    "sample_patch_embed.proj.weight",
    "cond_patch_embed.proj.weight",
    "time_embedding.linear_1.weight",
    "transformer_blocks.0.attn1.norm_q.weight",
)
"""Tensors that tell the sizes."""


def load_vctrl(
    source: str | Path,
    operations: Any = None,
    dtype: torch.dtype | None = None,
    device: torch.device | str = "cpu",
    attention: Attention = sdpa,
) -> VCtrl:
    """The side network in ``source``, in eval mode, frozen.

    Args:
        source: a .safetensors file as ``weights convert --as vctrl`` writes it, or a folder that holds one.
        operations: namespace of layer classes; ``torch.nn`` if None.
        dtype: type of the weights in memory; float32 if None.
        device: where the weights go.
        attention: full attention over [B, heads, N, head_dim].

    Raises:
        InvalidWeights: no weight file, a broken one, or another model's (says which).
    """
    parts = headers(source, "vctrl")
    header = joined(parts)
    prefix, inside = strip_prefix(without_scales(header.tensors))
    config, nowhere = _config(header, inside), torch.device("meta")
    expected = VCtrl(config, device=nowhere).state_dict()  # a host's layers may have no weights before they are loaded
    check_names(header, {name: tuple(t.shape) for name, t in expected.items()}, inside)
    model = VCtrl(config, operations or nn, attention, dtype, nowhere)
    return filled(model, read_tensors(parts, prefix, dtype or torch.float32, device), dtype, device)


def _config(header: Header, tensors: Tensors) -> VCtrlConfig:
    """Sizes, read off the tensors; the plane of the positions is that of the published ones."""
    family = identify(tensors).name
    missing = [name for name in READ_OFF if name not in tensors]
    if family != FAMILY or missing:
        what = f"{FAMILY}, but {', '.join(missing)} is missing" if family == FAMILY else family
        raise InvalidWeights(
            f"Expected {FAMILY} in safetensors, but {header.path.name} looks like {what}. "
            "Fetch PP-VCtrl's pose weights and run: python -m humandit weights convert FILE OUT.safetensors --as vctrl"
        )
    width, seen, patch, _ = tensors["sample_patch_embed.proj.weight"].shape
    head_dim = tensors["transformer_blocks.0.attn1.norm_q.weight"].shape[0]
    return VCtrlConfig(
        heads=width // head_dim,
        head_dim=head_dim,
        layers=len({name.split(".")[1] for name in tensors if name.startswith("transformer_blocks.")}),
        time_dim=tensors["time_embedding.linear_1.weight"].shape[0],
        in_channels=seen,
        cond_channels=tensors["cond_patch_embed.proj.weight"].shape[1],
        patch=patch,
        rope_base=VCTRL_5B_I2V.rope_base,
    )

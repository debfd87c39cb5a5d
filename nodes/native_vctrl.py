"""PP-VCtrl's side network as the host manages models: brought to the device beside the large one."""

from __future__ import annotations

from typing import Any

import comfy.model_management as management
import comfy.model_patcher
import comfy.ops

from ..humandit.weights.inspect import report
from ..humandit.weights.sources import headers, joined
from ..humandit.weights.vctrl import load_vctrl
from .native import host_attention
from .native_load import number_format


def load_native_vctrl(source: str) -> Any:
    """The network in ``source``, resting until a run brings it along; its layers compute in the large model's type."""
    parameters = joined(headers(source, "vctrl")).parameters
    network = load_vctrl(source, comfy.ops.manual_cast, number_format("default", parameters), attention=host_attention)
    return comfy.model_patcher.ModelPatcher(
        network, load_device=management.get_torch_device(), offload_device=management.unet_offload_device()
    )


def about(source: str) -> str:
    """A line for the user: what was loaded, and its licence."""
    found = report(joined(headers(source, "vctrl")))
    return f"{found.looks_like}, {found.parameters / 1e9:.2f} B parameters; licence: {found.licence}"

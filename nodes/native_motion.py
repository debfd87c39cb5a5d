"""The motion model as the host manages models: brought to its device when needed, out of the way when not."""

from __future__ import annotations

from typing import Any

import comfy.model_management as management
import comfy.model_patcher

from ..humandit.motion.model import KeypointDiT
from ..humandit.weights.load import load_motion


def load_native_motion(source: str) -> comfy.model_patcher.ModelPatcher:
    """The weights in ``source`` in fp32, resting until :func:`ready` calls them."""
    return comfy.model_patcher.ModelPatcher(
        load_motion(source),
        load_device=management.get_torch_device(),
        offload_device=management.unet_offload_device(),
    )


def ready(motion: Any) -> KeypointDiT:
    """The network of a connected motion model, on the host's device."""
    management.load_models_gpu([motion])
    return motion.model

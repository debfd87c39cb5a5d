"""Words for weights that a workflow asks for and that are not here: which file, from where, into which folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

SOURCES = {
    "CogVideoX-Fun-V1.1-5b-Pose.safetensors": "alibaba-pai/CogVideoX-Fun-V1.1-5b-Pose on Hugging Face "
    "(transformer/diffusion_pytorch_model.safetensors there, 11 GB)",
    "CogVideoX_1_0_5b_I2V_bf16.safetensors": "Kijai/CogVideoX-comfy on Hugging Face (11 GB)",
    "cogvideox_vae_bf16.safetensors": "Kijai/CogVideoX-comfy on Hugging Face (0.4 GB)",
    "vctrl-pose-vertical.safetensors": "PaddleMIX/VCtrl-5B-I2V-Pose-V2-vertical on Hugging Face (model_state.pdparams, "
    "3.5 GB, converted by python -m humandit weights convert FILE vctrl-pose-vertical.safetensors --as vctrl)",
}
"""Where the files of the bundled workflows come from; each is kept under this name."""


def check(name: str | None, listed: Sequence[str], folder: str) -> bool | str:
    """What a node's validation answers: True if ``name`` is among the ``listed`` files of models/``folder``, else why
    not and what to do. ``None`` comes by a link and is checked when the node runs."""
    if name is None or name in listed:
        return True
    source = SOURCES.get(PurePath(name).name)
    fetch = f"Fetch it from {source}, save it as models/{folder}/{name}" if source else f"Put it into models/{folder}"
    return f"{name} is not in models/{folder}. {fetch}, and reload the page; or choose another file of the list."

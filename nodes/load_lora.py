"""Loader of LoRAs: small changes to the video model, by any naming."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from . import host, host_files
from .types import schema

FOLDER = "loras"
NO_LORAS = "none found (see the help)"
"""The only entry of the list where there is nothing to choose."""


class HumanDiTLoadLoRA(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTLoadLoRA",
            display_name="HumanDiT Load LoRA",
            category="HumanDiT/load",
            description="Changes the video model by a LoRA: a small file that teaches a look, a person or a way to "
            "move. Says how many layers it changes, and what it was made for if it changes none.",
            search_aliases=["lora loader model only", "cogvideox lora", "style", "peft", "onetrainer"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                io.Model.Input("model", tooltip="From HumanDiT Load Model, or from another LoRA before this one."),
                io.Combo.Input(
                    "lora_name",
                    lora_files(),
                    tooltip="A .safetensors file from models/loras, made for a CogVideoX 5B model or for HumanDiT. The "
                    "namings of diffusers, ComfyUI, peft, kohya, OneTrainer and LyCORIS are all known.",
                ),
                io.Float.Input(
                    "strength",
                    default=1.0,
                    min=-10.0,
                    max=10.0,
                    step=0.05,
                    tooltip="How much of the change is made: 1 as it was trained, 0 none. Lower it where people or "
                    "motion suffer; below 0 does the opposite.",
                ),
            ],
            outputs=[
                io.Model.Output("changed_model", display_name="MODEL", tooltip="For HumanDiT Sample or KSampler.")
            ],
        )

    @classmethod
    def execute(cls, model: Any, lora_name: str, strength: float) -> io.NodeOutput:
        import comfy.utils

        from ..humandit.weights.inspect import inspect_file
        from .native_lora import with_lora
        from .native_sampling import config_of

        config_of(model)
        path = lora_path(lora_name)
        changed, text = with_lora(model, comfy.utils.load_torch_file(path), strength)
        licence = inspect_file(path).licence
        text += "" if licence == "unknown" else f"; licence: {licence}"
        host.show_text(text, cls.hidden.unique_id)
        return io.NodeOutput(changed, ui={"text": (text,)})


def lora_files() -> list[str]:
    """Every safetensors file in ComfyUI's folder."""
    return host_files.weight_files(FOLDER)[1:] or [NO_LORAS]


def lora_path(name: str) -> str:
    """The full path of one of :func:`lora_files`."""
    from ..humandit.errors import InvalidWeights

    if host.choice(name, lora_files(), f"files in models/{FOLDER}") == NO_LORAS:
        raise InvalidWeights(
            f"There are no LoRAs yet. Put one (.safetensors) that was made for a CogVideoX 5B model or for HumanDiT "
            f"into models/{FOLDER}, and reload the page."
        )
    return host_files.weight_path(FOLDER, name)


NODES = (HumanDiTLoadLoRA,)

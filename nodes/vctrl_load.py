"""Load VCtrl: PP-VCtrl's side network, from a converted file."""

from __future__ import annotations

from comfy_api.latest import io

from . import host, host_files, missing
from .types import VCtrlSocket, schema

FOLDER = "controlnet"
NO_WEIGHTS = "none found (see the help)"
"""The only entry of the list where there is nothing to choose."""


class HumanDiTLoadVCtrl(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTLoadVCtrl",
            display_name="HumanDiT Load VCtrl",
            category="HumanDiT/load",
            description="Loads a side network of PP-VCtrl, which makes CogVideoX-5b-I2V follow poses.",
            search_aliases=["pp-vctrl", "controlnet", "paddlemix", "pose control"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                io.Combo.Input(
                    "vctrl",
                    vctrl_files(),
                    tooltip="A PP-VCtrl pose network in safetensors, from models/controlnet. The published .pdparams "
                    "is converted once: python -m humandit weights convert FILE OUT.safetensors --as vctrl.",
                ),
            ],
            outputs=[VCtrlSocket.Output("side_network", display_name="VCtrl", tooltip="For HumanDiT VCtrl.")],
        )

    @classmethod
    def validate_inputs(cls, vctrl: str) -> bool | str:
        return missing.check(vctrl, vctrl_files(), FOLDER)

    @classmethod
    def execute(cls, vctrl: str) -> io.NodeOutput:
        from .native_vctrl import about, load_native_vctrl

        source = vctrl_path(vctrl)
        loaded, text = load_native_vctrl(source), about(source)
        host.show_text(text, getattr(cls.hidden, "unique_id", None))
        return io.NodeOutput(loaded, ui={"text": (text,)})


def vctrl_files() -> list[str]:
    """Every safetensors file of the folder."""
    return host_files.weight_files(FOLDER)[1:] or [NO_WEIGHTS]


def vctrl_path(name: str) -> str:
    """Full path of one of :func:`vctrl_files`."""
    from ..humandit.errors import InvalidWeights

    if host.choice(name, vctrl_files(), f"networks in models/{FOLDER}") == NO_WEIGHTS:
        raise InvalidWeights(
            f"There is no PP-VCtrl network yet. Fetch model_state.pdparams of PaddleMIX/VCtrl-5B-I2V-Pose, run "
            f"`python -m humandit weights convert FILE OUT.safetensors --as vctrl`, put the new file into "
            f"models/{FOLDER}, and reload the page."
        )
    return host_files.weight_path(FOLDER, name)


NODES = (HumanDiTLoadVCtrl,)

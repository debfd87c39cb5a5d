"""Load Motion: the motion model out of the bundled weights or a file."""

from __future__ import annotations

from comfy_api.latest import io

from . import host, host_files
from .types import MotionSocket, schema

FOLDER = "diffusion_models"
NO_WEIGHTS = "none found (see the help)"
"""The only entry of the list where there is nothing to choose."""


class HumanDiTLoadMotion(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTLoadMotion",
            display_name="HumanDiT Load Motion",
            category="HumanDiT/load",
            description="Loads a motion model (Keypoint-DiT), which invents motion and mends poses that were found.",
            search_aliases=["keypoint-dit", "motion generator", "pose generator", "motion weights"],
            inputs=[
                io.Combo.Input(
                    "model",
                    motion_files(),
                    tooltip="'mini (bundled)' is small and works in real time without a graphics card. Others "
                    "(.safetensors) are listed from models/diffusion_models; a video model there is refused in words.",
                ),
            ],
            outputs=[
                MotionSocket.Output(
                    "motion_model",
                    display_name="motion model",
                    tooltip="For HumanDiT Generate Motion and HumanDiT Refine Motion.",
                )
            ],
        )

    @classmethod
    def execute(cls, model: str) -> io.NodeOutput:
        from .native_motion import load_native_motion

        return io.NodeOutput(load_native_motion(motion_path(model)))


def motion_files() -> list[str]:
    """The bundled weights, where there are some, and every safetensors file of the folder."""
    from ..humandit.weights.registry import names

    files = host_files.weight_files(FOLDER)
    return (files if names("motion") else files[1:]) or [NO_WEIGHTS]


def motion_path(name: str) -> str:
    """What the library's loader takes, for one of :func:`motion_files`."""
    from ..humandit.errors import InvalidWeights

    if host.choice(name, motion_files(), f"motion weights in models/{FOLDER}") == NO_WEIGHTS:
        raise InvalidWeights(
            f"There are no motion weights yet. Put a HumanDiT motion model (.safetensors) into models/{FOLDER}, for "
            "example one that `python -m humandit train motion` made, and reload the page."
        )
    return host_files.weight_path(FOLDER, name)


NODES = (HumanDiTLoadMotion,)

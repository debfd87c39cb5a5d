"""Draw Pose: coloured skeletons for pose-guided models, ours and others'."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from . import host
from .types import as_people, as_poses, pose_input, schema

LINES = ["by size", "dwpose", "xinsir"]
PEOPLE = ["everybody", "strongest"]


class HumanDiTDrawPose(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTDrawPose",
            display_name="HumanDiT Draw Pose",
            category="HumanDiT/pose",
            description="Draws poses as coloured skeletons on black, the look that ControlNet-like models were "
            "trained on.",
            search_aliases=["dwpose", "openpose image", "skeleton", "controlnet pose"],
            inputs=[
                pose_input("poses", "Poses to draw. Keypoints with a score below 0.3 are left out."),
                io.Int.Input(
                    "width",
                    default=0,
                    min=0,
                    max=8192,
                    tooltip="Width in pixels; the poses are stretched to it. 0 keeps the width of the film they "
                    "come from.",
                ),
                io.Int.Input(
                    "height",
                    default=0,
                    min=0,
                    max=8192,
                    tooltip="Height in pixels; the poses are stretched to it. 0 keeps the height of the film.",
                ),
                io.Combo.Input(
                    "lines",
                    LINES,
                    default="by size",
                    optional=True,
                    tooltip="Width of the lines. 'by size' grows with the picture; 'dwpose' is 4 pixels on any size, "
                    "what CogVideoX-Fun, VACE and most ControlNets saw; 'xinsir' has the wide limbs of xinsir's "
                    "ControlNets.",
                ),
                io.Combo.Input(
                    "people",
                    PEOPLE,
                    default="everybody",
                    optional=True,
                    tooltip="Whom to draw where a POSE_KEYPOINT lists several people: all of them, or in each frame "
                    "the one with the best scores.",
                ),
            ],
            outputs=[io.Image.Output("images", display_name="IMAGE", tooltip="One picture per pose.")],
        )

    @classmethod
    def execute(
        cls, poses: Any, width: int, height: int, lines: str = "by size", people: str = "everybody"
    ) -> io.NodeOutput:
        from ..humandit.pose.draw import draw
        from ..humandit.types import Canvas

        everybody = host.choice(people, PEOPLE, "choices of people") == "everybody"
        shown = as_people(poses) if everybody else [as_poses(poses)]
        canvas = Canvas(width or shown[0].canvas.width, height or shown[0].canvas.height)
        return io.NodeOutput(host.to_image(draw(shown, canvas, host.choice(lines, LINES, "line widths"))))


NODES = (HumanDiTDrawPose,)

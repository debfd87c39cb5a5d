"""Draw Pose: coloured skeletons for pose-guided models, ours and others'."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from . import host
from .types import as_poses, pose_input, schema


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
            ],
            outputs=[io.Image.Output("images", display_name="IMAGE", tooltip="One picture per pose.")],
        )

    @classmethod
    def execute(cls, poses: Any, width: int, height: int) -> io.NodeOutput:
        from ..humandit.pose.draw import draw
        from ..humandit.types import Canvas

        sequence = as_poses(poses)
        canvas = Canvas(width or sequence.canvas.width, height or sequence.canvas.height)
        return io.NodeOutput(host.to_image(draw(sequence, canvas)))


NODES = (HumanDiTDrawPose,)

"""Adapt Pose: a film's motion on the body in the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io, ui

from . import host
from .types import PoseSocket, as_poses, pose_input, schema

if TYPE_CHECKING:
    import numpy as np

    from ..humandit.pose.sequence import PoseSequence

MODES = ["robust", "paper"]
PARTS = {
    "arms": "Upper arms and forearms.",
    "legs": "Thighs, shins and feet.",
    "trunk": "Width of the shoulders, and the way from the neck to the hips.",
    "head": "Neck, head and face.",
    "hands": "Both hands.",
}
"""Strengths of their own, and what they hold."""


class HumanDiTAdaptPose(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTAdaptPose",
            display_name="HumanDiT Adapt Pose",
            category="HumanDiT/pose",
            description="Puts a film's motion on the body of the person in the picture: directions of the bones from "
            "the film, their lengths and the place from the picture.",
            search_aliases=["retarget pose", "align pose", "pose adapter"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                pose_input(
                    "reference_poses",
                    "Pose found in the reference picture. Of several frames the first is used.",
                ),
                pose_input(
                    "poses",
                    "Poses of the driving film, of any size. Film and picture must have at least one bone in common, "
                    "for example the shoulders.",
                ),
                io.Combo.Input(
                    "mode",
                    MODES,
                    default="robust",
                    optional=True,
                    tooltip="'robust' measures bones by all frames and both sides and forgets limbs that fly off for "
                    "a frame; 'paper' takes each bone's largest length, as HumanDiT's authors describe.",
                ),
                io.Float.Input(
                    "strength",
                    default=1.0,
                    min=0.0,
                    max=1.0,
                    step=0.05,
                    optional=True,
                    tooltip="1 gives every limb the length it has in the picture; 0 keeps the film's proportions and "
                    "only scales the whole body. Lower it for drawings with odd limbs.",
                ),
                *(part_input(part, holds) for part, holds in PARTS.items()),
                io.Boolean.Input(
                    "ground",
                    default=False,
                    optional=True,
                    tooltip="Feet that stand in the film stand in the video, and the lowest foot stays on the floor of "
                    "the picture. Without it, longer or shorter legs slide and sink. Switch it off for films without "
                    "a floor: swimming, hanging, a camera that follows.",
                ),
                io.Boolean.Input(
                    "keep_inside",
                    default=False,
                    optional=True,
                    tooltip="Moves, and if need be shrinks, the whole motion as little as possible so that head and "
                    "hands (and feet, if the picture shows feet) stay inside the picture in every frame. The same for "
                    "all frames, so that nothing pumps.",
                ),
                io.Image.Input(
                    "picture",
                    optional=True,
                    tooltip="The reference picture, to check the result: under the node it is shown with its own "
                    "skeleton in grey and the adapted first and farthest pose in colours. Changes nothing else.",
                ),
            ],
            outputs=[
                PoseSocket.Output(
                    "adapted_poses", display_name="poses", tooltip="The motion on the canvas of the reference picture."
                ),
                io.String.Output(
                    "report",
                    display_name="report",
                    tooltip="In one line: how large the body is beside the film's, what changed most, what ground and "
                    "keep_inside did.",
                ),
            ],
        )

    @classmethod
    def execute(
        cls, reference_poses: Any, poses: Any, mode: str = "robust", picture: Any = None, **choices: Any
    ) -> io.NodeOutput:
        from ..humandit.pose.adapt import Retarget, align, overlay, report

        reference, film = as_poses(reference_poses)[:1], as_poses(poses)
        done = align(reference, film, choice=Retarget(host.choice(mode, MODES, "adapter modes"), **choices))
        text = report(done)
        host.show_text(text, cls.hidden.unique_id)
        shown = host.to_image(overlay(backdrop(picture, reference), reference, done.poses))
        preview = ui.PreviewImage(shown, cls=cls).as_dict()
        return io.NodeOutput(done.poses, text, ui={**preview, "text": (text,)})


def part_input(name: str, holds: str) -> io.Input:
    return io.Float.Input(
        name,
        default=1.0,
        min=0.0,
        max=1.0,
        step=0.05,
        optional=True,
        tooltip=f"{holds} 1 takes their proportions from the picture, 0 leaves the film's; multiplied with 'strength'.",
    )


def backdrop(picture: Any, reference: PoseSequence) -> np.ndarray:
    """uint8 [H, W, 3] to draw on: the picture, or black of the reference's size."""
    import numpy as np

    if picture is None:
        return np.zeros((reference.canvas.height, reference.canvas.width, 3), np.uint8)
    return host.to_uint8(picture[:1])[0]


NODES = (HumanDiTAdaptPose,)

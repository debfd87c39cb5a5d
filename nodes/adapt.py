"""Adapt Pose: a film's motion on the body in the picture."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from .types import PoseSocket, as_poses, pose_input, schema

MODES = ["robust", "paper"]


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
            ],
            outputs=[
                PoseSocket.Output(
                    "adapted_poses", display_name="poses", tooltip="The motion on the canvas of the reference picture."
                ),
            ],
        )

    @classmethod
    def execute(cls, reference_poses: Any, poses: Any, mode: str = "robust", strength: float = 1.0) -> io.NodeOutput:
        from ..humandit.pose.adapt import adapt

        reference, film = as_poses(reference_poses)[:1], as_poses(poses)
        return io.NodeOutput(adapt(reference, film, mode=mode, strength=strength))


NODES = (HumanDiTAdaptPose,)

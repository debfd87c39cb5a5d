"""Adapt Pose: a film's motion on the body in the picture."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from .types import PoseSocket, as_poses, pose_input, schema


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
            ],
            outputs=[
                PoseSocket.Output(
                    "adapted_poses", display_name="poses", tooltip="The motion on the canvas of the reference picture."
                ),
            ],
        )

    @classmethod
    def execute(cls, reference_poses: Any, poses: Any) -> io.NodeOutput:
        from ..humandit.pose.adapt import adapt

        return io.NodeOutput(adapt(as_poses(reference_poses)[:1], as_poses(poses)))


NODES = (HumanDiTAdaptPose,)

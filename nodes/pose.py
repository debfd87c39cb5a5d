"""Pose nodes: find, adapt, draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io, ui

from . import host
from .types import DEFAULT_FPS, DetectorSocket, KeypointSocket, PoseSocket, as_poses, pose_input, schema

if TYPE_CHECKING:
    import numpy as np

    from ..humandit.pose.sequence import PoseSequence

PREVIEWS = 4
"""Frames that Detect Pose shows under itself."""


class HumanDiTDetectPose(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTDetectPose",
            display_name="HumanDiT Detect Pose",
            category="HumanDiT/pose",
            description="Finds one person's body, hands and face in every picture.",
            search_aliases=["dwpose", "openpose", "keypoints", "pose estimation"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                DetectorSocket.Input("detector", tooltip="From HumanDiT Load Pose Detector."),
                io.Image.Input(
                    "images",
                    tooltip="A picture or all frames of a film. One person should be clearly visible; of several, the "
                    "strongest is taken. Frames without a person stay empty.",
                ),
                io.Float.Input(
                    "fps",
                    default=DEFAULT_FPS,
                    min=0.1,
                    max=240.0,
                    step=0.1,
                    tooltip="Frames per second of the film (0.1 to 240). Connect the fps of the node that loads it; "
                    "for a single picture it does not matter.",
                ),
            ],
            outputs=[
                PoseSocket.Output("poses", display_name="poses", tooltip="133 keypoints per frame."),
                KeypointSocket.Output(
                    "pose_keypoint", display_name="POSE_KEYPOINT", tooltip="The same for the nodes of other packs."
                ),
            ],
        )

    @classmethod
    def execute(cls, detector: Any, images: Any, fps: float) -> io.NodeOutput:
        from ..humandit.pose.formats import to_pose_keypoint

        frames = host.to_uint8(images)
        poses = detector.detect(frames, fps, host.progress(len(frames)))
        text = found_text(poses, detector.device)
        host.show_text(text, cls.hidden.unique_id)
        preview = ui.PreviewImage(host.to_image(overlay(frames, poses)), cls=cls).as_dict()
        return io.NodeOutput(poses, to_pose_keypoint(poses), ui={**preview, "text": (text,)})


def found_text(poses: PoseSequence, device: str) -> str:
    """One line for under the node."""
    found = int(poses.visible.any(axis=1).sum())
    return f"Person found in {found} of {len(poses)} frame{'s' * (len(poses) != 1)}, on {device}"


def overlay(frames: np.ndarray, poses: PoseSequence) -> np.ndarray:
    """Up to ``PREVIEWS`` evenly spread frames, darkened, with their skeleton: uint8 [n, H, W, 3]."""
    import numpy as np

    from ..humandit.pose.draw import draw

    picks = np.unique(np.linspace(0, len(frames) - 1, PREVIEWS).round().astype(int))
    drawn = np.concatenate([draw(poses[i : i + 1]) for i in picks])
    return np.maximum((frames[picks] * 0.4).astype(np.uint8), drawn)


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


NODES = (HumanDiTDetectPose, HumanDiTAdaptPose, HumanDiTDrawPose)

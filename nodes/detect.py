"""Detect Pose: people's keypoints out of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io, ui

from . import host
from .types import DEFAULT_FPS, DetectorSocket, KeypointSocket, PoseSocket, schema

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


NODES = (HumanDiTDetectPose,)

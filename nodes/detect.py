"""Detect Pose: people's keypoints out of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io, ui

from . import host
from .types import DEFAULT_FPS, DetectorSocket, KeypointSocket, PoseSocket, schema

if TYPE_CHECKING:
    import numpy as np

    from ..humandit.pose.sequence import PoseSequence
    from ..humandit.pose.track import Person

PREVIEWS = 4
"""Frames that Detect Pose shows under itself."""
STRONGEST = "strongest"
"""The word for one person, without telling people apart."""


class HumanDiTDetectPose(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTDetectPose",
            display_name="HumanDiT Detect Pose",
            category="HumanDiT/pose",
            description="Finds people's bodies, hands and faces in every picture and tells them apart through a film.",
            search_aliases=["dwpose", "openpose", "keypoints", "pose estimation", "multi person", "tracking"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                DetectorSocket.Input("detector", tooltip="From HumanDiT Load Pose Detector."),
                io.Image.Input(
                    "images",
                    tooltip="A picture or all frames of a film. One person should be clearly visible; of several, "
                    "'person' says who. Frames without them stay empty.",
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
                io.String.Input(
                    "person",
                    default=STRONGEST,
                    optional=True,
                    tooltip="Whose poses to give. 'strongest' is quick and follows whoever is seen best. All others "
                    "tell everybody apart through the film and show their pictures, which you can click: 'largest', a "
                    "number from 0 on, a point of the picture such as 0.25,0.5 (from its left and top, 0 to 1), or "
                    "'everyone' to write all of them into POSE_KEYPOINT.",
                ),
            ],
            outputs=[
                PoseSocket.Output(
                    "poses", display_name="poses", tooltip="133 keypoints per frame of the person you chose."
                ),
                KeypointSocket.Output(
                    "pose_keypoint",
                    display_name="POSE_KEYPOINT",
                    tooltip="The same for the nodes of other packs; everybody in it if you asked for everyone.",
                ),
                PoseSocket.Output(
                    "people",
                    display_name="people",
                    is_output_list=True,
                    tooltip="Everybody that was told apart, the largest first: nodes behind it run once per person.",
                ),
            ],
        )

    @classmethod
    def execute(cls, detector: Any, images: Any, fps: float, person: str = STRONGEST) -> io.NodeOutput:
        from ..humandit.pose.formats import to_pose_keypoint
        from ..humandit.pose.track import EVERYONE, follow

        frames = host.to_uint8(images)
        people, chosen = follow(detector, frames, fps, person, host.progress(len(frames)))
        text = found_text([p.poses for p in people], chosen.poses, detector.device)
        host.show_text(text, cls.hidden.unique_id)
        everybody = [p.poses for p in people]
        shown = everybody if person == EVERYONE else [chosen.poses]
        preview = ui.PreviewImage(host.to_image(overlay(frames, shown)), cls=cls).as_dict()
        preview |= {"text": (text,), "people": thumbnails(people, cls)}
        return io.NodeOutput(chosen.poses, to_pose_keypoint(shown), everybody, ui=preview)


def found_text(people: Sequence[PoseSequence], chosen: PoseSequence, device: str) -> str:
    """One line for under the node."""
    found = int(chosen.visible.any(axis=1).sum())
    total = len(chosen)
    where = f"in {found} of {total} frame{'s' * (total != 1)}, on {device}"
    if len(people) == 1:
        return f"Person found {where}"
    return f"{len(people)} people; number {next(i for i, p in enumerate(people) if p is chosen)} {where}"


def overlay(frames: np.ndarray, people: Sequence[PoseSequence]) -> np.ndarray:
    """Up to ``PREVIEWS`` evenly spread frames, darkened, with the skeletons: uint8 [n, H, W, 3]."""
    import numpy as np

    from ..humandit.pose.draw import draw

    picks = np.unique(np.linspace(0, len(frames) - 1, PREVIEWS).round().astype(int))
    drawn = np.concatenate([draw([poses[i : i + 1] for poses in people]) for i in picks])
    return np.maximum((frames[picks] * 0.4).astype(np.uint8), drawn)


def thumbnails(people: Sequence[Person], cls: Any) -> list[dict[str, Any]]:
    """Each person's picture as ComfyUI serves it, with the share of the film that shows them."""
    import numpy as np

    saved = ui.PreviewImage(host.to_image(np.stack([p.thumbnail for p in people])), cls=cls).as_dict()["images"]
    return [{**file, "present": float(p.present.mean())} for file, p in zip(saved, people, strict=True)]


NODES = (HumanDiTDetectPose,)

"""Edit Pose: corrections by hand, made in the browser over the film and kept in the workflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from . import host
from .edit_shown import shown
from .types import KeypointSocket, PoseSocket, as_people, pose_input, schema

if TYPE_CHECKING:
    from ..humandit.pose.edit import Edits
    from ..humandit.pose.sequence import PoseSequence


class HumanDiTEditPose(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTEditPose",
            display_name="HumanDiT Edit Pose",
            category="HumanDiT/pose",
            description="Opens the poses over their film: play them, drag joints, mark what is wrong, swap sides. The "
            "corrections are kept in the workflow and made anew at every run.",
            search_aliases=["pose editor", "openpose editor", "keyframes", "edit keypoints", "fix pose"],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
            inputs=[
                pose_input("poses", "Poses to correct, ours or POSE_KEYPOINT; everybody in a POSE_KEYPOINT is there."),
                io.Image.Input(
                    "frames",
                    optional=True,
                    tooltip="The film that the poses come from, or one picture: shown behind the skeleton in the "
                    "editor. It changes nothing in the poses.",
                ),
                io.String.Input(
                    "edits",
                    default="",
                    multiline=True,
                    optional=True,
                    tooltip="What the editor wrote (JSON): key frames and marks, in pixels of the poses' film. Empty "
                    "changes nothing. Over the API, give the text that the editor made.",
                ),
            ],
            outputs=[
                PoseSocket.Output(
                    "edited_poses",
                    display_name="poses",
                    tooltip="The corrected poses; of several people the strongest.",
                ),
                KeypointSocket.Output(
                    "pose_keypoint", display_name="POSE_KEYPOINT", tooltip="Everybody, for the nodes of other packs."
                ),
                PoseSocket.Output(
                    "people",
                    display_name="people",
                    is_output_list=True,
                    tooltip="Everybody that is left, one by one: nodes behind it run once per person.",
                ),
            ],
        )

    @classmethod
    def execute(cls, poses: Any, frames: Any = None, edits: str = "") -> io.NodeOutput:
        from ..humandit.pose.edit import apply, read
        from ..humandit.pose.formats import strongest, to_pose_keypoint

        film, document = as_people(poses), read(edits)
        people = list(film) if document is None else apply(document, film)
        chosen, text = strongest(people), summary(document, people)
        host.show_text(text, cls.hidden.unique_id)
        return io.NodeOutput(chosen, to_pose_keypoint(people), people, ui=shown(film, chosen, frames, text))


def summary(edits: Edits | None, people: Sequence[PoseSequence]) -> str:
    """One line for under the node."""
    counts = {"frames": len(people[0]), "person" if len(people) == 1 else "people": len(people)}
    if edits is not None:
        counts |= {"key frames": len(edits.keys), "spans": len(edits.spans)}
        counts |= {"added": len(edits.added), "deleted": len(edits.removed)}
    told = [f"{number} {what}" for what, number in counts.items() if number]
    return ", ".join(told if len(told) > 2 else [*told, "nothing edited"])


NODES = (HumanDiTEditPose,)

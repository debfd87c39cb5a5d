"""Smooth Pose: calmer keypoints, at the speed and length that the video needs."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from . import host
from .types import PoseSocket, as_poses, pose_input, schema

METHODS = ["one euro", "savitzky-golay", "off"]


class HumanDiTSmoothPose(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTSmoothPose",
            display_name="HumanDiT Smooth Pose",
            category="HumanDiT/pose",
            description="Takes the tremble out of detected poses without making them late, fills short gaps, and "
            "brings them to another speed or length.",
            search_aliases=["pose smoothing", "one euro", "savitzky golay", "jitter", "resample pose"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                pose_input("poses", "Poses of a film, from a detector or another pack."),
                io.Combo.Input(
                    "method",
                    METHODS,
                    default="one euro",
                    tooltip="'one euro' calms what is slow and leaves fast limbs alone; 'savitzky-golay' fits a curve "
                    "through the neighbours, good for slow film; 'off' only fills, cuts and resamples.",
                ),
                io.Float.Input(
                    "strength",
                    default=0.5,
                    min=0.0,
                    max=1.0,
                    step=0.05,
                    tooltip="Body, feet and face: 0 leaves them as they are, 1 smooths most. Lower it if quick steps "
                    "lose their snap.",
                ),
                io.Float.Input(
                    "hands_strength",
                    default=0.3,
                    min=0.0,
                    max=1.0,
                    step=0.05,
                    tooltip="The same for fingers, which move faster than the body: keep it lower than strength.",
                ),
                io.Int.Input(
                    "fill_gaps",
                    default=4,
                    min=0,
                    max=250,
                    tooltip="Joints that are lost for at most this many frames are put between the frames that show "
                    "them. 0 fills nothing; longer gaps and the film's ends stay empty.",
                ),
                io.Float.Input(
                    "fps",
                    default=0.0,
                    min=0.0,
                    max=240.0,
                    step=0.1,
                    tooltip="Frames per second of the result; the motion keeps its speed. 0 keeps the film's own.",
                ),
                io.Int.Input(
                    "start",
                    default=0,
                    min=0,
                    max=1_000_000,
                    tooltip="First frame to keep, counted from 0 in the incoming poses.",
                ),
                io.Int.Input(
                    "frames",
                    default=0,
                    min=0,
                    max=1_000_000,
                    tooltip="How many incoming frames to keep from 'start' on. 0 keeps all that follow.",
                ),
            ],
            outputs=[
                PoseSocket.Output("smooth_poses", display_name="poses", tooltip="The calmer poses."),
                io.String.Output("report", display_name="report", tooltip="Jitter before and after, in one line."),
            ],
        )

    @classmethod
    def execute(
        cls,
        poses: Any,
        method: str,
        strength: float,
        hands_strength: float,
        fill_gaps: int,
        fps: float,
        start: int,
        frames: int,
    ) -> io.NodeOutput:
        from ..humandit.pose import gaps, jitter, smooth

        kept = as_poses(poses).trimmed(start, frames or None)
        chosen = smooth.Smoothing(host.choice(method, METHODS, "smoothing methods"), strength, hands_strength)
        calm = smooth.smooth(gaps.fill_gaps(kept, fill_gaps), chosen)
        report = jitter.jitter_text(jitter.jitter(kept), jitter.jitter(calm))
        host.show_text(report, cls.hidden.unique_id)
        return io.NodeOutput(calm.resampled(fps or calm.fps), report, ui={"text": (report,)})


NODES = (HumanDiTSmoothPose,)

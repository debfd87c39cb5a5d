"""Generate Motion: poses that go on from a picture or from other poses, without a film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from . import host
from .film_inputs import fps_input, guidance_input, seed_input, steps_input
from .motion_inputs import STEPS_TIP, motion_input
from .types import DEFAULT_FPS, DetectorSocket, PoseSocket, as_poses, pose_input, schema

if TYPE_CHECKING:
    from ..humandit.pose.sequence import PoseSequence


class HumanDiTGenerateMotion(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTGenerateMotion",
            display_name="HumanDiT Generate Motion",
            category="HumanDiT/pose",
            description="Moves the person in a picture without any film: invents poses, for as long as you like, that "
            "start from the person's own.",
            search_aliases=["invent motion", "pose generator", "random motion", "continue motion", "keypoint-dit"],
            is_output_node=True,
            hidden=[io.Hidden.unique_id],
            inputs=[
                motion_input(),
                io.Float.Input(
                    "seconds",
                    default=4.0,
                    min=0.1,
                    max=600.0,
                    step=0.1,
                    tooltip="How long the new motion lasts, 0.1 to 600 seconds. With the same seed a longer one begins "
                    "like a shorter one.",
                ),
                seed_input("motion"),
                io.Float.Input(
                    "energy",
                    default=0.5,
                    min=0.0,
                    max=1.0,
                    step=0.05,
                    tooltip="How lively: 0 hardly moves, 0.5 is usual motion, 1 is wild. The report says how lively it "
                    "became.",
                ),
                guidance_input(
                    "How strongly energy and example are followed. 1 leaves more to the model and is twice as fast; "
                    "above 3 the motion gets harsh.",
                ),
                io.Boolean.Input(
                    "keep_inside",
                    default=True,
                    tooltip="Shifts the person slowly, as a cameraman would follow, so that head, trunk and legs stay "
                    "in the picture. Switch it off for somebody who may walk out of it.",
                ),
                fps_input(
                    "Frames per second of the new poses. HumanDiT's video model works at 12.5; choose 25 for other "
                    "tools. The motion has the same speed at any number."
                ),
                steps_input(STEPS_TIP + "20 is a good number; 10 is a draft, more changes little."),
                pose_input(
                    "poses",
                    "The pose to start from. Of several frames the movement is taken up, and the motion goes on after "
                    "the last. Without them, connect picture and detector.",
                    optional=True,
                ),
                io.Image.Input(
                    "picture",
                    optional=True,
                    tooltip="Picture of the person to start from, in place of poses; of several, the first. Needs the "
                    "detector. Not looked at where poses are connected.",
                ),
                DetectorSocket.Input(
                    "detector",
                    optional=True,
                    tooltip="From HumanDiT Load Pose Detector; finds the person in the picture.",
                ),
                pose_input(
                    "example",
                    "A clip of anybody's poses, of any size and speed. The motion first does what the clip's last 2 "
                    "seconds show, on the person's own body, and goes on in that manner.",
                    optional=True,
                ),
                io.Boolean.Input(
                    "with_start",
                    default=False,
                    optional=True,
                    tooltip="Gives the poses that it starts from before the new ones, to make a film longer. Leave it "
                    "off for HumanDiT Sample, which begins with the picture's pose itself.",
                ),
            ],
            outputs=[
                PoseSocket.Output("motion", display_name="poses", tooltip="The new poses, for HumanDiT Sample."),
                io.String.Output(
                    "report",
                    display_name="report",
                    tooltip="In one line: frames and seconds, how lively the motion became, how long it took to make.",
                ),
                PoseSocket.Output(
                    "start",
                    display_name="start",
                    tooltip="The one pose that the motion starts from: reference_poses of HumanDiT Sample.",
                ),
            ],
        )

    @classmethod
    def execute(
        cls,
        motion_model: Any,
        seconds: float,
        seed: int,
        energy: float,
        guidance: float,
        keep_inside: bool,
        fps: float,
        steps: int,
        poses: Any = None,
        picture: Any = None,
        detector: Any = None,
        example: Any = None,
        with_start: bool = False,
    ) -> io.NodeOutput:
        import time

        from ..humandit.motion.generate import Manner, continue_motion
        from ..humandit.motion.inside import kept_inside
        from ..humandit.motion.report import made_text
        from ..humandit.motion.start import MotionSampling
        from .motion_shown import playing, watch
        from .native_motion import ready

        begun = time.monotonic()
        start = at_speed(start_poses(poses, picture, detector), fps)
        manner = Manner(energy, None if example is None else as_poses(example))
        sampling = MotionSampling(steps, guidance, seed=seed)
        made = continue_motion(ready(motion_model), start, round(seconds * fps), manner, sampling, watch())
        going = made[len(start) - 1 :]
        new = (kept_inside(going) if keep_inside else going)[1:]
        motion = start.concat(new) if with_start else new
        text = made_text(start, new, energy, time.monotonic() - begun)
        host.show_text(text, cls.hidden.unique_id)
        return io.NodeOutput(motion, text, start[-1:], ui={**playing(motion), "text": (text,)})


def start_poses(poses: Any, picture: Any, detector: Any) -> PoseSequence:
    """What the motion starts from: the connected poses, or the person that the detector finds in the picture."""
    from ..humandit.errors import HumanDiTError

    if poses is not None:
        return as_poses(poses)
    if picture is None or detector is None:
        lacks = "a picture without a detector" if picture is not None else "neither poses nor a picture"
        raise HumanDiTError(
            f"Motion starts from somebody's pose, but there is {lacks}. Connect poses, or a picture together with "
            "HumanDiT Load Pose Detector."
        )
    return detector.detect(host.to_uint8(picture[:1]), DEFAULT_FPS)


def at_speed(start: PoseSequence, fps: float) -> PoseSequence:
    """``start`` at ``fps``; of several frames resampled from the end, so that the last pose stays as it is."""
    from dataclasses import replace

    return replace(start, fps=fps) if len(start) == 1 else start[::-1].resampled(fps)[::-1]


NODES = (HumanDiTGenerateMotion,)

"""Refine Motion: a bridge from the picture's pose into the film, and faults of the detector mended."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from . import host
from .film_inputs import guidance_input, seed_input, steps_input
from .motion_inputs import STEPS_TIP, motion_input
from .types import PoseSocket, as_poses, pose_input, schema

PARTS = {
    "body": "Body and feet.",
    "hands": "Both hands, beside their wrists.",
    "face": "The face, beside the nose.",
}
"""Strengths, and what they hold."""


class HumanDiTRefineMotion(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        from ..humandit.motion.refine import USUAL

        return schema(
            node_id="HumanDiTRefineMotion",
            display_name="HumanDiT Refine Motion",
            category="HumanDiT/pose",
            description="Leads from the picture's pose into the film's motion, and mends what the detector got wrong: "
            "trembling, torn or lost hands, faces and limbs.",
            search_aliases=["pose refinement", "pose cleanup", "fix hands", "transition", "keypoint-dit"],
            is_output_node=True,
            hidden=[io.Hidden.unique_id],
            inputs=[
                motion_input(),
                pose_input("reference_poses", "Pose found in the reference picture. Of several frames, the first."),
                pose_input("poses", "The film's motion on the body in the picture, from HumanDiT Adapt Pose."),
                io.Int.Input(
                    "tau",
                    default=8,
                    min=0,
                    max=1000,
                    tooltip="Frames of the bridge from the picture's pose to the film's first, at the film's speed. "
                    "The motion gets longer by them. Take more where the two poses differ much; 0 makes no bridge.",
                ),
                *(strength_input(part, holds) for part, holds in PARTS.items()),
                seed_input("motion"),
                guidance_input(
                    "How strongly the film is followed. 1 is best for found poses; above it, more of their faults "
                    "come back and it takes twice as long.",
                    USUAL.guidance,
                ),
                steps_input(STEPS_TIP + "Mending has nearly one answer: 2 find it, more change little.", USUAL.steps),
            ],
            outputs=[
                PoseSocket.Output(
                    "refined_poses",
                    display_name="poses",
                    tooltip="Bridge and film, without the picture's own pose, which HumanDiT Sample puts first.",
                ),
                io.String.Output(
                    "report",
                    display_name="report",
                    tooltip="In one line: the bridge, how far body, hands and face moved, how many joints were filled "
                    "in, and whether another speed was needed.",
                ),
            ],
        )

    @classmethod
    def execute(
        cls,
        motion_model: Any,
        reference_poses: Any,
        poses: Any,
        tau: int,
        body: float,
        hands: float,
        face: float,
        seed: int,
        guidance: float,
        steps: int,
    ) -> io.NodeOutput:
        from ..humandit.motion.blend import Strengths
        from ..humandit.motion.refine import refine_motion
        from ..humandit.motion.report import refined_text
        from ..humandit.motion.start import MotionSampling
        from .motion_shown import playing, watch
        from .native_motion import ready

        start, film, model = as_poses(reference_poses)[:1], as_poses(poses), ready(motion_model)
        strengths, sampling = Strengths(body, hands, face), MotionSampling(steps, guidance, seed=seed)
        refined = refine_motion(model, start, film, tau, strengths, sampling, watch())
        text = refined_text(film, refined, model.config.fps)
        host.show_text(text, cls.hidden.unique_id)
        return io.NodeOutput(refined[1:], text, ui={**playing(refined[1:]), "text": (text,)})


def strength_input(name: str, holds: str) -> io.Input:
    return io.Float.Input(
        name,
        default=1.0,
        min=0.0,
        max=1.0,
        step=0.05,
        tooltip=f"{holds} 1 takes the model's points, 0 keeps the film's after the bridge; between, a mixture.",
    )


NODES = (HumanDiTRefineMotion,)

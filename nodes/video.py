"""The sampler that makes a film of any length, segment after segment."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from .film_inputs import (
    fps_input,
    frames_input,
    guidance_input,
    preset_input,
    sampler_input,
    seed_input,
    steps_input,
    video_outputs,
)
from .fitting import POSES_TIP, REFERENCE_POSES_TIP, REFERENCE_TIP, background_input, fitted, side_input
from .types import ContinuitySocket, pose_input, schema

PRESET_TIP = (
    "How much work is done. 'exact' does all of it, with the steps and the sampler chosen above. 'balanced' and 'fast' "
    "choose both themselves: several times sooner, for drafts. Poses may be followed less closely: take 'exact' for "
    "the film you keep."
)


class HumanDiTSample(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTSample",
            display_name="HumanDiT Sample",
            category="HumanDiT/video",
            description="Makes the person in the picture move: a film of any length, segment after segment, each "
            "starting from the last frame of the one before. Queued again after a crash or Cancel, it goes on behind "
            "the last finished segment.",
            search_aliases=["animate person", "pose to video", "animate anyone", "image to video"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                io.Model.Input("model", tooltip="From HumanDiT Load Model, LoRAs applied if you like."),
                io.Vae.Input("vae", tooltip="From HumanDiT Load VAE; must belong to the model."),
                io.Image.Input("reference", tooltip=REFERENCE_TIP),
                pose_input("reference_poses", REFERENCE_POSES_TIP),
                pose_input("poses", POSES_TIP),
                side_input("width"),
                side_input("height"),
                frames_input("Frames to make at the fps below. 0 makes the whole film; start with 9 to 33 for a look."),
                io.Int.Input(
                    "segment_frames",
                    default=25,
                    min=9,
                    max=249,
                    step=8,
                    tooltip="Frames made at once: 8k+1 (9, 17, 25, …). Longer segments drift less from one to the next "
                    "but need more memory. The bundled model learnt 9 and 17, and holds together at 25.",
                ),
                steps_input("Denoising steps per segment. 20 is a good number, 2 for the bundled model."),
                guidance_input(
                    "How strongly the poses are followed. 1.5 is the paper's value, 1 the best for the bundled model, "
                    "at half the work; above 3 pictures get harsh."
                ),
                sampler_input(
                    "'ddim' adds no noise on the way and is the steadier one; 'dpm++' adds fresh noise at "
                    "each step and can be sharper; 'dpm++2m' goes where 'ddim' goes in half the steps."
                ),
                fps_input(
                    "Frames per second of the video; the motion is resampled to it and keeps its speed. "
                    "Models were trained at 12.5."
                ),
                seed_input("video"),
                background_input(),
                preset_input(PRESET_TIP),
                ContinuitySocket.Input(
                    "continuity",
                    optional=True,
                    tooltip="What is done against drift, from HumanDiT Continuity: worth it from four segments on. "
                    "Unconnected, every segment starts from the last frame of the one before and nothing else is done.",
                ),
            ],
            outputs=video_outputs("The film, without the reference picture."),
        )

    @classmethod
    def execute(
        cls,
        model: Any,
        vae: Any,
        reference: Any,
        reference_poses: Any,
        poses: Any,
        width: int,
        height: int,
        frames: int,
        segment_frames: int,
        steps: int,
        guidance: float,
        sampler: str,
        fps: float,
        seed: int,
        background: Any = None,
        preset: str = "exact",
        continuity: Any = None,
    ) -> io.NodeOutput:
        from ..humandit.types import Canvas
        from ..humandit.video.continuity import PLAIN
        from ..humandit.video.presets import preset as switches
        from ..humandit.video.sample import Sampling
        from .film import Shoot, shot

        sampling = switches(preset).applied(Sampling(steps, guidance, sampler, seed))
        picture, posed = fitted(reference, reference_poses, poses, Canvas(width, height), fps, frames or None)
        film = Shoot(model, vae, picture, posed, background, segment_frames, sampling, continuity or PLAIN)
        images, told = shot(film, getattr(cls.hidden, "unique_id", None))
        return io.NodeOutput(images, fps, ui={"text": told} if told else None)


NODES = (HumanDiTSample,)

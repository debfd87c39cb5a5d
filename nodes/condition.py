"""Conditioning of one segment, for core samplers."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from .finish import told
from .fitting import (
    POSES_TIP,
    REFERENCE_POSES_TIP,
    REFERENCE_TIP,
    background_input,
    fitted,
    rasterized,
    side_input,
)
from .host_vae import encode_alone
from .types import DEFAULT_FPS, pose_input, schema


class HumanDiTCondition(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTCondition",
            display_name="HumanDiT Condition",
            category="HumanDiT/video",
            description="Conditioning and start latent of ONE segment, for core samplers: KSampler with cfg 1.5, 20 "
            "steps, euler, simple, then VAE Decode and HumanDiT Finish. For a film of any length use HumanDiT Sample.",
            search_aliases=["humandit ksampler", "pose conditioning"],
            inputs=[
                io.Vae.Input("vae", tooltip="From HumanDiT Load VAE; must belong to the model."),
                io.Image.Input("reference", tooltip=REFERENCE_TIP),
                pose_input("reference_poses", REFERENCE_POSES_TIP),
                pose_input("poses", POSES_TIP + " Taken at 12.5 frames per second, the model's own rate."),
                side_input("width"),
                side_input("height"),
                io.Int.Input(
                    "frames",
                    default=9,
                    min=9,
                    max=249,
                    step=8,
                    tooltip="Frames of the segment, the reference picture included: 8k+1 (9, 17, 25, …). More frames "
                    "move more smoothly and need more memory.",
                ),
                io.Int.Input(
                    "start",
                    default=0,
                    min=0,
                    max=100_000,
                    tooltip="Frame of the film at which the segment starts, 0 for the first. To go on after a segment "
                    "of 9 frames: 8 here, and that segment's last frame as reference.",
                ),
                background_input(),
            ],
            outputs=[
                io.Conditioning.Output("positive", display_name="positive", tooltip="Reference picture and poses."),
                io.Conditioning.Output(
                    "negative",
                    display_name="negative",
                    tooltip="The reference alone: guidance (cfg) works on the pose.",
                ),
                io.Latent.Output("latent", display_name="latent", tooltip="Start latent of the right size."),
            ],
        )

    @classmethod
    def execute(
        cls,
        vae: Any,
        reference: Any,
        reference_poses: Any,
        poses: Any,
        width: int,
        height: int,
        frames: int,
        start: int,
        background: Any = None,
    ) -> io.NodeOutput:
        import torch

        from ..humandit.pose.lines import LineImages
        from ..humandit.types import Canvas, Segment, VideoShape
        from ..humandit.video.segments import pose_window
        from .native_sampling import conditioning

        segment = Segment(0, start, VideoShape(frames, height, width).within())
        picture, posed = fitted(reference, reference_poses, poses, Canvas(width, height), DEFAULT_FPS)
        check_start(start, len(posed) - 1)
        prefix = encode_alone(vae, picture[None])
        images = rasterized(posed, background, picture, start)  # models that are not shown the picture leave it out
        positive, negative = conditioning(prefix, pose_window(images, segment))
        positive = told(positive, picture, LineImages(posed, posed.canvas), segment)
        shape = segment.shape.latent
        later = torch.zeros(1, prefix.shape[1], shape.frames - 1, shape.height, shape.width)
        return io.NodeOutput(positive, negative, {"samples": torch.cat([prefix.cpu(), later], dim=2)})


def check_start(start: int, available: int) -> None:
    from ..humandit.errors import HumanDiTError

    if start >= available:
        raise HumanDiTError(
            f"The motion has {available} frames, a segment cannot start at {start}. Use a smaller start."
        )


NODES = (HumanDiTCondition,)

"""Video nodes: conditioning for core samplers, and the sampler that chains segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from . import host
from .types import DEFAULT_FPS, as_poses, pose_input, schema

if TYPE_CHECKING:
    import torch

    from ..humandit.pose.sequence import PoseSequence
    from ..humandit.types import Canvas
    from ..humandit.video.sample import Sampling

MAX_SIDE = 1280
"""Pixels; the longest side that the model knows (paper §4.1)."""
REFERENCE_TIP = (
    "Picture of the person, one image (of several, the first). It is scaled and cropped around its middle to width x "
    "height. The video starts from it."
)
REFERENCE_POSES_TIP = "Pose found in the reference picture, from HumanDiT Detect Pose. Of several frames the first is used."
POSES_TIP = (
    "Motion for the video, from HumanDiT Adapt Pose. Poses straight from a film work too, but the person in the picture "
    "then takes over the other one's build and place."
)


def side_input(name: str, default: int = 128) -> io.Input:
    return io.Int.Input(
        name,
        default=default,
        min=16,
        max=MAX_SIDE,
        step=16,
        tooltip=f"{name.capitalize()} of the video in pixels, a multiple of 16 up to {MAX_SIDE}. The bundled model knows "
        "128; larger needs larger weights. Time and memory grow faster than the area.",
    )


class HumanDiTCondition(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTCondition",
            display_name="HumanDiT Condition",
            category="HumanDiT/video",
            description="Conditioning and start latent of ONE segment, for core samplers: KSampler with cfg 1.5, 20 steps, "
            "euler, simple, then VAE Decode. For a film of any length use HumanDiT Sample.",
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
                    tooltip="Frames of the segment, the reference picture included: 8k+1 (9, 17, 25, …). More frames move "
                    "more smoothly and need more memory.",
                ),
                io.Int.Input(
                    "start",
                    default=0,
                    min=0,
                    max=100_000,
                    tooltip="Frame of the film at which the segment starts, 0 for the first. To go on after a segment of "
                    "9 frames: 8 here, and that segment's last frame as reference.",
                ),
            ],
            outputs=[
                io.Conditioning.Output("positive", display_name="positive", tooltip="Reference picture and poses."),
                io.Conditioning.Output(
                    "negative", display_name="negative", tooltip="The reference alone: guidance (cfg) works on the pose."
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
    ) -> io.NodeOutput:
        import torch

        from ..humandit.types import Canvas, Segment, VideoShape
        from ..humandit.video.segments import pose_window
        from .native_sampling import conditioning

        segment = Segment(0, start, VideoShape(frames, height, width).within())
        picture, posed = fitted(reference, reference_poses, poses, Canvas(width, height), DEFAULT_FPS)
        check_start(start, len(posed) - 1)
        prefix = host.encode_alone(vae, picture[None])
        positive, negative = conditioning(prefix, pose_window(rasterized(posed), segment))
        shape = segment.shape.latent
        later = torch.zeros(1, prefix.shape[1], shape.frames - 1, shape.height, shape.width)
        return io.NodeOutput(positive, negative, {"samples": torch.cat([prefix.cpu(), later], dim=2)})


class HumanDiTSample(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTSample",
            display_name="HumanDiT Sample",
            category="HumanDiT/video",
            description="Makes the person in the picture move: a film of any length, segment after segment, each starting "
            "from the last frame of the one before.",
            search_aliases=["animate person", "pose to video", "animate anyone", "image to video"],
            inputs=[
                io.Model.Input("model", tooltip="From HumanDiT Load Model, LoRAs applied if you like."),
                io.Vae.Input("vae", tooltip="From HumanDiT Load VAE; must belong to the model."),
                io.Image.Input("reference", tooltip=REFERENCE_TIP),
                pose_input("reference_poses", REFERENCE_POSES_TIP),
                pose_input("poses", POSES_TIP),
                side_input("width"),
                side_input("height"),
                io.Int.Input(
                    "frames",
                    default=0,
                    min=0,
                    max=100_000,
                    tooltip="Frames to make at the fps below. 0 makes the whole film; start with 9 to 33 for a look.",
                ),
                io.Int.Input(
                    "segment_frames",
                    default=9,
                    min=9,
                    max=249,
                    step=8,
                    tooltip="Frames made at once: 8k+1 (9, 17, 25, …). Longer segments drift less from one to the next but "
                    "need more memory. The bundled model learnt 9 and 17.",
                ),
                io.Int.Input(
                    "steps",
                    default=20,
                    min=1,
                    max=1000,
                    tooltip="Denoising steps per segment. 20 is a good number; fewer are faster and softer.",
                ),
                io.Float.Input(
                    "guidance",
                    default=1.5,
                    min=0.0,
                    max=10.0,
                    step=0.1,
                    tooltip="How strongly the poses are followed. 1.5 is the paper's value; 1.0 is twice as fast and follows "
                    "less; above 3 pictures get harsh.",
                ),
                io.Combo.Input(
                    "sampler",
                    ["ddim", "dpm++"],
                    default="ddim",
                    tooltip="'ddim' adds no noise on the way and is the steadier one; 'dpm++' adds fresh noise at each step "
                    "and can be sharper.",
                ),
                io.Float.Input(
                    "fps",
                    default=DEFAULT_FPS,
                    min=1.0,
                    max=60.0,
                    step=0.5,
                    tooltip="Frames per second of the video; the motion is resampled to it and keeps its speed. Models were "
                    "trained at 12.5.",
                ),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    control_after_generate=True,
                    tooltip="Same seed and settings, same video. Change it for another take.",
                ),
            ],
            outputs=[
                io.Image.Output("video_frames", display_name="frames", tooltip="The film, without the reference picture."),
                io.Float.Output("video_fps", display_name="fps", tooltip="For Create Video."),
            ],
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
    ) -> io.NodeOutput:
        from ..humandit.types import Canvas
        from ..humandit.video.sample import Sampling

        sampling = Sampling(steps, guidance, sampler, seed)
        picture, posed = fitted(reference, reference_poses, poses, Canvas(width, height), fps, frames or None)
        return io.NodeOutput(film(model, vae, picture, posed, segment_frames, sampling), fps)


def fitted(
    reference: Any, reference_poses: Any, poses: Any, canvas: Canvas, fps: float, frames: int | None = None
) -> tuple[torch.Tensor, PoseSequence]:
    """The picture [H, W, 3] in 0..1 and its pose followed by the motion [1 + frames], all on ``canvas``."""
    from dataclasses import replace

    from ..humandit.pipeline import fit_picture

    picture, pose = fit_picture(host.to_uint8(reference[:1])[0], as_poses(reference_poses)[:1], canvas)
    motion = fit_poses(as_poses(poses), canvas).resampled(fps)[:frames]
    return host.to_image(picture), replace(pose, fps=fps).concat(motion)


def fit_poses(poses: PoseSequence, canvas: Canvas) -> PoseSequence:
    """Poses scaled and centre-cropped to ``canvas`` as ``fit_picture`` does with the picture they are on."""
    from dataclasses import replace

    import numpy as np

    own = poses.canvas
    scale = max(canvas.width / own.width, canvas.height / own.height)
    shift = np.array([canvas.width - own.width * scale, canvas.height - own.height * scale], np.float32) / 2
    return replace(poses, xy=poses.xy * scale + shift, canvas=canvas)


def rasterized(poses: PoseSequence) -> torch.Tensor:
    from ..humandit.pose.raster import rasterize

    return rasterize(poses, poses.canvas)


def check_start(start: int, available: int) -> None:
    from ..humandit.errors import HumanDiTError

    if start >= available:
        raise HumanDiTError(f"The motion has {available} frames, a segment cannot start at {start}. Use a smaller start.")


def film(
    model: Any, vae: Any, picture: torch.Tensor, poses: PoseSequence, segment_frames: int, sampling: Sampling
) -> torch.Tensor:
    """IMAGE [frames, H, W, 3]: the library's chain with the host's sampling, VAE, progress and previews."""
    import torch

    from ..humandit.types import Segment
    from ..humandit.video.segments import chain, plan_segments
    from .native_sampling import config_of, sample_segment

    config_of(model)
    segments = plan_segments(len(poses) - 1, segment_frames, poses.canvas)
    advance, preview = host.progress(len(segments) * sampling.steps), host.latent_preview(model)

    def denoise(segment: Segment, prefix: torch.Tensor, pose: torch.Tensor) -> torch.Tensor:
        done = segment.index * sampling.steps
        return sample_segment(
            model, segment, prefix, pose, sampling, lambda step, clean: advance(done + step, preview(clean))
        )

    def encode(frame: torch.Tensor) -> torch.Tensor:
        host.stop_if_interrupted()
        return host.encode_alone(vae, frame)

    def decode(latents: torch.Tensor) -> torch.Tensor:
        host.stop_if_interrupted()
        return host.decode_frames(vae, latents)

    finished = chain(picture, rasterized(poses), segments, encode, denoise, decode)
    return torch.cat([part.frames for part in finished])


NODES = (HumanDiTCondition, HumanDiTSample)

"""Fun Pose: a film by prompt and poses, with the public CogVideoX-Fun weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from . import host
from .drawn_film import drawn_film
from .film_inputs import (
    fps_input,
    frames_input,
    guidance_input,
    sampler_input,
    seed_input,
    side_input,
    steps_input,
    video_outputs,
)
from .prompted_inputs import (
    FPS,
    FPS_TIP,
    FRAMES_TIP,
    GUIDANCE_TIP,
    SAMPLER_TIP,
    STEPS_TIP,
    poses_input,
    prompt_inputs,
)
from .types import schema

if TYPE_CHECKING:
    import torch

    from ..humandit.types import Canvas
    from ..humandit.video.overlap import Overlap
    from ..humandit.video.sample import Sampling
    from ..humandit.video.segments import PoseImages
    from .words import Prompts

SIDE_TIP = (
    "{} of the video in pixels, a multiple of 16. The weights learnt areas from 512 x 512 to about 1280 x 720; the "
    "authors' example is 672 x 384. Poses and drawn films are scaled and cropped around their middle to it."
)


class HumanDiTFunPose(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTFunPose",
            display_name="HumanDiT Fun Pose",
            category="HumanDiT/video",
            description="A film that follows poses and a prompt, with CogVideoX-Fun-V1.1-5b-Pose or -Control. These "
            "weights take no picture: who is in the film is what the prompt says.",
            search_aliases=["cogvideox fun", "pose to video", "text and pose", "control video", "5b pose"],
            inputs=[
                io.Model.Input("model", tooltip="CogVideoX-Fun-V1.1-5b-Pose or -Control, from HumanDiT Load Model."),
                io.Vae.Input("vae", tooltip="The CogVideoX VAE, from HumanDiT Load VAE."),
                poses_input(
                    "The motion: poses, everybody in them, which are drawn as the weights know them; or a film that is "
                    "drawn already (IMAGE): skeletons on black as DWPose draws them, or edges and depth for -Control."
                ),
                side_input("width", 672, SIDE_TIP.format("Width")),
                side_input("height", 384, SIDE_TIP.format("Height")),
                frames_input(FRAMES_TIP),
                io.Int.Input(
                    "window_frames",
                    default=49,
                    min=9,
                    max=249,
                    step=8,
                    tooltip="Frames seen together, 8k+1. The weights learnt 49. A longer film is made of windows of so "
                    "many frames that overlap and are averaged at every step: the person stays the same, but far-apart "
                    "windows know nothing of each other.",
                ),
                io.Int.Input(
                    "overlap",
                    default=16,
                    min=4,
                    max=240,
                    step=4,
                    tooltip="Frames that neighbouring windows share, a multiple of 4, less than window_frames. More "
                    "hold a long film together better and take longer. Not used up to window_frames.",
                ),
                steps_input(STEPS_TIP.format(50), 50),
                guidance_input(GUIDANCE_TIP.format(6.0), 6.0, low=1.0, high=20.0),
                sampler_input(SAMPLER_TIP),
                fps_input(FPS_TIP, FPS),
                seed_input("video"),
                *prompt_inputs("Say who is in the film, what they wear and where they are: no picture tells it."),
            ],
            outputs=video_outputs("The film, one frame for each pose."),
        )

    @classmethod
    def execute(
        cls,
        model: Any,
        vae: Any,
        poses: Any,
        width: int,
        height: int,
        frames: int,
        window_frames: int,
        overlap: int,
        steps: int,
        guidance: float,
        sampler: str,
        fps: float,
        seed: int,
        positive: Any = None,
        negative: Any = None,
    ) -> io.NodeOutput:
        from ..humandit.types import Canvas, VideoShape
        from ..humandit.video.fun_pose import check_takes_film
        from ..humandit.video.overlap import Overlap
        from ..humandit.video.sample import Sampling
        from .native_sampling import config_of
        from .words import prompts

        config, canvas = config_of(model), Canvas(width, height)
        check_takes_film(config)
        VideoShape(window_frames, height, width).within()
        said = prompts(config, positive, negative, guidance)
        cut, sampling = Overlap.of_frames(window_frames, overlap), Sampling(steps, guidance, sampler, seed)
        film = drawn_film(poses, canvas, fps, frames or None)
        return io.NodeOutput(followed(model, vae, film, canvas, said, sampling, cut), fps)


def followed(
    model: Any, vae: Any, film: PoseImages, canvas: Canvas, said: Prompts, sampling: Sampling, cut: Overlap
) -> torch.Tensor:
    """IMAGE [T, H, W, 3] that follows a drawn film of T frames."""
    from ..humandit.types import Segment, VideoShape, whole_length
    from ..humandit.video.sample import segment_noise
    from ..humandit.video.segments import image_window
    from .host_vae import decode_frames, encode_film
    from .native_prompted import sample_prompted, scale_of

    whole = Segment(0, 0, VideoShape(whole_length(len(film)), canvas.height, canvas.width))
    control = encode_film(vae, image_window(film, whole)) * scale_of(model)
    noise = segment_noise(sampling.seed, 0, tuple(control.shape))
    advance, preview = host.progress(sampling.steps), host.latent_preview(model)
    latents = sample_prompted(
        model, control, noise, said, sampling, lambda done, clean: advance(done, preview(clean)), cut
    )
    return decode_frames(vae, latents)[: len(film)]


NODES = (HumanDiTFunPose,)

"""VCtrl: a picture's person follows poses, with the public CogVideoX-5b-I2V and PP-VCtrl's side network."""

from __future__ import annotations

from dataclasses import dataclass
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
from .fitting import REFERENCE_TIP
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
from .types import VCtrlSocket, as_poses, pose_input, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

    from ..humandit.pose.sequence import PoseSequence
    from ..humandit.types import Canvas
    from ..humandit.video.sample import Sampling
    from ..humandit.video.segments import PoseImages
    from .film_reel import Reel
    from .words import Prompts

LAYOUTS = ["spacing", "even", "end"]
SIZE_TIP = "{} of the video in pixels. The weights know 720 x 480 (horizontal) and 480 x 720 (vertical), no other size."


class HumanDiTVCtrl(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="HumanDiTVCtrl",
            display_name="HumanDiT VCtrl",
            category="HumanDiT/video",
            description="Makes the person in the picture move as the poses say, with CogVideoX-5b-I2V and PP-VCtrl: "
            "segments of 49 frames, each starting from the last frame of the one before. Queued again after a crash or "
            "Cancel, it goes on behind the last finished segment.",
            search_aliases=["pp-vctrl", "picture and pose", "animate person", "cogvideox i2v pose", "image to video"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                io.Model.Input("model", tooltip="CogVideoX-5b-I2V, from HumanDiT Load Model."),
                io.Vae.Input("vae", tooltip="The CogVideoX VAE, from HumanDiT Load VAE."),
                VCtrlSocket.Input("vctrl", tooltip="PP-VCtrl's pose network, from HumanDiT Load VCtrl."),
                io.Image.Input("reference", tooltip=REFERENCE_TIP),
                poses_input(
                    "The motion: poses, from HumanDiT Adapt Pose, which are drawn as the weights know them; or a film "
                    "that is drawn already (IMAGE), skeletons on black as DWPose draws them."
                ),
                side_input("width", 720, SIZE_TIP.format("Width")),
                side_input("height", 480, SIZE_TIP.format("Height")),
                frames_input(FRAMES_TIP),
                io.Int.Input(
                    "segment_frames",
                    default=49,
                    min=9,
                    max=49,
                    step=8,
                    tooltip="Frames made at once, 8k+1. The weights learnt 49; fewer need less memory and look worse. "
                    "A longer film is a chain of segments, each starting from the last frame of the one before.",
                ),
                steps_input(STEPS_TIP.format(25), 25),
                guidance_input(GUIDANCE_TIP.format(3.5), 3.5, low=1.0, high=20.0),
                io.Float.Input(
                    "strength",
                    default=1.0,
                    min=0.0,
                    max=2.0,
                    step=0.05,
                    tooltip="How much the network adds. 1 as it was trained, 0 leaves the poses out; a little less "
                    "than 1 where limbs look drawn on.",
                ),
                io.Combo.Input(
                    "layout",
                    LAYOUTS,
                    default="spacing",
                    tooltip="Where in the large model the network's help is added; nothing in the file tells it. "
                    "'spacing' for the second pose weights (V2), 'even' for the first.",
                ),
                sampler_input(SAMPLER_TIP),
                fps_input(FPS_TIP, FPS),
                seed_input("video"),
                pose_input(
                    "reference_poses",
                    "Pose found in the picture, drawn as the film's first frame. Unconnected, the film's own first "
                    "pose stands for it: the person in the picture should then stand alike.",
                    optional=True,
                ),
                *prompt_inputs("Describe the picture and what happens. Needed, unless the weights hold a prompt."),
            ],
            outputs=video_outputs("The film without the reference picture, in step with the poses."),
        )

    @classmethod
    def execute(
        cls,
        model: Any,
        vae: Any,
        vctrl: Any,
        reference: Any,
        poses: Any,
        width: int,
        height: int,
        frames: int,
        segment_frames: int,
        steps: int,
        guidance: float,
        strength: float,
        layout: str,
        sampler: str,
        fps: float,
        seed: int,
        reference_poses: Any = None,
        positive: Any = None,
        negative: Any = None,
    ) -> io.NodeOutput:
        from ..humandit.types import Canvas
        from ..humandit.video.sample import Sampling
        from ..humandit.video.vctrl_sample import check_pair
        from .native_sampling import config_of
        from .words import prompts

        config, canvas = config_of(model), Canvas(width, height)
        check_pair(config, vctrl.model.config, canvas)
        said = prompts(config, positive, negative, guidance)
        picture, first = pictured(reference, reference_poses, canvas)
        wanted = frames + (first is None) if frames else None  # the film's own first pose is the picture's
        film = drawn_film(poses, canvas, fps, wanted, first)
        side = Side(vctrl, strength, host.choice(layout, LAYOUTS, "layouts"))
        sampling = Sampling(steps, guidance, sampler, seed)
        reel = reel_for(film, canvas, segment_frames, steps, fps, getattr(cls.hidden, "unique_id", None))
        images, told = followed(model, vae, side, picture, film, reel, said, sampling)
        return io.NodeOutput(images, fps, ui={"text": told} if told else None)


@dataclass(frozen=True)
class Side:
    """A connected side network and how it is used; see the library's ``Guide``."""

    patcher: Any
    strength: float
    layout: str


def pictured(reference: Any, reference_poses: Any, canvas: Canvas) -> tuple[torch.Tensor, PoseSequence | None]:
    """The picture [H, W, 3] in 0..1 and its pose, if one is connected, on ``canvas``."""
    from ..humandit.media.frames import fit_frames
    from ..humandit.pipeline import fit_picture

    picture = host.to_uint8(reference[:1])[0]
    if reference_poses is None:
        return host.to_image(fit_frames(picture, canvas)), None
    fitted, pose = fit_picture(picture, as_poses(reference_poses)[:1], canvas)
    return host.to_image(fitted), pose


def reel_for(
    film: PoseImages, canvas: Canvas, segment_frames: int, steps: int, fps: float, node_id: str | None
) -> Reel:
    """Segments for a drawn film of 1 + T frames."""
    from ..humandit.video.segments import plan_segments
    from .film_reel import Reel

    return Reel.of(plan_segments(len(film) - 1, segment_frames, canvas), len(film) - 1, steps, fps, node_id)


def followed(
    model: Any,
    vae: Any,
    side: Side,
    picture: torch.Tensor,
    film: PoseImages,
    reel: Reel,
    said: Prompts,
    sampling: Sampling,
) -> tuple[torch.Tensor, list[str]]:
    """IMAGE [T, H, W, 3] and what the artist was told: the library's chain over a drawn film of 1 + T frames, the
    first being the picture's."""
    from ..humandit.journal import weights_print
    from ..humandit.types import Segment
    from ..humandit.video.sample import segment_noise
    from ..humandit.video.segments import Denoise, Finished, chain, image_window
    from ..humandit.video.vctrl_sample import Guide, picture_beside, shown_latents
    from . import host_journal
    from .host_vae import decode_frames, encode_alone, encode_film
    from .native_prompted import sample_prompted, scale_of, with_side_network

    preview = host.latent_preview(model)

    def denoise(segment: Segment, prefix: torch.Tensor, drawn: torch.Tensor) -> torch.Tensor:
        frames, before = segment.shape.latent.frames, segment.index * sampling.steps
        control = picture_beside(model.model.diffusion_model, prefix[:, :, 0], frames, scale_of(model))
        guide = Guide(side.patcher.model, shown_latents(encode_film(vae, drawn)), side.strength, side.layout)
        noise = segment_noise(sampling.seed, segment.index, tuple(control.shape))
        return sample_prompted(
            with_side_network(model, side.patcher, guide), control, noise, said, sampling,
            lambda step, clean: reel.advance(before + step, preview(clean)),
        )  # fmt: skip

    def encode(frame: torch.Tensor) -> torch.Tensor:
        host.stop_if_interrupted()
        return encode_alone(vae, frame)

    def decode(latents: torch.Tensor) -> torch.Tensor:
        host.stop_if_interrupted()
        return decode_frames(vae, latents)

    def filming(denoise: Denoise) -> Iterator[Finished]:
        return chain(picture, film, [*reel.segments], encode, denoise, decode, window=image_window)

    def job() -> dict[str, Any]:
        network = (side.strength, side.layout, weights_print(side.patcher.model))
        shown = {"picture": picture, "film": film, "prompts": said, "sampling": sampling, "segments": reel.segments}
        return {**host_journal.parts(model, vae), "vctrl": network, **shown}

    return reel.shot(job, denoise, filming)


NODES = (HumanDiTVCtrl,)

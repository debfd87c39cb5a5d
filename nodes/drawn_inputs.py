"""What the nodes of models that follow a drawn film ask for, and how the film comes to be drawn and encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from . import host
from .types import KeypointSocket, PoseSocket, as_people

if TYPE_CHECKING:
    import torch

    from ..humandit.pose.sequence import PoseSequence
    from ..humandit.types import Canvas
    from ..humandit.video.segments import PoseImages

FPS = 8.0
"""Frames per second that the CogVideoX 5B models were trained with."""
STILL = (
    "Connect a drawn film or poses here. A picture of the person belongs to reference of HumanDiT VCtrl or HumanDiT "
    "Sample; CogVideoX-Fun weights take none."
)
"""Said to whoever connects a picture where the motion belongs."""
PROMPT_TIP = "CONDITIONING of 226 T5-XXL tokens, from HumanDiT Prompt. "


def poses_input(tooltip: str) -> io.Input:
    """Poses, which are drawn, or a film that is drawn already."""
    return io.MultiType.Input("poses", [PoseSocket, KeypointSocket, io.Image], tooltip=tooltip)


def side_input(name: str, default: int, tooltip: str) -> io.Input:
    return io.Int.Input(name, default=default, min=16, max=1280, step=16, tooltip=tooltip)


def frames_input() -> io.Input:
    return io.Int.Input(
        "frames",
        default=0,
        min=0,
        max=100_000,
        tooltip="Frames to make at the fps below. 0 makes the whole film; start with 9 to 49 for a look.",
    )


def steps_input(default: int) -> io.Input:
    return io.Int.Input(
        "steps",
        default=default,
        min=1,
        max=1000,
        tooltip=f"Denoising steps. {default} is what the weights' authors take; half of them make a good look.",
    )


def guidance_input(default: float) -> io.Input:
    return io.Float.Input(
        "guidance",
        default=default,
        min=1.0,
        max=20.0,
        step=0.1,
        tooltip=f"How strongly the prompt is followed. {default:g} is the authors' value; 1.0 is twice as fast and "
        "hardly follows it; much more makes harsh pictures.",
    )


def sampler_input() -> io.Input:
    return io.Combo.Input(
        "sampler",
        ["ddim", "dpm++", "dpm++2m"],
        default="ddim",
        tooltip="'ddim' is what the weights' authors use; 'dpm++2m' goes where it goes in half the steps; 'dpm++' adds "
        "fresh noise at each step and can be sharper.",
    )


def fps_input() -> io.Input:
    return io.Float.Input(
        "fps",
        default=FPS,
        min=1.0,
        max=60.0,
        step=0.5,
        tooltip="Frames per second of the video; poses are resampled to it and keep their speed, a drawn film is taken "
        "frame by frame. CogVideoX 5B learnt 8.",
    )


def prompt_inputs(without: str) -> list[io.Input]:
    """Both prompts; ``without`` says what comes of leaving them out."""
    return [
        io.Conditioning.Input("positive", optional=True, tooltip=PROMPT_TIP + without),
        io.Conditioning.Input(
            "negative", optional=True, tooltip=PROMPT_TIP + "What the film should keep away from; may be empty."
        ),
    ]


def video_outputs(about: str) -> list[io.Output]:
    return [
        io.Image.Output("video_frames", display_name="frames", tooltip=about),
        io.Float.Output("video_fps", display_name="fps", tooltip="For Create Video."),
    ]


def drawn_film(
    value: Any, canvas: Canvas, fps: float, frames: int | None, first: PoseSequence | None = None
) -> PoseImages:
    """The film to follow, [T, H, W, 3] in 0..1 on ``canvas``, drawn when it is asked for.

    Args:
        value: what came in through :func:`poses_input`.
        fps: rate that poses are resampled to.
        frames: how many of them, None for all.
        first: a pose on ``canvas`` to put in front; only one person is drawn then.
    """
    import torch

    from ..humandit.errors import InvalidPose
    from ..humandit.media.frames import fit_frames
    from ..humandit.pipeline import fit_poses, moving
    from ..humandit.pose.drawn import DrawnFilm

    if isinstance(value, torch.Tensor):
        if value.ndim == 4 and value.shape[0] == 1:
            raise InvalidPose(f"A film to follow needs at least 2 frames, got one picture. {STILL}")
        film = host.to_image(fit_frames(host.to_uint8(value), canvas))[:frames]
        return film if first is None else torch.cat([DrawnFilm([first], canvas)[:1], film])
    people = [fit_poses(moving(person), canvas).resampled(fps)[:frames] for person in as_people(value)]
    if first is not None:
        people = [_joined(first, max(people, key=lambda person: float(person.score.mean())), fps)]
    return DrawnFilm(people, canvas)


def _joined(first: PoseSequence, motion: PoseSequence, fps: float) -> PoseSequence:
    from dataclasses import replace

    return replace(first, fps=fps).concat(motion)


def encode_film(vae: Any, film: torch.Tensor) -> torch.Tensor:
    """IMAGE [T, H, W, 3], T = 8k+1 -> unscaled latents [1, F, C, h, w] by the CogVideoX VAE on the canvas."""
    from ..humandit.errors import InvalidShape
    from ..humandit.types import VideoShape
    from .host_memory import with_less
    from .host_vae import ADVICE, tiling, too_much

    if type(getattr(vae.first_stage_model, "inner", None)).__name__ == "LightVAE":
        raise InvalidShape(
            "The bundled VAE belongs to the bundled model alone. Choose the CogVideoX VAE in HumanDiT Load VAE: "
            "diffusion_pytorch_model.safetensors from the folder vae of CogVideoX-5b, in models/vae."
        )
    frames, shape = film[..., :3], VideoShape(*film.shape[:3]).latent
    tiles = lambda: vae.encode_tiled(frames, **tiling(1))  # noqa: E731
    needed = vae.memory_used_encode((1, 3, *film.shape[:3]), vae.vae_dtype)
    latent = with_less(tiles if too_much(needed, None) else lambda: vae.encode(frames), tiles, ADVICE)
    if latent.ndim != 5 or latent.shape[2] != shape.frames:
        raise InvalidShape(
            f"Expected a video VAE's latent of {shape.frames} frames, got {list(latent.shape)}. "
            "Connect HumanDiT Load VAE with the CogVideoX VAE: others cannot be used."
        )
    return latent.float().transpose(1, 2)

"""A film on the canvas: the library's chain with the host's sampling, VAE, progress, previews and journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from ..humandit.pose.lines import LineImages
from ..humandit.pose.scene import Scene
from ..humandit.types import Segment
from ..humandit.video.continuity import PLAIN, Continuity
from ..humandit.video.finish import Finisher, Where, skin_of
from ..humandit.video.segments import Denoise, Finish, Finished, chain, image_window, plan_segments
from . import host, host_journal
from .film_reel import Reel
from .fitting import rasterized
from .host_vae import decode_frames, encode_alone
from .native_sampling import config_of, sample_segment

if TYPE_CHECKING:
    from ..humandit.pose.background import BackgroundPoints
    from ..humandit.pose.sequence import PoseSequence
    from ..humandit.video.sample import Sampling


@dataclass(frozen=True, eq=False)
class Shoot:
    """What a film is made of.

    Attributes:
        model, vae: MODEL and VAE of the host.
        picture: [H, W, 3] in 0..1 at the film's size.
        poses: [1 + frames], the picture's first.
        background: points of the camera, or None.
        segment_frames: 8k+1.
        sampling: steps, guidance, sampler, seed.
        continuity: what is done against drift.
    """

    model: Any
    vae: Any
    picture: torch.Tensor
    poses: PoseSequence
    background: BackgroundPoints | None
    segment_frames: int
    sampling: Sampling
    continuity: Continuity = PLAIN


def shot(film: Shoot, node_id: str | None) -> tuple[torch.Tensor, list[str]]:
    """IMAGE [frames, H, W, 3], and what the artist was told meanwhile.

    Finished segments are kept: the same film, queued again after whatever ended it, goes on behind them.
    """
    config_of(film.model)
    length, canvas, continuity = film.segment_frames, film.poses.canvas, film.continuity
    scene = Scene(rasterized(film.poses, film.background))
    segments = plan_segments(len(film.poses) - 1, length, canvas, continuity=continuity, scene=scene)
    reel = Reel.of(segments, len(film.poses) - 1, film.sampling.steps, film.poses.fps, node_id)

    def job() -> dict[str, Any]:
        made_of = {name: value for name, value in vars(film).items() if name not in ("model", "vae")}
        return {**host_journal.parts(film.model, film.vae), **made_of, "segments": segments}

    return reel.shot(job, denoiser(film, reel.advance), filming(film, segments))


def denoiser(film: Shoot, advance: Callable[..., None]) -> Denoise:
    """The host's sampling of one segment; ``advance`` moves a bar over all of them."""
    steps, preview = film.sampling.steps, host.latent_preview(film.model)

    def denoise(segment: Segment, prefix: torch.Tensor, pose: torch.Tensor) -> torch.Tensor:
        report = lambda step, clean: advance(segment.index * steps + step, preview(clean))  # noqa: E731
        return sample_segment(film.model, segment, prefix, pose, film.sampling, report)

    return denoise


def filming(film: Shoot, segments: list[Segment]) -> Callable[[Denoise], Iterator[Finished]]:
    """The chain, which still wants its denoiser."""

    def encode(frame: torch.Tensor) -> torch.Tensor:
        host.stop_if_interrupted()
        return encode_alone(film.vae, frame)

    def decode(latents: torch.Tensor) -> torch.Tensor:
        host.stop_if_interrupted()
        return decode_frames(film.vae, latents)

    moved = film.picture if config_of(film.model).moved_picture else None
    images = rasterized(film.poses, film.background, moved)
    more = {"continuity": film.continuity, "scene": Scene(images), "finish": finisher(film)}
    return lambda denoise: chain(film.picture, images, segments, encode, denoise, decode, **more)


def finisher(film: Shoot) -> Finish:
    """What the model does to decoded frames, on the host's device."""
    if not config_of(film.model).finished:
        return lambda segment, start, pose, frames: frames
    lines = LineImages(film.poses, film.poses.canvas)
    skin = skin_of(film.picture, lines[0:1][0])

    def finish(segment: Segment, start: torch.Tensor, pose: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
        host.stop_if_interrupted()
        net, where = finisher_of(film.model)
        return net.finish(frames, start, pose, image_window(lines, segment), skin, where)

    return finish


def finisher_of(model: Any) -> tuple[Finisher, Where]:
    """A MODEL's finisher, loaded, and what it computes with on this host."""
    from comfy.model_management import load_models_gpu

    load_models_gpu([model])
    base = model.model
    return base.diffusion_model.finisher, (model.load_device, base.manual_cast_dtype or base.get_dtype())

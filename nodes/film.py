"""A film on the canvas: the library's chain with the host's sampling, VAE, progress, previews and journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from ..humandit.journal import remembered
from ..humandit.pose.scene import Scene
from ..humandit.types import Segment
from ..humandit.video.continuity import PLAIN, Continuity
from ..humandit.video.segments import Denoise, Finished, chain, plan_segments
from . import host, host_journal
from .film_shown import playing
from .fitting import rasterized
from .host_memory import free_memory
from .host_vae import decode_frames, encode_alone
from .native_sampling import config_of, sample_segment

if TYPE_CHECKING:
    from ..humandit.pose.background import BackgroundPoints
    from ..humandit.pose.sequence import PoseSequence
    from ..humandit.types import Canvas
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
    told: list[str] = []

    def say(text: str) -> None:
        told.append(text)
        host.show_text("\n".join(told), node_id)

    def job() -> dict[str, Any]:
        made_of = {name: value for name, value in vars(film).items() if name not in ("model", "vae")}
        return {**host_journal.parts(film.model, film.vae), **made_of, "segments": segments}

    advance = host.progress(len(segments) * film.sampling.steps)
    play = playing(node_id, len(segments), film.poses.fps)

    def show(part: Finished) -> None:
        advance((part.segment.index + 1) * film.sampling.steps)
        play(part)

    parts = remembered(host_journal.shelf(say), job, segments, denoiser(film, advance), filming(film, segments))
    with closing(parts):  # or its journal stays locked for as long as somebody keeps an error
        return gathered(parts, len(film.poses) - 1, canvas, show), told


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

    images = rasterized(film.poses, film.background)
    against_drift = {"continuity": film.continuity, "scene": Scene(images)}
    return lambda denoise: chain(film.picture, images, segments, encode, denoise, decode, **against_drift)


def gathered(
    parts: Iterable[Finished], frames: int, canvas: Canvas, show: Callable[[Finished], None] = lambda part: None
) -> torch.Tensor:
    """All segments as one IMAGE. Its memory is taken once and filled: joined at the end it would be taken twice.

    Raises:
        HumanDiTError: it would not fit into the memory that is free; said before anything is made.
    """
    need_room(frames, canvas)
    film, done = torch.empty(frames, canvas.height, canvas.width, 3), 0
    for part in parts:
        film[done : done + len(part.frames)] = part.frames
        done += len(part.frames)
        show(part)
        del part  # or it is kept while the next one is made
    return film


def need_room(frames: int, canvas: Canvas) -> None:
    """Refuse a film that is too long for one IMAGE."""
    from ..humandit.errors import HumanDiTError

    needed, free = frames * canvas.height * canvas.width * 3 * 4, free_memory()[2]
    if needed > free:
        raise HumanDiTError(
            f"{frames} frames at {canvas} take {needed / 1e9:.1f} GB of memory as one IMAGE, and {free / 1e9:.1f} GB "
            "are free. Make fewer frames at a time, or use `python -m humandit animate`: it writes them as they come."
        )

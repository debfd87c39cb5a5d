"""HumanDiT from end to end, every stage once. Read this first.

picture, film -- detect --> poses -- adapt --> poses on the picture's body (paper §3.4)
poses, background points -- rasterize --> pose images, 8 channels of bare pixels (paper §3.3);
    the small model is shown the picture moved along its bones, too
for every segment:                                                         (paper §3.4)
    prefix frame -- VAE --> prefix latent, clean at t = 0
    noise + prefix + pose tokens -- DiT, guided 1.5 --> latents
    latents -- VAE --> frames, which the small model goes over; the last one is the next segment's prefix
finished latents lie in a journal, from which an interrupted film goes on
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .errors import InvalidMedia, InvalidPose, InvalidWeights
from .journal import Shelf, code_print, remembered, weights_print
from .media.frames import fit_frames
from .pose.adapt import Retarget, align
from .pose.background import BackgroundPoints, shown_with
from .pose.lines import LineImages
from .pose.raster import Raster
from .pose.scene import Scene
from .pose.sequence import PoseSequence
from .types import Canvas, Segment
from .video.continuity import PLAIN, Continuity
from .video.finish import finishing
from .video.model import HumanDiT
from .video.prepare import prepared
from .video.presets import preset
from .video.sample import Sampling, sample_latents, segment_noise
from .video.segments import Denoise, Finished, chain, plan_segments
from .video.spread import spread
from .video.vae import Autoencoder

OnProgress = Callable[[Segment, int, int], None]
"""(segment, step, steps) after every denoising step. Raise :class:`~.errors.Interrupted` to stop."""


@dataclass(frozen=True)
class Models:
    """What renders: the video DiT and its autoencoder.

    Raises:
        InvalidWeights: they do not belong together.
    """

    dit: HumanDiT
    vae: Autoencoder

    def __post_init__(self) -> None:
        made, known = self.dit.config.out_channels, self.vae.latent_channels
        if made != known:
            raise InvalidWeights(
                f"The model makes latents of {made} channels, the VAE knows {known}. "
                "Give the VAE that belongs to the model."
            )


@dataclass(frozen=True)
class Settings:
    """What the artist chooses.

    Attributes:
        canvas: size of the video in pixels, multiples of 16.
        fps: frames per second of the video; poses are resampled to it (paper §4.1: 12.5).
        frames: frames to make, or None for the whole film.
        segment_frames: frames per segment including the prefix, 8k+1.
        sampling: steps, guidance, sampler and seed.
        background: points that show how the camera moves, of the film or made (``pose/background``); None for none.
        retarget: how the film's motion is put on the picture's body.
        preset: how much of the work is done (``video/presets``): "exact" does all of ``sampling``, "balanced" and
            "fast" choose steps and sampler themselves.
        spread: the tokens are shared out over the processes that ``video/spread`` joined; all run the same film.
        continuity: what is done against drift over many segments (``video/continuity``); nothing, as in the paper.
    """

    canvas: Canvas
    fps: float = 12.5
    frames: int | None = None
    segment_frames: int = 25
    sampling: Sampling = field(default_factory=Sampling)
    background: BackgroundPoints | None = None
    retarget: Retarget = field(default_factory=Retarget)
    preset: str = "exact"
    spread: bool = False
    continuity: Continuity = PLAIN


def driving_poses(reference: PoseSequence, film: PoseSequence, settings: Settings) -> PoseSequence:
    """The film's poses on the picture's body, at the video's size and rate; frame 0 is the picture's own pose."""
    aligned = align(reference, moving(film), settings.canvas, settings.retarget).poses
    return replace(reference, fps=settings.fps).concat(aligned.resampled(settings.fps)[: settings.frames])


def moving(poses: PoseSequence) -> PoseSequence:
    """``poses``, or :class:`InvalidPose` when they are a single frame."""
    if len(poses) < 2:
        raise InvalidPose(f"A motion needs at least 2 frames, got {len(poses)}. Load a film, not a picture.")
    return poses


def render(
    picture: Tensor,
    poses: PoseSequence,
    models: Models,
    settings: Settings,
    on_progress: OnProgress,
    shelf: Shelf | None = None,
) -> Iterator[Finished]:
    """Render poses [1 + frames] (frame 0: the picture's) from ``picture`` [H, W, 3] in 0..1, segment by segment.

    Segments that lie finished on the ``shelf`` are not made again; new ones are put there.
    """
    length, continuity = settings.segment_frames, settings.continuity
    moved = picture if models.dit.config.moved_picture else None
    images = Raster(poses, settings.canvas, shown_with(settings.background, poses), moved)
    scene = Scene(images)
    segments = plan_segments(len(poses) - 1, length, settings.canvas, continuity=continuity, scene=scene)
    scale, speed = models.vae.scaling_factor, preset(settings.preset)
    sampling, dit = speed.applied(settings.sampling), prepared(models.dit, speed, segments[0].shape.latent)
    if settings.spread:
        dit = spread(dit)

    def encode(frame: Tensor) -> Tensor:
        return models.vae.encode(frame) * scale

    def denoise(segment: Segment, prefix: Tensor, pose: Tensor) -> Tensor:
        shape = segment.shape.latent
        noise = segment_noise(sampling.seed, segment.index, (1, shape.frames - 1, *prefix.shape[1:]))
        report = lambda done, total, clean: on_progress(segment, done, total)  # noqa: E731
        return sample_latents(dit, prefix[None], pose[None], noise, sampling, on_step=report)[0]

    def decode(latents: Tensor) -> Tensor:
        return torch.cat(list(models.vae.decode(latents / scale)))

    def film(denoise: Denoise) -> Iterator[Finished]:
        finish = finishing(models.dit, LineImages(poses, settings.canvas), picture)
        return chain(
            picture, images, segments, encode, denoise, decode, continuity=continuity, scene=scene, finish=finish
        )

    def job() -> dict[str, Any]:
        return {**parts(models), "picture": picture, "poses": poses, "segments": segments, "settings": settings}

    return remembered(shelf, job, segments, denoise, film)


def parts(models: Models) -> dict[str, Any]:
    """What of the models and of the library itself can change a frame, for the journal."""
    device = next(models.dit.parameters()).device.type
    return {
        "code": code_print(),
        "model": (models.dit.config, device, weights_print(models.dit)),
        "vae": (type(models.vae).__name__, models.vae.scaling_factor, weights_print(models.vae)),
    }


def animate(
    picture: np.ndarray,
    picture_pose: PoseSequence,
    film_poses: PoseSequence,
    models: Models,
    settings: Settings,
    on_progress: OnProgress = lambda segment, done, total: None,
    shelf: Shelf | None = None,
) -> Iterator[Finished]:
    """Make the person in ``picture`` move as the film's person does.

    Args:
        picture: uint8 [H, W, 3] RGB; filled into the canvas, what hangs over is cut.
        picture_pose: the picture's pose, one frame, on the picture's own canvas.
        film_poses: the film's poses, on the film's canvas and rate.
        shelf: where finished segments are kept; None to keep none.

    Yields:
        Finished segments: frames 1 … n of the video, in step with the film. The picture itself is frame 0 and
        is not repeated.
    """
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise InvalidMedia(f"A picture is an RGB array [H, W, 3], got {list(picture.shape)}.")
    fitted, pose = fit_picture(picture, picture_pose, settings.canvas)
    poses = driving_poses(pose, film_poses, settings)
    return render(torch.from_numpy(fitted).float() / 255, poses, models, settings, on_progress, shelf)


def fit_picture(picture: np.ndarray, pose: PoseSequence, canvas: Canvas) -> tuple[np.ndarray, PoseSequence]:
    """Scale and centre-crop the picture and its pose to ``canvas`` alike."""
    height, width = picture.shape[:2]
    return fit_frames(picture[None], canvas, "fill")[0], fit_poses(pose.resized(Canvas(width, height)), canvas)


def fit_poses(poses: PoseSequence, canvas: Canvas) -> PoseSequence:
    """Poses scaled and centre-cropped to ``canvas`` as :func:`fit_picture` does with the picture they are on."""
    scale, shift = poses.canvas.covering(canvas)
    return replace(poses, xy=poses.xy * scale + np.array(shift, np.float32), canvas=canvas)

"""Chains of many segments against the truth: the paper's plain one, and every answer to drift.

Rendered people, of whom every frame is known, are animated from their first frame. Every rival's film is cut into the
same equal stretches of time, those of the plain chain's segments, whatever segments it was made of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from ..errors import HumanDiTError
from ..pipeline import Models, Settings, render
from ..pose.background import BackgroundPoints, shown_with
from ..pose.lines import LineImages
from ..pose.raster import Raster
from ..pose.sequence import PoseSequence
from ..types import TIME_SCALE, Canvas, Segment, VideoShape
from ..video.continuity import DEFAULT, PLAIN, Continuity
from ..video.continuity.windows import sample_in_windows
from ..video.finish import finishing
from ..video.overlap import Overlap
from ..video.pose_guider import patchify_pose
from ..video.sample import Sampling
from .drift import as_lists, drift_meter
from .image import psnr, ssim
from .pose import Detector, redetect

METHODS: dict[str, Continuity | None] = {
    "plain": PLAIN,
    "default": DEFAULT,
    "from the reference": Continuity(start="reference"),
    "from key frames": Continuity(start="key frames", overlap=4),
    "overlap": Continuity(overlap=4),
    "colour": Continuity(colour=1.0),
    "latents": Continuity(latents=1.0),
    "noise": Continuity(noise=0.1),
    "sharpen": Continuity(sharpen=1.0),
    "background at the start": Continuity(background="starting frame"),
    "background by points": Continuity(background="by points"),
    "slow seams": Continuity(slow_seams=True),
    "windows": None,
}
"""Name -> switches; None is the rival: the whole film at once in windows that overlap, all from the reference."""


@runtime_checkable
class LongClip(Protocol):
    """A clip of which everything is known, the camera's movement included."""

    frames: np.ndarray
    poses: PoseSequence
    mask: np.ndarray
    background_xy: np.ndarray
    background_visible: np.ndarray


@dataclass(frozen=True)
class Way:
    """How all films are made: frames per segment (8k+1) and sampling."""

    segment_frames: int
    sampling: Sampling


Rows = dict[str, list[float]]
"""Figure -> one value per stretch."""


@torch.inference_mode()
def made(clip: LongClip, continuity: Continuity | None, models: Models, way: Way) -> np.ndarray:
    """uint8 film [T-1, H, W, 3] of a clip, from its first frame, its poses and its background points."""
    height, width = clip.frames.shape[1:3]
    canvas, poses = Canvas(width, height), clip.poses
    points = BackgroundPoints(clip.background_xy[1:], clip.background_visible[1:], poses.canvas, poses.fps)
    picture = torch.from_numpy(clip.frames[0]).float() / 255
    if continuity is None:
        images = _drawn(poses, canvas, points, picture, models)
        parts = _in_windows(picture, images, models, way)
    else:
        settings = Settings(canvas, poses.fps, None, way.segment_frames, way.sampling, points, continuity=continuity)
        parts = (part.frames for part in render(picture, poses, models, settings, lambda segment, done, total: None))
    return np.concatenate([(frames.clamp(0, 1) * 255).round().byte().cpu().numpy() for frames in parts])


def _drawn(poses: PoseSequence, canvas: Canvas, points: BackgroundPoints, picture: Tensor, models: Models) -> Raster:
    moved = picture if models.dit.config.moved_picture else None
    return Raster(poses, canvas, shown_with(points, poses), moved)


def _in_windows(picture: Tensor, images: Raster, models: Models, way: Way) -> Iterator[Tensor]:
    """The whole film at once, the windows as long as segments."""
    scale, latents = models.vae.scaling_factor, (way.segment_frames - 1) // TIME_SCALE
    prefix = models.vae.encode(picture[None])[None] * scale
    pose = patchify_pose(images[0 : len(images)])[None].to(prefix.device)
    film = sample_in_windows(models.dit, prefix, pose, way.sampling, Overlap(latents, max(latents // 2, 1)))
    frames = torch.cat(list(models.vae.decode(film[0] / scale)))
    whole = Segment(0, 0, VideoShape(*frames.shape[:3]))
    finish = finishing(models.dit, LineImages(images.poses, images.canvas), picture)
    yield finish(whole, picture, pose[0], frames)[1:]


def stretches(film: np.ndarray, count: int) -> list[np.ndarray]:
    """``count`` equal parts of a film [T, H, W, 3]."""
    if len(film) % count:
        raise HumanDiTError(f"A film of {len(film)} frames cannot be cut into {count} equal parts.")
    return list(film.reshape(count, -1, *film.shape[1:]))


def scored(film: np.ndarray, clip: LongClip, segments: int, detector: Detector | None) -> Rows:
    """All figures of one film, stretch by stretch."""
    parts, truth = stretches(film, segments), stretches(clip.frames[1:], segments)
    find = None if detector is None else lambda frames: redetect(detector, frames, clip.poses.fps)
    likeness = {name: [measure(a, b) for a, b in zip(parts, truth, strict=True)]
                for name, measure in (("psnr", psnr), ("ssim", ssim))}  # fmt: skip
    return {**likeness, **as_lists([*map(drift_meter(clip.poses, clip.frames[0], find), parts)])}


def mean_rows(rows: Sequence[Rows]) -> Rows:
    """Means over films, rounded."""
    return {name: [round(float(np.mean(values)), 4) for values in zip(*(row[name] for row in rows), strict=True)]
            for name in rows[0] if all(name in row for row in rows)}  # fmt: skip


def loss(rows: Rows) -> float:
    """PSNR from the first stretch to the last, dB lost."""
    return round(rows["psnr"][0] - rows["psnr"][-1], 3)


def compare(
    clips: Sequence[LongClip],
    methods: Mapping[str, Continuity | None],
    models: Models,
    way: Way,
    detector: Detector | None,
    on_film: Callable[[str, int, np.ndarray, Rows], None] = lambda name, index, film, rows: None,
) -> dict[str, Rows]:
    """Method -> figures, means over the clips. Every clip is made in all ways before the next one.

    Args:
        clips: each of 1 + segments * (segment_frames - 1) frames.
        on_film: called with the method, the clip's number, the film and its figures.
    """
    segments = (len(clips[0].frames) - 1) // (way.segment_frames - 1)
    rows: dict[str, list[Rows]] = {name: [] for name in methods}
    for index, clip in enumerate(clips):
        for name, continuity in methods.items():
            film = made(clip, continuity, models, way)
            rows[name].append(scored(film, clip, segments, detector))
            on_film(name, index, film, rows[name][-1])
    return {name: mean_rows(each) for name, each in rows.items()}

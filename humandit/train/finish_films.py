"""Films that a video model makes of rendered people, beside the truth: what its finisher learns from.

Each rendered shard becomes a file of films in the run's folder, so that an interrupted run makes none twice. Of every
third clip the far-away picture is the reference, and half of the poses miss parts, as in the training of the video
model. They do not shake as there: a finger that is not where its line is would teach to distrust lines. Steps and
guidance vary, because artists choose them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..diffusion.guidance import POSE_GUIDANCE
from ..media.write import whole_file
from ..pipeline import Models, Settings, render
from ..pose.lines import draw_lines
from ..pose.raster import Raster
from ..pose.sequence import PoseSequence
from ..types import POSE_SCALE, Canvas
from ..video.finish import moved_pixels, skin_of, unfinished
from ..video.pose_guider import patchify_pose
from ..video.presets import UNGUIDED, usual_sampling
from ..video.sample import Sampling
from .examples import lossy

SEGMENT = 17
"""Frames of a segment with its prefix."""
AWAY, FAULTY = 0.35, 0.5
"""Shares of the films that start from the far-away picture, and of those whose poses miss parts."""
ASKED_FOR = 0.25
"""Share of the films with twice the usual steps, and of those with guidance: both hardly change what is to be mended,
and both cost time."""
FPS = 12.5


@dataclass(frozen=True)
class Film:
    """One film of a model and what it was made of.

    Attributes:
        picture: [H, W, 3] uint8, the reference. truth, made: [T, H, W, 3] uint8.
        moved: [T, 3, H, W] uint8, the picture moved to every frame's pose. shares: [T, 2, H/2, W/2] uint8.
        skin: [6] uint8, colours of the picture's hands and face.
        poses: [1 + T], the picture's first, as the model saw them.
    """

    picture: np.ndarray
    truth: np.ndarray
    made: np.ndarray
    moved: np.ndarray
    shares: np.ndarray
    skin: np.ndarray
    poses: PoseSequence

    def start(self, frame: int, mended: bool) -> np.ndarray:
        """What the segment of a frame starts from: the picture, or the frame before it as it was made; where the
        finisher ``mended`` that one, the truth stands for it."""
        before = frame // (SEGMENT - 1) * (SEGMENT - 1) - 1
        return self.picture if before < 0 else (self.truth if mended else self.made)[before]


def make_films(shard: Path, path: Path, models: Models, seed: int, say: Callable[[str], None]) -> None:
    """Write the films of all clips of a rendered ``shard`` to ``path``; nothing, if they lie there."""
    if path.exists():
        return
    models = Models(unfinished(models.dit), models.vae)
    with np.load(shard) as file:
        clips = {name: file[name] for name in ("frames", "xy", "score", "other", "other_xy", "other_score")}
    made, scores, points, pictures = [], [], [], []
    for clip in range(len(clips["frames"])):
        rng = np.random.default_rng((seed, zlib.crc32(shard.name.encode()), clip))
        picture, poses = _begun(clips, clip, rng)
        made.append(_film(picture, poses, models, rng))
        pictures.append(picture)
        points.append(poses.xy)
        scores.append(poses.score)
        say(f"{shard.name}: {clip + 1} of {len(clips['frames'])} films")
    arrays = {"picture": pictures, "made": made, "xy": points, "score": scores}
    with whole_file(path) as part:
        np.savez(
            part, allow_pickle=False, truth=clips["frames"][:, 1:], **{n: np.stack(list(v)) for n, v in arrays.items()}
        )


def _begun(clips: dict[str, np.ndarray], clip: int, rng: np.random.Generator) -> tuple[np.ndarray, PoseSequence]:
    """A reference picture, and its pose followed by the film's."""
    frames, height, width = clips["frames"].shape[1:4]
    xy, score, picture = clips["xy"][clip].copy(), clips["score"][clip].copy(), clips["frames"][clip, 0]
    if rng.random() < AWAY:
        xy[0], score[0], picture = clips["other_xy"][clip], clips["other_score"][clip], clips["other"][clip]
    poses = PoseSequence(xy, score, Canvas(width, height), FPS)
    return picture, lossy(poses, rng) if rng.random() < FAULTY else poses


def _film(picture: np.ndarray, poses: PoseSequence, models: Models, rng: np.random.Generator) -> np.ndarray:
    """uint8 [T, H, W, 3] as they are decoded."""
    longer, guided = rng.random(2) < ASKED_FOR
    steps = usual_sampling(models.dit.config).steps * (2 if longer else 1)
    sampling = Sampling(steps, POSE_GUIDANCE if guided else UNGUIDED, seed=int(rng.integers(2**31)))
    settings = Settings(poses.canvas, poses.fps, segment_frames=SEGMENT, sampling=sampling)
    parts = render(torch.from_numpy(picture).float() / 255, poses, models, settings, lambda segment, done, total: None)
    return np.concatenate([(part.frames * 255).round().byte().cpu().numpy() for part in parts])


def load_films(path: Path) -> Iterator[Film]:
    """The films of one file, each with its picture moved."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    for picture, truth, made, xy, score in zip(*(arrays[n] for n in ("picture", "truth", "made", "xy", "score")),
                                               strict=True):  # fmt: skip
        poses = PoseSequence(xy, score, Canvas(picture.shape[1], picture.shape[0]), FPS)
        shown = torch.from_numpy(picture).float() / 255
        images = Raster(poses, poses.canvas, picture=shown)
        skin = skin_of(shown, draw_lines(poses[:1], poses.canvas)[0])
        pixels = [moved_pixels(tokens) for tokens in patchify_pose(images[0 : len(images)])[1:]]
        moved, shares = (
            np.concatenate([(part[..., ::step, ::step] * 255).round().byte().numpy() for part in parts])
            for parts, step in zip(zip(*pixels, strict=True), (1, POSE_SCALE), strict=True)
        )
        yield Film(picture, truth, made, moved, shares, (skin * 255).round().byte().numpy(), poses)

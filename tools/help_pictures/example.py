"""The bundled example worked through, stage by stage, as the nodes do it: what the help pictures are made of.

Every stage is computed once, when it is asked for.
"""

from __future__ import annotations

import functools

import numpy as np

from humandit.media.read import Film, read_film, read_image
from humandit.motion.model import KeypointDiT
from humandit.pipeline import Models, Settings, animate, driving_poses, fit_picture
from humandit.pose.adapt import Retarget, align
from humandit.pose.detect import Detector, load_detector
from humandit.pose.draw import draw
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.video.continuity import PLAIN, PRESETS
from humandit.video.presets import usual_sampling
from humandit.weights.load import load_model, load_motion, load_vae
from tools.fetch import example_film, example_picture

SMALL = Canvas(192, 192)
"""What the bundled model knows."""
DIM = 0.4
"""Brightness that is left of a picture under a skeleton."""

Segments = list[np.ndarray]


@functools.cache
def picture() -> np.ndarray:
    return read_image(example_picture())


@functools.cache
def film() -> Film:
    return read_film(example_film())


@functools.cache
def detector() -> Detector:
    return load_detector()


@functools.cache
def picture_pose() -> PoseSequence:
    return detector().detect(picture()[None], 1.0)


@functools.cache
def film_poses() -> PoseSequence:
    return detector().detect(film().frames, film().fps)


@functools.cache
def adapted() -> PoseSequence:
    return align(picture_pose(), film_poses(), choice=Retarget()).poses


@functools.cache
def motion_model() -> KeypointDiT:
    return load_motion("mini")


@functools.cache
def models() -> Models:
    return Models(load_model("mini"), load_vae("mini"))


@functools.cache
def rendered(continuity: str = "", preset: str = "exact", segment_frames: int = 25, frames: int = 48) -> Segments:
    """Segments uint8 [t, 192, 192, 3] of the bundled model's film; ``continuity`` names a preset of it."""
    settings = Settings(
        SMALL,
        frames=frames,
        segment_frames=segment_frames,
        sampling=usual_sampling(models().dit.config, seed=1),
        preset=preset,
        continuity=PRESETS[continuity] if continuity else PLAIN,
    )
    done = animate(picture(), picture_pose(), film_poses(), models(), settings)
    return [(part.frames.clamp(0, 1) * 255).round().byte().numpy() for part in done]


@functools.cache
def small() -> tuple[np.ndarray, PoseSequence]:
    """The picture on the video's canvas, and its pose followed by the driving ones."""
    shown, pose = fit_picture(picture(), picture_pose(), SMALL)
    return shown, driving_poses(pose, film_poses(), Settings(SMALL))


def over(frames: np.ndarray, poses: PoseSequence) -> np.ndarray:
    """uint8 [T, H, W, 3]: darkened frames, or one picture for all, with the skeletons on top."""
    drawn = draw(poses, Canvas(*frames.shape[-2:-4:-1]))
    return np.where(drawn.any(-1, keepdims=True), drawn, frames * DIM).astype(np.uint8)

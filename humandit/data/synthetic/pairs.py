"""Pairs of people for the pose adapter: one's motion, the other's body, and what the two make together.

No pixels are rendered. The truth is the template's motion and camera with the reference's body in it. Inputs look like
a detector's: jitter of 0.5 % of the body, 3 % of the joints dropped, and in 3 % of the frames a wrist, elbow, ankle
or knee flung off by 30 % of the body. The reference is one random moment of its own motion: its bones are
foreshortened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...pose import skeleton as coco
from ...pose.adapt import limb_vectors
from ...pose.sequence import PoseSequence
from ...types import Canvas
from .camera import frame
from .clip import FPS, Scene, draw_scene, in_camera, to_pixels

SIDE = 512
JITTER, DROPPED, FLUNG, FAR = 0.005, 0.03, 0.03, 0.3
FLINGABLE = [coco.INDEX[f"{side}_{j}"] for side in ("left", "right") for j in ("wrist", "elbow", "ankle", "knee")]


@dataclass(frozen=True)
class Pair:
    """What an adapter is given, and what it should make.

    Attributes:
        reference: one frame. template: T frames, as a detector would see them.
        truth: [T, N, 2] pixels of the true bone vectors (child minus parent) at the reference's scale.
        body: the reference's true size in its picture, pixels.
    """

    reference: PoseSequence
    template: PoseSequence
    truth: np.ndarray
    body: float


def draw_pair(seed: int, split: str, frames: int = 40) -> Pair:
    """The pair of one seed; reference ``2 * seed`` and template ``2 * seed + 1`` of the split's scenes."""
    rng = np.random.default_rng((seed, 91))
    ours, theirs = draw_scene(2 * seed, split), draw_scene(2 * seed + 1, split)
    moments = rng.uniform(2, 20) + np.arange(frames) / FPS
    shown, metre = _film(ours, np.array([rng.uniform(2, 20)]))
    driving, _ = _film(theirs, moments)
    true, true_metre = _film(replace(theirs, character=ours.character), moments)
    scale = np.median(metre) / true_metre[:, None, None]
    body = float(np.median(metre)) * float(np.ptp(ours.character.points[:23, 1]))
    return Pair(_seen(shown, rng, 0.0), _seen(driving, rng, FLUNG), limb_vectors(true) * scale, body)


def _film(scene: Scene, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[T, 133, 2] pixels, and [T] pixels per metre at the body's middle."""
    places, _, points = in_camera(scene, times, float(times[0]))
    focal, shift = frame(scene.camera, points, places[:, ::7])
    lens = np.stack([np.tile(shift, (len(times), 1)), np.full((len(times), 2), focal)], 1)
    depth = -points[:, coco.BODY_SLICE, 2].mean(1)
    return to_pixels(points, lens, SIDE), float(focal) * SIDE / 2 / depth


def _seen(xy: np.ndarray, rng: np.random.Generator, flung: float) -> PoseSequence:
    """As a detector sees it."""
    body = np.median(np.ptp(xy[:, :23, 1], axis=1))
    xy = xy + rng.normal(0, JITTER * body, xy.shape)
    score = np.where(rng.random(xy.shape[:2]) < DROPPED, 0.0, 0.9)
    for t in np.flatnonzero(rng.random(len(xy)) < flung):
        angle = rng.uniform(0, 2 * np.pi)
        xy[t, rng.choice(FLINGABLE)] += FAR * body * np.array([np.cos(angle), np.sin(angle)])
    return PoseSequence(xy, score, Canvas(SIDE, SIDE), FPS)

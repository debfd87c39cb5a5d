"""Pairs of people for the pose adapter: one's motion, the other's body, and what the two make together.

The truth is the template's motion and camera with the reference's body in it. The reference is one random moment of
its own motion: its bones are foreshortened. There are two kinds. Drawn pairs need no pixels: half of the templates
are drawn figures rather than people, arms, legs, trunk, shoulders and neck each up to 1.4 times longer or shorter,
and inputs err: jitter of 0.5 % of the body, 3 % of the joints dropped, and in 3 % of the frames a wrist, elbow, ankle
or knee flung off by 30 % of the body. Detected pairs are rendered people as a real detector sees them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...pose import skeleton as coco
from ...pose.adapt import HANDS, HEAD, LIMB_BONES, NOSE, SHOULDERS, Points, limb_vectors, part_vectors
from ...pose.detect import Detector
from ...pose.sequence import PoseSequence
from ...types import Canvas
from .camera import frame
from .clip import FPS, render_scene
from .scene import Scene, draw_scene, in_camera, to_pixels

SIDE = 512
JITTER, DROPPED, FLUNG, FAR = 0.005, 0.03, 0.03, 0.3
STYLISED, STRETCH = 0.5, 1.4
GROUPS = ("shoulder", "hip", "nose", "elbow|wrist", "knee|ankle|toe|heel")
"""Bones that are stretched together, by the names of their far ends."""
FLINGABLE = [coco.INDEX[f"{side}_{j}"] for side in ("left", "right") for j in ("wrist", "elbow", "ankle", "knee")]


@dataclass(frozen=True)
class Pair:
    """What an adapter is given, and what it should make.

    Attributes:
        reference: one frame. template: T frames, as a detector would see them.
        truth: [T, N, 2] pixels of the true bone vectors (child minus parent) at the reference's scale.
        body: the reference's true size in its picture, pixels.
        parts: "head" and "hands": true distances [T, N, 2] that they are measured by, at the reference's scale.
        counted: [T, N] bool, bones whose error counts.
    """

    reference: PoseSequence
    template: PoseSequence
    truth: np.ndarray
    body: float
    parts: dict[str, np.ndarray]
    counted: np.ndarray


def draw_pair(seed: int, split: str, frames: int = 40) -> Pair:
    """The pair of one seed; reference ``2 * seed`` and template ``2 * seed + 1`` of the split's scenes."""
    rng = np.random.default_rng((seed, 91))
    ours, theirs = draw_scene(2 * seed, split), draw_scene(2 * seed + 1, split)
    moments = rng.uniform(2, 20) + np.arange(frames) / FPS
    shown, metre = _film(ours, np.array([rng.uniform(2, 20)]))
    driving, _ = _film(theirs, moments, stretches(rng) if rng.random() < STYLISED else None)
    truth, body, parts = _truth(ours, theirs, moments, float(np.median(metre)))
    everything = np.ones(truth.shape[:2], bool)
    return Pair(_seen(shown, rng, 0.0), _seen(driving, rng, FLUNG), truth, body, parts, everything)


def detected_pair(seed: int, split: str, detector: Detector, frames: int = 20) -> Pair:
    """Like :func:`draw_pair`, but rendered and seen by a real detector; nobody is stretched. Bones that it does not
    find in the film do not count.

    Raises:
        NoPersonFound: the detector finds nobody in the picture or the film.
    """
    rng = np.random.default_rng((seed, 92))
    moments, moment = rng.uniform(2, 20) + np.arange(frames) / FPS, np.array([rng.uniform(2, 20)])
    _, metre = _film(draw_scene(2 * seed, split), moment)
    picture, *_ = render_scene(2 * seed, split, moment, SIDE, FPS, float(moment[0]))
    film, *_ = render_scene(2 * seed + 1, split, moments, SIDE, FPS, float(moments[0]))
    reference, template = detector.detect(picture, FPS), detector.detect(film, FPS)
    scenes = draw_scene(2 * seed, split), draw_scene(2 * seed + 1, split)
    truth, body, parts = _truth(*scenes, moments, float(metre[0]))
    return Pair(reference, template, truth, body, parts, _both_ends(Points.of(template).seen))


def _truth(ours: Scene, theirs: Scene, moments: np.ndarray, metre: float) -> tuple[np.ndarray, float, dict]:
    """Bones, body and parts as in :class:`Pair`: their motion and camera with our body, ``metre`` pixels long."""
    true, true_metre = _film(replace(theirs, character=ours.character), moments)
    scale = metre / true_metre[:, None, None]
    parts = {part: vectors * scale for part, vectors in part_vectors(true).items()}
    return limb_vectors(true) * scale, metre * float(np.ptp(ours.character.points[:23, 1])), parts


def _both_ends(seen: np.ndarray) -> np.ndarray:
    """[T, N] bool: bones whose two ends are seen, from points [T, 134]."""
    child, parent = (list(column) for column in zip(*LIMB_BONES, strict=True))
    return seen[:, child] & seen[:, parent]


def stretches(rng: np.random.Generator) -> dict[int, float]:
    """Far end of a bone -> how much longer a drawn figure has it."""
    factors = {}
    for group in GROUPS:
        factor = float(np.exp(rng.uniform(-1, 1) * np.log(STRETCH)))
        for child, _ in LIMB_BONES:
            if any(word in coco.KEYPOINTS[child] for word in group.split("|")):
                factors[child] = factor
    return factors


def stretched(points: np.ndarray, factors: dict[int, float]) -> np.ndarray:
    """Points [T, 133, 3] with longer or shorter bones; head and hands go along with nose and wrists."""
    old = np.concatenate([points, points[:, SHOULDERS].mean(1, keepdims=True)], 1)
    new = old.copy()
    for child, parent in LIMB_BONES:
        new[:, child] = new[:, parent] + factors[child] * (old[:, child] - old[:, parent])
    parts = [(NOSE, HEAD), *((wrist, list(range(hand.start, hand.stop))) for wrist, hand in HANDS)]
    for root, part in parts:
        new[:, part] = old[:, part] + (new[:, root] - old[:, root])[:, None]
    return new[:, : coco.COUNT].astype(points.dtype)


def _film(scene: Scene, times: np.ndarray, longer: dict[int, float] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """[T, 133, 2] pixels, and [T] pixels per metre at the body's middle."""
    places, _, points = in_camera(scene, times, float(times[0]))
    points = stretched(points, longer) if longer else points
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

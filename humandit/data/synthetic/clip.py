"""One rendered film of a synthetic person, with everything known about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import InvalidShape
from ...pose.sequence import PoseSequence
from ...types import Canvas
from .backdrop import Backdrop, draw_backdrop
from .camera import FULL, Camera, frame
from .keypoints import scores, uncovered
from .render import renderer
from .scene import Scene, draw_scene, draw_scene_name, in_camera, panned, to_pixels
from .split import split_of

FPS = 12.5
JUMP = (1.5, 12.0)
"""Seconds between the film and its other picture, either way."""


@dataclass(frozen=True)
class Clip:
    """A film of one person.

    Attributes:
        frames: [T, H, W, 3] uint8. poses: the 133 points of every frame. mask: [T, H, W] bool, the person.
        background_xy: [T, B, 2] float32 px, points that move with the backdrop; background_visible: [T, B] bool.
        other: [H, W, 3] uint8: the same scene at a far-away moment, a reference picture for training.
        other_pose: its pose (one frame). other_mask: [H, W] bool.
        motion: name of the motion, for checks of the split.
    """

    frames: np.ndarray
    poses: PoseSequence
    mask: np.ndarray
    background_xy: np.ndarray
    background_visible: np.ndarray
    other: np.ndarray
    other_pose: PoseSequence
    other_mask: np.ndarray
    motion: str = ""


def render_clip(seed: int, split: str, frames: int, size: int, fps: float = FPS) -> Clip:
    """A film of ``frames`` square frames of ``size`` pixels at ``fps``, plus one far-away picture of the scene."""
    rng = split_of(split).rng(seed, 6)
    start = rng.uniform(0, 20)
    times = start + np.arange(frames) / fps
    jump = rng.uniform(*JUMP) * (1 if rng.random() < 0.5 else -1)
    far = times[-1] + jump if jump > 0 else max(times[0] + jump, 0.0) if times[0] > JUMP[0] else times[-1] - jump
    images, poses, masks, xy, seen = render_scene(seed, split, np.append(times, far), size, fps, start)
    return Clip(
        images[:-1], poses[:-1], masks[:-1], xy[:-1], seen[:-1], images[-1], poses[-1:], masks[-1],
        draw_scene_name(seed, split),
    )  # fmt: skip


def render_scene(
    seed: int, split: str, times: np.ndarray, size: int, fps: float = FPS, start: float = 0.0
) -> tuple[np.ndarray, PoseSequence, np.ndarray, np.ndarray, np.ndarray]:
    """The scene of ``seed`` at any ``times`` [T] s: frames, poses, masks, background points and their visibility.

    The camera's pans and turns count from ``start`` and stand still before it and 3 s after.
    """
    if size < 16 or len(times) < 1:
        raise InvalidShape(f"Rendering needs a size of at least 16 and one moment, got {size} and {len(times)}.")
    scene = draw_scene(seed, split)
    places, normals, points = in_camera(scene, np.asarray(times, float), start)
    focal, shift = frame(scene.camera, points, places[:, ::7])
    lens = np.stack([panned(scene.camera, times, start) + shift, np.full((len(times), 2), focal)], 1)
    floor = to_pixels(places[..., :3].reshape(1, -1, 3), lens[:1], size)[0, :, 1].max() / size
    backdrop = draw_backdrop(scene.backdrop_seed, size, float(floor) - scene.backdrop_seed.uniform(0.02, 0.2))
    xy = to_pixels(points, lens, size)
    return _shoot(scene, backdrop, places, normals, -points[..., 2], xy, lens, size, fps, (times, start))


def _shoot(  # noqa: PLR0913 - the loop over frames, called once
    scene: Scene, backdrop: Backdrop, places: np.ndarray, normals: np.ndarray, depth: np.ndarray, xy: np.ndarray,
    lens: np.ndarray, size: int, fps: float, when: tuple[np.ndarray, float],
) -> tuple[np.ndarray, PoseSequence, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    draw = renderer(size)
    draw.dress(scene.character, scene.light)
    count, sides = len(places), (size, size)
    images = np.empty((count, size, size, 3), np.uint8)
    masks = np.empty((count, size, size), bool)
    score = np.empty(xy.shape[:2], np.float32)
    tracked, seen = [], []
    moved = backdrop_offsets(scene.camera, lens, when[0], when[1], size)
    for t in range(count):
        (x, y), (focal, _) = lens[t]
        picture = draw.draw(places[t], normals[t], (float(focal), 1.0, float(x), float(y)))
        behind, points = backdrop.window(moved[t], size)
        behind = behind * contact_shadow(xy[t, 15:23], size)[..., None] if scene.camera.framing == FULL else behind
        images[t] = np.clip(picture.colour + behind * (1 - picture.cover[..., None]) + 0.5, 0, 255)
        masks[t] = picture.cover > 0.5
        score[t] = scores(xy[t], depth[t], picture.zbuffer, sides)
        tracked.append(points)
        seen.append(uncovered(points, masks[t], sides))
    poses = PoseSequence(xy, score, Canvas(size, size), fps)
    return images, poses, masks, np.stack(tracked).astype(np.float32), np.stack(seen)


def backdrop_offsets(camera: Camera, lens: np.ndarray, times: np.ndarray, start: float, size: int) -> np.ndarray:
    """[T, 2] px by which the backdrop's window moves: against the camera's pan and turn."""
    pan = panned(camera, times, start) * np.array([-0.5, 0.5]) * size
    turn = np.clip(np.asarray(times) - start, 0, 3) * camera.turning * size * 0.6
    return pan + np.stack([turn, np.zeros_like(turn)], -1)


def contact_shadow(feet: np.ndarray, size: int) -> np.ndarray:
    """[size, size] float32 0.6..1: a soft shade on the floor under the feet [8, 2] px."""
    low = feet[:, 1].max()
    near = np.clip(1 - (low - feet[:, 1]) / (0.12 * size), 0, 1) + 1e-3
    middle = (feet[:, 0] * near).sum() / near.sum()
    width = max(float(np.ptp(feet[:, 0])) * 0.6, 0.06 * size)
    y, x = np.mgrid[:size, :size].astype(np.float32)
    distance = ((x - middle) / width) ** 2 + ((y - low) / (0.03 * size + 0.12 * width)) ** 2
    return (1 - 0.4 * np.exp(-distance)).astype(np.float32)

"""A scene of one seed: who, how they move, where the camera is; where everything then lies, before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np

from . import rig as rigs
from .body import Body, load_body
from .camera import FULL, Camera, draw_camera, draw_light
from .characters import Character, draw_character
from .motion import Motion, draw_motion
from .render import Light
from .split import split_of


@dataclass(frozen=True)
class Scene:
    """Who, where, how and under which light: all but the moments in time."""

    character: Character
    motion: Motion
    camera: Camera
    light: Light
    backdrop_seed: np.random.Generator


@runtime_checkable
class Figure(Protocol):
    """What can be posed without a mesh: a rig, its points at rest [133, 3] and the bones that carry them [133, B]."""

    @property
    def rig(self) -> rigs.Rig: ...

    @property
    def points(self) -> np.ndarray: ...

    @property
    def point_weights(self) -> np.ndarray: ...


@runtime_checkable
class Moving(Protocol):
    """Somebody's motion: poses at any time, and whether the feet are to be put on the floor afterwards."""

    @property
    def grounded(self) -> bool: ...

    def at(self, times: np.ndarray) -> rigs.Pose: ...


@lru_cache(maxsize=1)
def _body() -> Body:
    return load_body()


def draw_scene(seed: int, split: str) -> Scene:
    """The scene of one seed; the same every time."""
    table = split_of(split)
    motion, camera = draw_motion(table, table.rng(seed, 2)), draw_camera(table.rng(seed, 3))
    return Scene(
        draw_character(_body(), table.shapes, table.rng(seed, 1)),
        motion,
        replace(camera, framing=FULL) if motion.acrobatic else camera,
        draw_light(table.rng(seed, 4)),
        table.rng(seed, 5),
    )


def draw_scene_name(seed: int, split: str) -> str:
    """Name of the motion of a seed."""
    table = split_of(split)
    return draw_motion(table, table.rng(seed, 2)).name


def panned(camera: Camera, times: np.ndarray, start: float) -> np.ndarray:
    """[T, 2] ndc."""
    return np.clip(np.asarray(times) - start, 0, 3)[:, None] * np.array(camera.pan)


def in_camera(scene: Scene, times: np.ndarray, start: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Camera-space vertices [T, V, 3], normals [T, V, 3] and points [T, 133, 3], metres."""
    who = scene.character
    bones = standing_bones(who, scene.motion, times)
    middle = who.rig.heads[0] * np.array([0, 1, 0])
    view = scene.camera.view(np.clip(times - start, 0, 3), middle)
    bones = np.concatenate(
        [view[:, None, :, :3] @ bones[..., :3], view[:, None, :, :3] @ bones[..., 3:] + view[:, None, :, 3:]], -1
    ).astype(np.float32)
    blended = rigs.blend(bones, who.weights)
    normals = np.einsum("tvij,vj->tvi", blended[..., :3], who.normals, optimize=True)
    points = rigs.apply(rigs.blend(bones, who.point_weights), who.points)
    return rigs.apply(blended, who.vertices), normals, points


def standing_bones(who: Figure, motion: Moving, times: np.ndarray) -> np.ndarray:
    """[T, B, 3, 4] bones of somebody who stands on the floor around one place, person's frame, metres."""
    bones = who.rig.bone_transforms(motion.at(times))
    if motion.grounded:
        bones[..., 3] -= _standing(bones, who)[:, None]
    return bones


def _standing(bones: np.ndarray, who: Figure) -> np.ndarray:
    """[T, 3] shift to take off so that the lower foot stands at rest height and the feet stay around one place."""
    feet = rigs.apply(rigs.blend(bones, who.point_weights[15:23]), who.points[15:23])
    floor = who.points[15:23, 1].min()
    ankles = feet[:, :2].mean(1) - who.points[15:17].mean(0)
    return np.stack([ankles[:, 0], feet[..., 1].min(1) - floor, ankles[:, 2]], -1)


def to_pixels(points: np.ndarray, lens: np.ndarray, size: int) -> np.ndarray:
    """[T, N, 2] frame pixels of camera-space points [T, N, 3]; ``lens`` [T, 2, 2] is shift and focal (ndc)."""
    ndc = points[..., :2] / -points[..., 2:] * lens[:, 1:2] + lens[:, :1]
    return ((ndc * np.array([1, -1]) + 1) * size / 2).astype(np.float32)

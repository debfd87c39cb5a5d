"""Takes: a body that moves in space for some seconds, as 133 points. Any number of cameras can look at one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..synthetic import rig as rigs
from ..synthetic.body import Body, load_body
from ..synthetic.keypoints import rest_points
from ..synthetic.motion import draw_motion
from ..synthetic.scene import Moving, standing_bones
from ..synthetic.split import split_of
from .recorded import Recording, draw_replay

FPS = 25.0
"""Frames per second of the Keypoint-DiT (paper App. B)."""
CLIP_SHARE = 0.5
"""Part of the takes that are motion capture: more than in rendered films, for the rest is made up."""
STARTS = 40.0
"""Seconds within which a take begins."""
SPEED = (0.8, 1.15)
"""Factor on the motion's own variation of speed."""
WARP = 0.35
"""Largest share by which time runs faster or slower within a take."""
WIDE = 0.25
"""Way of the hips, body heights, from which on a take is shown in full."""
WARP_RATE = (0.05, 0.3)
"""Of that change, Hz."""


@dataclass(frozen=True)
class Figure:
    """A body shape that is posed without its skin; see ``synthetic.clip.Figure``."""

    rig: rigs.Rig
    points: np.ndarray
    point_weights: np.ndarray

    @property
    def height(self) -> float:
        """From soles to eyes, metres."""
        return float(np.ptp(self.points[:23, 1]))


@dataclass(frozen=True)
class Take:
    """Some seconds of one person.

    Attributes:
        points: [T, 133, 3] float32 metres at ``FPS``: x to the person's left, y up, z to the front.
        middle: [3] what a camera looks at. height: from soles to eyes at rest, metres.
        motion: its name, for checks of the split. acrobatic: crosses the floor, so it is shown in full.
    """

    points: np.ndarray
    middle: np.ndarray
    height: float
    motion: str
    acrobatic: bool


@lru_cache(maxsize=1)
def _body() -> Body:
    return load_body()


@lru_cache(maxsize=64)
def figure(shape: int) -> Figure:
    """The body shape of that number."""
    return Figure(rigs.Rig.of(_body(), shape), *rest_points(_body(), shape))


def warped_times(frames: int, rng: np.random.Generator) -> np.ndarray:
    """[frames] seconds: a random start, and time that runs a little faster and slower; always forwards."""
    plain = np.arange(frames) / FPS * rng.uniform(*SPEED)
    rate, phase = 2 * np.pi * rng.uniform(*WARP_RATE), rng.uniform(0, 2 * np.pi)
    sway = rng.uniform(0, WARP) / rate * (np.sin(rate * plain + phase) - np.sin(phase))
    return rng.uniform(0, STARTS) + plain + sway


def draw_take(seed: int, split: str, frames: int) -> Take:
    """The take of one seed; the same every time. Clips, acts and bodies are those of the renderer's ``split``."""
    table = split_of(split)
    who = figure(int(table.rng(seed, 21).choice(table.shapes)))
    motion = draw_motion(table, table.rng(seed, 22), CLIP_SHARE)
    points = _points(who, motion, warped_times(frames, table.rng(seed, 23)))
    return Take(points, _middle(who), who.height, motion.name, motion.acrobatic)


def draw_recorded(recordings: tuple[Recording, ...], seed: int, frames: int) -> Take:
    """A take of a recording on a body of the training side; the same every time. It is shown in full: recorded
    people cross the floor."""
    table = split_of("train")
    who = figure(int(table.rng(seed, 21).choice(table.shapes)))
    replay = draw_replay(recordings, table.rng(seed, 25))
    points = _points(who, replay, warped_times(frames, table.rng(seed, 23)))
    return Take(points, _middle(who), who.height, replay.recording.name, acrobatic=wide(points, who.height))


def wide(points: np.ndarray, height: float) -> bool:
    """Whether the hips of [T, 133, 3] leave their place by more than a quarter of the height."""
    hips = points[:, 11:13].mean(1)
    return bool(np.ptp(hips, axis=0).max() > WIDE * height)


def _points(who: Figure, motion: Moving, times: np.ndarray) -> np.ndarray:
    """[T, 133, 3] float32 metres."""
    bones = standing_bones(who, motion, times)
    return rigs.apply(rigs.blend(bones, who.point_weights), who.points).astype(np.float32)


def _middle(who: Figure) -> np.ndarray:
    return who.rig.heads[0] * np.array([0, 1, 0])

"""Backgrounds: a large still picture that the frame looks at through a moving window, with points to track."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

MARGIN = 1.7
"""Side of the picture in frame sides: what the window can move over."""
POINTS = 20


@dataclass(frozen=True)
class Backdrop:
    """``picture`` [S, S, 3] uint8 and ``points`` [20, 2] px in it."""

    picture: np.ndarray
    points: np.ndarray

    def window(self, offset: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
        """The frame [size, size, 3] float32 whose corner lies at ``offset`` px [2] off the middle place, and the
        points [20, 2] in frame pixels."""
        import cv2

        side = self.picture.shape[0]
        corner = np.clip((side - size) / 2 + offset, 0, side - size)
        move = np.array([[1, 0, -corner[0]], [0, 1, -corner[1]]])
        view = cv2.warpAffine(self.picture, move, (size, size), flags=cv2.INTER_LINEAR)
        return view.astype(np.float32), (self.points - corner).astype(np.float32)


def draw_backdrop(rng: np.random.Generator, size: int, horizon: float) -> Backdrop:
    """A random backdrop for frames of ``size``; ``horizon`` is where a floor begins, 0 top .. 1 bottom of a frame."""
    side = int(round(size * MARGIN))
    kind = rng.choice(len(_KINDS), p=list(_KINDS.values()))
    picture = list(_KINDS)[kind](rng, side, horizon)
    if rng.random() < 0.7:
        picture = picture + _clouds(rng, side, 3)[..., None] * rng.uniform(6, 22)
    points = rng.uniform(0.08, 0.92, (POINTS, 2)) * side
    return Backdrop(np.clip(picture, 0, 255).astype(np.uint8), points)


def _colour(rng: np.random.Generator, low: float = 0.25, high: float = 0.95) -> np.ndarray:
    return np.array(colorsys.hsv_to_rgb(rng.random(), rng.uniform(0, 0.6), rng.uniform(low, high))) * 255


def _mix(a: np.ndarray, b: np.ndarray, part: np.ndarray) -> np.ndarray:
    return a + (b - a) * part[..., None]


def _clouds(rng: np.random.Generator, side: int, octaves: int) -> np.ndarray:
    """Smooth noise [side, side] of about -1..1."""
    import cv2

    total = np.zeros((side, side), np.float32)
    for o in range(octaves):
        cells = 3 * 2**o + int(rng.integers(0, 3))
        grid = rng.normal(0, 1, (cells, cells)).astype(np.float32)
        total += cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC) / 2**o
    return total / 1.6


def _coordinates(side: int, angle: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:side, :side] / side
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def _square(u: np.ndarray, side: int) -> np.ndarray:
    """0..1 stripes of period 1 with soft edges of about a pixel."""
    return np.clip(np.sin(2 * np.pi * u) * side * 0.12 + 0.5, 0, 1)


def _gradient(rng: np.random.Generator, side: int, horizon: float) -> np.ndarray:
    u, _ = _coordinates(side, rng.uniform(0, 6.28))
    return _mix(_colour(rng), _colour(rng), np.clip(u, 0, 1))


def _noise(rng: np.random.Generator, side: int, horizon: float) -> np.ndarray:
    part = np.clip(0.5 + 0.6 * _clouds(rng, side, int(rng.integers(2, 5))), 0, 1)
    return _mix(_colour(rng), _colour(rng), part)


def _stripes(rng: np.random.Generator, side: int, horizon: float) -> np.ndarray:
    u, _ = _coordinates(side, rng.choice([0.0, 1.5708, rng.uniform(0, 3.14)]))
    return _soft_pair(rng, _square(u * rng.integers(4, 11) + rng.random(), side))


def _checker(rng: np.random.Generator, side: int, horizon: float) -> np.ndarray:
    u, v = _coordinates(side, rng.choice([0.0, rng.uniform(0, 1.57)]))
    k = rng.integers(3, 8)
    a, b = _square(u * k, side), _square(v * k, side)
    return _soft_pair(rng, a * (1 - b) + b * (1 - a))


def _soft_pair(rng: np.random.Generator, part: np.ndarray) -> np.ndarray:
    """Two colours not too far apart: a backdrop should not outshine the person."""
    first = _colour(rng)
    return _mix(first, first + (_colour(rng) - first) * rng.uniform(0.25, 0.7), part)


def _panels(rng: np.random.Generator, side: int, horizon: float) -> np.ndarray:
    """A wall with a few pictures, doors or windows on it."""
    out = _gradient(rng, side, horizon)
    for _ in range(int(rng.integers(3, 9))):
        x, y = (rng.uniform(0, 0.9, 2) * side).astype(int)
        w, h = (rng.uniform(0.06, 0.35, 2) * side).astype(int)
        out[y : y + h, x : x + w] = _colour(rng)
    return out


def _room(rng: np.random.Generator, side: int, horizon: float) -> np.ndarray:
    """A wall above a floor of tiles or planks in perspective."""
    wall = (_gradient, _noise, _stripes, _panels)[rng.integers(4)](rng, side, horizon)
    edge = int((0.5 + (horizon - 0.5) / MARGIN) * side)
    edge = int(np.clip(edge, side * 0.3, side * 0.92))
    y = np.arange(edge, side)[:, None] - edge + 6.0
    x = np.arange(side)[None] - side / 2
    u, v = x / y * rng.uniform(0.6, 2.0), 12.0 * rng.uniform(0.8, 3.0) / y * rng.integers(1, 4)
    fade = np.clip((y - 6) / (0.25 * side), 0, 1)
    tiles = _square(u, 24) if rng.random() < 0.4 else np.abs(_square(u, 24) - _square(v, 24))
    wall[edge:] = _soft_pair(rng, tiles * fade + 0.5 * (1 - fade))
    if rng.random() < 0.7:
        wall[edge - max(side // 60, 1) : edge] = _colour(rng)
    return wall


_KINDS = {_gradient: 0.12, _noise: 0.18, _room: 0.34, _stripes: 0.1, _checker: 0.1, _panels: 0.16}
"""Kinds of backdrop and how often they are drawn."""

"""A camera instead of a film: points of a still scene under a steady pan and zoom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import InvalidPose
from ...types import Canvas
from ..raster import MAX_BACKGROUND
from .points import BackgroundPoints

JITTER = 0.35
"""Cells of the grid by which its points are moved either way, so that they do not look like a lattice."""
PAST = 1000
"""Frames that a new point's way is followed back to where it came into the picture."""


@dataclass(frozen=True)
class Move:
    """What a scene does from one frame to the next: ``x -> 0.5 + scale (x - 0.5) - pan``, in shares of the frame."""

    scale: float
    pan: np.ndarray

    def ahead(self, x: np.ndarray) -> np.ndarray:
        """[N, 2] one frame later."""
        return 0.5 + self.scale * (x - 0.5) - self.pan

    def back(self, x: np.ndarray, frames: int) -> np.ndarray:
        """[frames, N, 2]: 1, 2, … frames before."""
        with np.errstate(over="ignore", invalid="ignore"):  # far outside, numbers may end
            shrink = self.scale ** -np.arange(1.0, frames + 1)
            panned = np.cumsum(shrink)[:, None, None] * self.pan
            return 0.5 + shrink[:, None, None] * (x - 0.5) + panned


def camera_background(
    canvas: Canvas,
    frames: int,
    fps: float,
    pan: tuple[float, float] = (0.0, 0.0),
    zoom: float = 0.0,
    count: int = MAX_BACKGROUND,
    seed: int = 0,
) -> BackgroundPoints:
    """Points that a still scene would show to a camera that pans and zooms steadily.

    Without pan and zoom the points stand still, which tells the model that the camera does: not the same as no points.
    A point that leaves the picture is gone for a frame, and another one comes: from the side that comes into the
    picture, or anywhere while the camera zooms in and nothing does. While it zooms out, points are given up here and
    there so that they do not crowd together.

    Args:
        canvas: size of the frames.
        frames: how many.
        fps: their speed.
        pan: shares of the frame's width and height per second by which the camera turns right and down; the scene
            moves to the left and up.
        zoom: growth per second: 0.1 makes everything larger by a tenth each second, -0.1 smaller. Above -1.
        count: 1 to 20 points at a time.
        seed: of their places.

    Raises:
        InvalidPose: a count outside 1..20, fewer than 1 frame, a zoom of -1 or less, or numbers that are not finite.
    """
    if not 1 <= count <= MAX_BACKGROUND or frames < 1:
        raise InvalidPose(
            f"A camera's background takes 1 to {MAX_BACKGROUND} points and at least 1 frame, got {count} and {frames}."
        )
    if not np.isfinite([*pan, zoom, fps]).all() or zoom <= -1 or fps <= 0:
        raise InvalidPose(f"Pan must be finite, zoom above -1 and fps above 0, got {pan}, {zoom} and {fps}.")
    move = Move(float((1 + zoom) ** (1 / fps)), np.array(pan, float) / fps)
    rng = np.random.default_rng(seed)
    places, shown = [_spread(canvas, count, rng)], [np.ones(count, bool)]
    for _ in range(frames - 1):
        place, fresh = move.ahead(places[-1]), ~shown[-1]
        place[fresh] = _coming(move, int(fresh.sum()), rng)
        places.append(place)
        shown.append(_inside(place) & (fresh | (rng.random(count) < move.scale**2)))
    xy = np.stack(places) * [canvas.width, canvas.height]
    return BackgroundPoints(xy, np.stack(shown), canvas, fps)


def _spread(canvas: Canvas, count: int, rng: np.random.Generator) -> np.ndarray:
    """[count, 2] shares of the frame: cells of about square shape, chosen at random, each with a point in it."""
    columns = int(np.clip(np.ceil(np.sqrt(count * canvas.width / canvas.height)), 1, count))
    rows = -(-count // columns)
    cells = np.sort(rng.permutation(columns * rows)[:count])
    middle = np.stack([cells % columns, cells // columns], -1) + 0.5
    return (middle + rng.uniform(-JITTER, JITTER, (count, 2))) / [columns, rows]


def _coming(move: Move, count: int, rng: np.random.Generator) -> np.ndarray:
    """[count, 2] shares: random points, put back to where they came into the picture, if they ever did."""
    drawn = rng.random((count, 2))
    way = np.concatenate([drawn[None], move.back(drawn, PAST)])
    there = _inside(way)
    # Ways are straight lines, so a point was in the picture from its last coming in on and not before.
    came = np.where(there.all(0), 0, there.argmin(0) - 1)
    return way[came, np.arange(count)]


def _inside(x: np.ndarray) -> np.ndarray:
    """[..., N] bool."""
    return np.all((x >= 0) & (x < 1), axis=-1)

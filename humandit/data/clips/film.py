"""A film as a stream of upright frames at a steady speed, whatever its codec, rotation or timing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import InvalidMedia
from ...media.read import DEFAULT_FPS, MAX_FPS
from ...types import MAX_SIDE
from .film_files import open_file

FASTEST = 30.0
"""Frames per second that are kept at most; a faster film is thinned out evenly."""
STEADY = 0.5
"""Frames by which a frame of a film with a steady speed may come too early or too late."""


@dataclass(frozen=True)
class Timing:
    """When the frames of a file are shown.

    Attributes:
        times: [N] seconds from the first frame, growing.
        fps: of the stream that is made of them.
        steady: whether the file itself has one speed; if not, frames are held or left out.
    """

    times: np.ndarray
    fps: float
    steady: bool


@dataclass(frozen=True)
class Stream:
    """Frames of a film.

    Attributes:
        frames: [H, W, 3] uint8 RGB each, all of one size, the longer side at most 1280. Raises
            :class:`InvalidMedia` where the file turns out to be damaged.
        timing: the file's own.
        shrunk: pixels of a frame per pixel of the file, 0..1.
    """

    frames: Iterator[np.ndarray]
    timing: Timing
    shrunk: float


def open_film(path: Path, fastest: float = FASTEST, side: int = MAX_SIDE) -> Stream:
    """The film's frames at no more than ``fastest`` frames per second and ``side`` pixels.

    Raises:
        InvalidMedia: no film, an empty one, or one that no decoder here understands.
    """
    if not path.is_file() or path.stat().st_size == 0:
        what = "is empty (0 bytes)" if path.is_file() else "is not there"
        raise InvalidMedia(f"{path.name} {what}. Expected a film; copy it again.")
    shown = open_file(path)
    timing = timing_of(shown.times, fastest)
    frames = steady(shown.frames(), timing)
    first = next(frames, None)
    if first is None:
        raise InvalidMedia(f"{path.name} holds no frame. Expected a film; export it again.")
    scale = min(side / max(first.shape[:2]), 1.0)
    return Stream(_checked(path.name, first, frames, scale), timing, scale)


def timing_of(times: np.ndarray, fastest: float) -> Timing:
    """Which speed a film gets: its own where that is steady, else the usual distance of its frames; both thinned out
    to ``fastest`` frames per second at most."""
    times = np.asarray(times, np.float64) - (times[0] if len(times) else 0)
    if len(times) < 2 or times[-1] <= 0:
        return Timing(times, DEFAULT_FPS, True)
    step = times[-1] / (len(times) - 1)
    even = bool(np.abs(times - step * np.arange(len(times))).max() < STEADY * step)
    usual = step if even else float(np.median(np.diff(times)))
    fps = 1 / usual if usual > 0 else DEFAULT_FPS
    fps = fps if fps <= MAX_FPS else DEFAULT_FPS
    if fps > fastest + 0.5:
        fps /= np.ceil((fps - 0.5) / fastest)
    return Timing(times, round(float(fps), 3), even)


def steady(frames: Iterator[np.ndarray], timing: Timing) -> Iterator[np.ndarray]:
    """For every moment of the stream the frame that is nearest in time."""
    shown = 0
    last = None
    for number, frame in enumerate(frames):
        if number >= len(timing.times):
            return
        following = timing.times[number + 1] if number + 1 < len(timing.times) else np.inf
        until = (timing.times[number] + following) / 2
        last = frame
        while shown / timing.fps < until - 1e-6:
            if not np.isfinite(until) and shown / timing.fps > timing.times[number] + 0.5 / timing.fps:
                return
            yield last
            shown += 1


def _checked(name: str, first: np.ndarray, rest: Iterator[np.ndarray], scale: float) -> Iterator[np.ndarray]:
    import cv2

    size = max(round(first.shape[1] * scale), 1), max(round(first.shape[0] * scale), 1)
    shape, frame = first.shape, first
    while frame is not None:
        if frame.shape != shape:
            raise InvalidMedia(f"{name} changes its size midway. Expected frames of one size; convert it to MP4.")
        yield frame if scale == 1 else cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        frame = next(rest, None)

"""Two folders of films, paired by name: results and truth."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import InvalidMedia
from ..media.read import read_film, read_image
from ..pose.background import cut_out
from ..pose.sequence import PoseSequence
from ..types import Canvas
from .pose import Detector, redetect

FILM_ENDS = (".mp4", ".webm", ".mkv", ".mov", ".avi", ".gif", ".webp", ".apng")
PICTURE_ENDS = (".png", ".jpg", ".jpeg", ".bmp")
Source = Path | tuple[Path, ...]
"""A film, or the pictures of one in their order."""


@dataclass(frozen=True)
class Pair:
    """A result and its truth, uint8 [T, H, W, 3] each, under one name."""

    name: str
    made: np.ndarray
    truth: np.ndarray
    fps: float


@dataclass(frozen=True)
class FilmClip:
    """A true film as a clip: its first frame stands for the reference picture too, so that all frames are scored.

    Attributes:
        frames: [1 + T, H, W, 3]. poses: 1 + T, as a detector found them. mask: [1 + T, H, W] bool; False everywhere
            where nobody looked for a person.
    """

    frames: np.ndarray
    poses: PoseSequence
    mask: np.ndarray


def read_pairs(made: Path, truth: Path, fps: float) -> list[Pair]:
    """Every film that both folders hold under one name.

    A folder holds films, or folders of pictures, or the pictures of a single film. ``fps`` is the speed of pictures.

    Raises:
        InvalidMedia: a folder without films, names that only one folder has, or a pair of different lengths or sizes.
    """
    ours, theirs = sources(made), sources(truth)
    alone = [f"{name} (only in {made.name})" for name in sorted(ours.keys() - theirs.keys())]
    alone += [f"{name} (only in {truth.name})" for name in sorted(theirs.keys() - ours.keys())]
    if alone:
        raise InvalidMedia(f"Films are paired by name, but these have no partner: {', '.join(alone)}.")
    return [_pair(name, ours[name], theirs[name], fps) for name in sorted(ours, key=natural)]


def sources(folder: Path) -> dict[str, Source]:
    """Name without its ending -> where the film is."""
    if not folder.is_dir():
        raise InvalidMedia(
            f"Expected a folder of films, found {'a file' if folder.exists() else 'nothing'} at {folder}."
        )
    films: dict[str, Source] = {path.stem: path for path in _inside(folder, FILM_ENDS)}
    films |= {path.name: shown for path in folder.iterdir() if path.is_dir() and (shown := _inside(path, PICTURE_ENDS))}
    loose = _inside(folder, PICTURE_ENDS)
    if not films and loose:
        return {"film": loose}
    if not films:
        ends = ", ".join(FILM_ENDS)
        raise InvalidMedia(f"Expected films ({ends}) or folders of pictures in {folder}, found none.")
    return films


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts "2" before "10"."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name) if part]


def _inside(folder: Path, ends: tuple[str, ...]) -> tuple[Path, ...]:
    found = [path for path in folder.iterdir() if path.suffix.lower() in ends and not path.name.startswith(".")]
    return tuple(sorted(found, key=lambda path: natural(path.name)))


def _pair(name: str, made: Source, truth: Source, fps: float) -> Pair:
    ours, speed = _read(made, fps)
    theirs, _ = _read(truth, fps)
    if ours.shape != theirs.shape:
        raise InvalidMedia(
            f"{name}: a result and its truth have the same frames and size, got {len(ours)} frames of "
            f"{ours.shape[2]}x{ours.shape[1]} and {len(theirs)} of {theirs.shape[2]}x{theirs.shape[1]}. "
            "Cut or scale one of them."
        )
    return Pair(name, ours, theirs, speed)


def _read(source: Source, fps: float) -> tuple[np.ndarray, float]:
    if isinstance(source, Path):
        film = read_film(source)
        return film.frames, film.fps
    frames = [read_image(path) for path in source]
    if len(frames) < 2 or len({frame.shape for frame in frames}) > 1:
        sizes = sorted({f"{frame.shape[1]}x{frame.shape[0]}" for frame in frames})
        raise InvalidMedia(
            f"The pictures of a film are at least 2 of one size, {source[0].parent} has {len(frames)} of "
            f"{', '.join(sizes)}."
        )
    return np.stack(frames), fps


def as_clips(
    pairs: Sequence[Pair], detector: Detector | None, on_clip: Callable[[int], None] = lambda done: None
) -> list[FilmClip]:
    """The true films with the poses and the person that the detector sees in them, if there is one."""
    clips = []
    for pair in pairs:
        clips.append(_clip(pair, detector))
        on_clip(len(clips))
    return clips


def _clip(pair: Pair, detector: Detector | None) -> FilmClip:
    frames = np.concatenate([pair.truth[:1], pair.truth])
    if detector is None:
        canvas = Canvas(frames.shape[2], frames.shape[1])
        nobody = PoseSequence(
            np.zeros((len(frames), 133, 2), np.float32), np.zeros((len(frames), 133)), canvas, pair.fps
        )
        return FilmClip(frames, nobody, np.zeros(frames.shape[:3], bool))
    found = redetect(detector, pair.truth, pair.fps)
    poses = replace(found, score=found.visible.astype(np.float32))  # what was found there is the truth here
    masks = np.stack(list(cut_out(pair.truth, poses, detector)))
    return FilmClip(frames, poses[slice(0, 1)].concat(poses), np.concatenate([masks[:1], masks]))

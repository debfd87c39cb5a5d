"""Poses of real films cut into films of training: short, at 25 fps, without long gaps, and split by their file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...errors import InvalidPose
from ...motion.height import height_of
from ...pose import skeleton as coco
from ...pose.formats import load_json
from ...pose.gaps import fill_gaps
from ...pose.jitter import body_size
from ...pose.sequence import PoseSequence
from ...pose.smooth import CUT, smooth
from .films import FPS, Film, mirrored
from .heldout import HELD_OUT, is_held_out

PRESENT = 0.9
"""Share of a piece's frames that must show the person."""
SHOULDERS = [coco.INDEX["left_shoulder"], coco.INDEX["right_shoulder"]]
JOINTS = 5
"""Body joints that make a frame show them, the shoulders among them."""
GAP = 5
"""Longest gap in a joint's track that is filled, frames: detectors blink."""
STEP = 10
"""Frames from one piece to the next; pieces overlap."""
SHORTEST = 25
"""Frames of a film that is too short for a piece, but still used: the rest of its piece shows nobody."""


@dataclass(frozen=True)
class Footage:
    """Pieces of real films. No file has pieces on both sides."""

    train: tuple[Film, ...] = ()
    heldout: tuple[Film, ...] = ()


def load_footage(files: Sequence[Path], frames: int) -> Footage:
    """Pieces of ``frames`` frames from pose files as :func:`.footage.collect` keeps them.

    Raises:
        InvalidPose: nothing is left to train on.
    """
    sides: dict[bool, list[Film]] = {True: [], False: []}
    for path in files:
        sides[is_held_out(path.stem)] += pieces(load_json(path), frames, path.stem)
    if not sides[False]:
        raise InvalidPose(
            f"The {len(files)} files give {len(sides[True])} held-out pieces and none to train on. A piece needs the "
            f"person in {PRESENT:.0%} of {SHORTEST / FPS:g} seconds or more, and one file in {HELD_OUT} is held out by "
            "its name: add films, longer ones, or rename one."
        )
    return Footage(tuple(sides[False]), tuple(sides[True]))


def pieces(poses: PoseSequence, frames: int, name: str) -> list[Film]:
    """Overlapping pieces of one shot each, that begin with a frame that shows the person; a short film is one piece.

    The trembling that every detector leaves is smoothed away first: what is trained on should not tremble.
    """
    poses = smooth(fill_gaps(poses.resampled(FPS), GAP))
    shown, length = _shown(poses), min(frames, len(poses))
    shots = np.cumsum(cuts(poses))
    starts = [s for s in range(0, len(poses) - length + 1, STEP) if shown[s] and shots[s] == shots[s + length - 1]]
    starts = [s for s in starts if length >= min(SHORTEST, frames) and shown[s : s + length].mean() >= PRESENT]
    cut = [poses[s : s + length] for s in starts]
    return [Film(_padded(piece, frames), height_of(piece), name, everywhere=False) for piece in cut]


def _shown(poses: PoseSequence) -> np.ndarray:
    """[T] bool: frames with both shoulders, from which everything is told, and some more of the body."""
    return poses.visible[:, SHOULDERS].all(1) & (poses.visible[:, coco.BODY_SLICE].sum(1) >= JOINTS)


def cuts(poses: PoseSequence) -> np.ndarray:
    """[T] bool: frames where most of the body is suddenly elsewhere, as after a cut of the film."""
    body, seen = poses.xy[:, coco.BODY_SLICE], poses.visible[:, coco.BODY_SLICE]
    step, both = np.linalg.norm(np.diff(body, axis=0), axis=-1), seen[1:] & seen[:-1]
    far = [np.median(s[b]) if b.any() else 0.0 for s, b in zip(step, both, strict=True)]
    return np.array([0.0, *far]) > CUT * body_size(poses)


def _padded(piece: PoseSequence, frames: int) -> PoseSequence:
    """``piece`` followed by frames that show nobody."""
    more = frames - len(piece)
    xy = np.concatenate([piece.xy, piece.xy[-1:].repeat(more, 0)])
    return replace(piece, xy=xy, score=np.concatenate([piece.score, np.zeros((more, coco.COUNT))]))


def draw_pieces(films: Sequence[Film], count: int, rng: np.random.Generator) -> list[Film]:
    """``count`` random pieces, half of them mirrored."""
    chosen = [films[i] for i in rng.integers(0, len(films), count)]
    return [_flipped(film) if rng.random() < 0.5 else film for film in chosen]


def _flipped(film: Film) -> Film:
    poses = film.poses
    xy, score = mirrored(poses.xy, poses.canvas), poses.score[:, coco.MIRROR]
    return replace(film, poses=replace(poses, xy=xy, score=score))

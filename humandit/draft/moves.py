"""The puppet's joints over time: every moment has a place for each, even where unseen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InvalidPose
from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence
from .joints import CARRIER, HIPS, NECK, NOSE, SIDES, Figure, joint, turn_of, turning, with_middles

MEASURED = [
    (NECK, HIPS), *((joint("left", name), joint("right", name)) for name in ("shoulder", "hip")),
    *((joint(s, a), joint(s, b)) for s in SIDES
      for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))),
    (1, 2), (3, 4), (NOSE, NECK),
]  # fmt: skip
"""Pairs of joints that tell how large somebody is."""
LEANING = 0.65
"""Which of the ratios counts: pictures only ever shorten, so more than the middle one."""
CALM = 0.6
"""Seconds over which a size is evened out."""


@dataclass(frozen=True)
class Motion:
    """The joints of every moment.

    Attributes:
        xy: [T, 135, 2] float32 pixels, all usable.
        known: [135] bool: seen in at least one moment.
        score: [T, 135] float32 in 0..1.
        size: [T] float32: how large the person is beside the picture's.
    """

    xy: np.ndarray
    known: np.ndarray
    score: np.ndarray
    size: np.ndarray

    def __len__(self) -> int:
        return len(self.xy)


def motion(poses: PoseSequence, rest: Figure) -> Motion:
    """The joints of all ``poses``; what a moment does not show is between those that do, or hangs as in the picture.

    Raises:
        InvalidPose: no frames, or nobody in any of them.
    """
    if not len(poses) or not poses.visible[:, coco.BODY_SLICE].any():
        raise InvalidPose(f"Nobody is seen in the {len(poses)} frames of the poses. Choose another film or person.")
    xy, seen, score = with_middles(poses)
    size = _sizes(xy, seen, rest, poses.fps)
    _root(xy, seen, rest, size)
    for child, carrier in CARRIER.items():
        way = xy[:, child] - xy[:, carrier]
        shown = seen[:, child]
        xy[:, child] = xy[:, carrier] + (_between(way, shown) if shown.any() else _hanging(xy, rest, size, child))
    return Motion(xy, np.any(seen, axis=0), score, size)


def _sizes(xy: np.ndarray, seen: np.ndarray, rest: Figure, fps: float) -> np.ndarray:
    """[T] sizes beside the picture's, evened out over time; 1 where nothing can be compared."""
    pairs = [(a, b) for a, b in MEASURED if rest.seen[a] and rest.seen[b]]
    pairs = [(a, b) for a, b in pairs if np.linalg.norm(rest.xy[a] - rest.xy[b]) > 1]
    sizes = np.full(len(xy), np.nan)
    for t in range(len(xy)):
        ratios = [np.linalg.norm(xy[t, a] - xy[t, b]) / np.linalg.norm(rest.xy[a] - rest.xy[b])
                  for a, b in pairs if seen[t, a] and seen[t, b]]  # fmt: skip
        if ratios:
            sizes[t] = np.quantile(ratios, LEANING)
    if np.isnan(sizes).all():
        return np.ones(len(xy), np.float32)
    sizes = _between(sizes[:, None], ~np.isnan(sizes))[:, 0]
    return np.clip(_calmed(sizes, CALM * fps), 0.05, 20).astype(np.float32)


def _calmed(values: np.ndarray, frames: float) -> np.ndarray:
    """[T] medians, then means, of ``frames`` neighbours on either side; fewer at the ends."""
    reach = max(round(frames), 1)
    for middle in (np.median, np.mean):
        values = np.array([middle(values[max(t - reach, 0) : t + reach + 1]) for t in range(len(values))])
    return values


def _root(xy: np.ndarray, seen: np.ndarray, rest: Figure, size: np.ndarray) -> None:
    """A neck for every frame, in place: its own, else carried by whatever is seen, else between its neighbours."""
    for near in (joint("left", "shoulder"), joint("right", "shoulder"), NOSE, HIPS):
        use = ~seen[:, NECK] & seen[:, near]
        xy[use, NECK] = xy[use, near] + size[use, None] * (rest.xy[NECK] - rest.xy[near])
        seen[use, NECK] = True
    for other in range(coco.COUNT):
        if seen[:, NECK].any():
            break
        xy[:, NECK] = xy[:, other] + size[:, None] * (rest.xy[NECK] - rest.xy[other])
        seen[:, NECK] = seen[:, other]
    xy[:, NECK] = _between(xy[:, NECK], seen[:, NECK])


def _between(values: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """[T, N] with the frames that are not shown interpolated in time."""
    if shown.all():
        return values
    frames = np.arange(len(values))
    out = [np.interp(frames, frames[shown], column[shown]) for column in values.T]
    return np.stack(out, -1).astype(np.float32)


def _hanging(xy: np.ndarray, rest: Figure, size: np.ndarray, child: int) -> np.ndarray:
    """[T, 2] way from the carrier to a joint that no moment shows: as in the picture, turned with its carrier."""
    carrier = CARRIER[child]
    way = np.broadcast_to(rest.xy[child] - rest.xy[carrier], (len(xy), 2))
    above = CARRIER.get(carrier)
    if above is not None:
        turn = turn_of((rest.xy[carrier] - rest.xy[above])[None], xy[:, carrier] - xy[:, above])
        way = np.einsum("tij,tj->ti", turning(turn), way)
    return size[:, None] * way

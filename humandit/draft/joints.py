"""The puppet's joints: those of the picture, and those of every moment, with a place for each even where unseen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InvalidPose
from ..pose import skeleton as coco
from ..pose.background.person import breadths
from ..pose.sequence import PoseSequence

NECK, HIPS = coco.COUNT, coco.COUNT + 1
"""Two joints after the 133: the middle of the shoulders and the middle of the hips."""
COUNT = coco.COUNT + 2
SIDES = ("left", "right")


def joint(side: str, name: str) -> int:
    """Index of a joint of the left or right side."""
    return coco.INDEX[f"{side}_{name}"]


HANDS = {"left": coco.LEFT_HAND_SLICE, "right": coco.RIGHT_HAND_SLICE}
TOES = {side: [joint(side, name) for name in ("big_toe", "small_toe", "heel")] for side in SIDES}
NOSE = coco.INDEX["nose"]
FACE = [*range(1, 5), *range(coco.FACE_SLICE.start, coco.FACE_SLICE.stop)]
"""Eyes, ears and the 68 face points."""


def _carriers() -> dict[int, int]:
    """Joint -> the joint that carries it, carriers first; the neck carries all."""
    table = {HIPS: NECK, NOSE: NECK}
    for side in SIDES:
        for name, by in (("shoulder", NECK), ("elbow", "shoulder"), ("wrist", "elbow"), ("hip", HIPS),
                         ("knee", "hip"), ("ankle", "knee")):  # fmt: skip
            table[joint(side, name)] = joint(side, by) if isinstance(by, str) else by
        table |= dict.fromkeys(range(HANDS[side].start, HANDS[side].stop), joint(side, "wrist"))
        table |= dict.fromkeys(TOES[side], joint(side, "ankle"))
    return table | dict.fromkeys(FACE, NOSE)


CARRIER = _carriers()
USUAL = {"shoulder": (0.5, 0.0), "elbow": (0.08, 0.85), "wrist": (0.0, 0.72), "hip": (0.28, 0.0), "knee": (0.0, 1.15),
         "ankle": (0.0, 1.1)}  # fmt: skip
"""From a joint's carrier to it in shoulder breadths, for the left side of somebody who stands and looks at us."""
USUAL_HIPS, USUAL_NOSE, USUAL_TOE = (0.0, 1.4), (0.0, -0.55), (0.1, 0.25)
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
class Figure:
    """The person in the picture.

    Attributes:
        xy: [135, 2] float32 pixels; unseen joints where they usually are.
        seen: [135] bool.
        score: [135] float32 in 0..1.
        breadth: of the shoulders, pixels: the unit of all thicknesses.
    """

    xy: np.ndarray
    seen: np.ndarray
    score: np.ndarray
    breadth: float


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


def figure(pose: PoseSequence) -> Figure:
    """The picture's joints.

    Raises:
        InvalidPose: not one frame, or nobody in it.
    """
    if len(pose) != 1:
        raise InvalidPose(f"The picture's pose is one frame, got {len(pose)}. Cut it to the picture's.")
    if not pose.visible[:, coco.BODY_SLICE].any():
        raise InvalidPose("Nobody is seen in the picture's pose. Detect the pose of the picture that shall move.")
    breadth = float(breadths(pose)[0])
    xy, seen, score = _with_middles(pose)
    xy, seen = xy[0], seen[0]
    usual = _usual(breadth)
    if not seen[NECK]:
        xy[NECK] = _neck_from(xy, seen, usual)
    for child, carrier in CARRIER.items():
        if not seen[child]:
            xy[child] = xy[carrier] + usual[child]
    return Figure(xy, seen, score[0], breadth)


def motion(poses: PoseSequence, rest: Figure) -> Motion:
    """The joints of all ``poses``; what a moment does not show is between those that do, or hangs as in the picture.

    Raises:
        InvalidPose: no frames, or nobody in any of them.
    """
    if not len(poses) or not poses.visible[:, coco.BODY_SLICE].any():
        raise InvalidPose(f"Nobody is seen in the {len(poses)} frames of the poses. Choose another film or person.")
    xy, seen, score = _with_middles(poses)
    size = _sizes(xy, seen, rest, poses.fps)
    _root(xy, seen, rest, size)
    for child, carrier in CARRIER.items():
        way = xy[:, child] - xy[:, carrier]
        shown = seen[:, child]
        xy[:, child] = xy[:, carrier] + (_between(way, shown) if shown.any() else _hanging(xy, rest, size, child))
    return Motion(xy, np.any(seen, axis=0), score, size)


def turn_of(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """[...] radians, -pi..pi, from vectors [..., 2] to vectors [..., 2]."""
    cross = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    return np.asarray(np.arctan2(cross, (before * after).sum(-1)))


def turning(angle: np.ndarray | float) -> np.ndarray:
    """[..., 2, 2] rotations by radians [...]."""
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)


def _with_middles(poses: PoseSequence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places [T, 135, 2], seen [T, 135], scores [T, 135] with neck and hips."""
    parts = [(poses.xy, poses.visible, poses.score)]
    for name in ("shoulder", "hip"):
        pair = [joint(side, name) for side in SIDES]
        both = poses.visible[:, pair[0]] & poses.visible[:, pair[1]]
        parts.append((poses.xy[:, pair].mean(1)[:, None], both[:, None], poses.score[:, pair].min(1)[:, None]))
    xy, seen, score = (np.concatenate(column, 1) for column in zip(*parts, strict=True))
    return xy.astype(np.float32), seen, score.astype(np.float32)


def _usual(breadth: float) -> np.ndarray:
    """[135, 2] pixels from the carrier to each joint."""
    way = np.zeros((COUNT, 2), np.float32)
    way[HIPS], way[NOSE] = USUAL_HIPS, USUAL_NOSE
    for side, sign in zip(SIDES, (1, -1), strict=True):
        for name, (x, y) in USUAL.items():
            way[joint(side, name)] = (sign * x, y)
        for toe in TOES[side][:2]:
            way[toe] = (sign * USUAL_TOE[0], USUAL_TOE[1])
    return way * breadth


def _neck_from(xy: np.ndarray, seen: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """[2] the neck as the seen joints near it tell."""
    shoulders = [joint(side, "shoulder") for side in SIDES]
    for near in (*shoulders, NOSE, HIPS):
        if seen[near]:
            return xy[near] - usual[near]
    known = np.flatnonzero(seen[: coco.COUNT])
    return xy[known].mean(0) - usual[HIPS]


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
    for joints in range(coco.COUNT):
        if seen[:, NECK].any():
            break
        xy[:, NECK] = xy[:, joints] + size[:, None] * (rest.xy[NECK] - rest.xy[joints])
        seen[:, NECK] = seen[:, joints]
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

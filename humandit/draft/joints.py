"""The puppet's joints, and those of the person in the picture: a place for each, even where unseen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InvalidPose
from ..pose import skeleton as coco
from ..pose.background.person import breadths
from ..pose.sequence import PoseSequence
from ..pose.skeleton import HIPS, NECK, SIDES, joint

COUNT = coco.COUNT + 2
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
    xy, seen, score = with_middles(pose)
    xy, seen = xy[0], seen[0]
    usual = _usual(breadth)
    if not seen[NECK]:
        xy[NECK] = _neck_from(xy, seen, usual)
    for child, carrier in CARRIER.items():
        if not seen[child]:
            xy[child] = xy[carrier] + usual[child]
    return Figure(xy, seen, score[0], breadth)


def turn_of(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """[...] radians, -pi..pi, from vectors [..., 2] to vectors [..., 2]."""
    cross = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    return np.asarray(np.arctan2(cross, (before * after).sum(-1)))


def turning(angle: np.ndarray | float) -> np.ndarray:
    """[..., 2, 2] rotations by radians [...]."""
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)


def with_middles(poses: PoseSequence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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

"""The 133 COCO-WholeBody points: where they sit on the body, and which of them a camera sees."""

from __future__ import annotations

import numpy as np

from ...pose import skeleton as coco
from .body import Body
from .rig import FINGERS, SIDES

GUESSED = 0.5
"""Score of a hidden body joint: a detector still guesses it."""
_BODY_DEPTH = 0.13
_LIMB_DEPTH = 0.085
_SURFACE_DEPTH = 0.03
"""Metres that something must lie in front of a trunk joint, a limb joint, or a face or hand point to hide it."""

TOLERANCE = np.full(coco.COUNT, _SURFACE_DEPTH, np.float32)
TOLERANCE[coco.BODY_SLICE] = _LIMB_DEPTH
TOLERANCE[[coco.INDEX[n] for n in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")]] = _BODY_DEPTH
TOLERANCE[:5] = _SURFACE_DEPTH
TOLERANCE[coco.FEET_SLICE] = 0.06


def rest_points(body: Body, shape: int) -> tuple[np.ndarray, np.ndarray]:
    """[133, 3] points at rest and [133, B] the bones that carry them."""
    names = [str(n) for n in body.bones]
    at = {n: i for i, n in enumerate(names)}
    carried = _carriers()
    points = np.zeros((coco.COUNT, 3), np.float32)
    points[:23] = body.points[shape]
    points[coco.FACE_SLICE] = body.face[shape]
    for (side, word), hand in zip(SIDES, (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE), strict=True):
        points[hand] = _hand(body, shape, side, at)
        points[coco.INDEX[f"{word}_wrist"]] = points[hand][0]
    weights = np.zeros((coco.COUNT, len(names)), np.float32)
    for i, bones in enumerate(carried):
        for bone in bones:
            weights[i, at[bone]] += 1 / len(bones)
    return points, weights


def _hand(body: Body, shape: int, side: str, at: dict[str, int]) -> np.ndarray:
    heads, tails = body.heads[shape], body.tails[shape]
    rows = [heads[at[f"wrist.{side}"]]]
    for finger in range(1, 6):
        rows += [heads[at[f"finger{finger}-{joint}.{side}"]] for joint in (1, 2, 3)]
        rows.append(tails[at[f"finger{finger}-3.{side}"]])
    return np.stack(rows)


def _carriers() -> list[tuple[str, ...]]:
    """Bones that carry each of the 133 points; two for a joint between them."""
    out: list[tuple[str, ...]] = [("head",)] * 5
    joints = (("spine01", "upperarm01"), ("upperarm02", "lowerarm01"), ("wrist",), ("root", "upperleg01"),
              ("upperleg02", "lowerleg01"), ("lowerleg02", "foot"))  # fmt: skip
    for pair in joints:
        out += [tuple(b if b in ("spine01", "root") else f"{b}.{side}" for b in _joint(pair)) for side, _ in SIDES]
    for side, _ in SIDES:
        out += [(f"toe1-1.{side}",), (f"toe1-1.{side}",), (f"foot.{side}",)]
    jawed = {*range(5, 12), *range(55, 60), 65, 66, 67}
    out += [("jaw",) if i in jawed else ("head",) for i in range(68)]
    for side, _ in SIDES:
        out.append((f"wrist.{side}",))
        for finger in range(1, len(FINGERS) + 1):
            out += [(f"finger{finger}-{joint}.{side}",) for joint in (1, 2, 3, 3)]
    return out


def _joint(pair: tuple[str, ...]) -> tuple[str, ...]:
    return ("shoulder01",) if pair == ("spine01", "upperarm01") else pair


def scores(xy: np.ndarray, depth: np.ndarray, zbuffer: np.ndarray, sides: tuple[int, int]) -> np.ndarray:
    """Scores [133] of one frame.

    Args:
        xy: [133, 2] pixels of a frame with ``sides`` (width, height). depth: [133] metres from the camera.
        zbuffer: [H', W'] metres to the nearest surface, any resolution; infinite where there is none.
    """
    width, height = sides
    inside = (xy[:, 0] >= 0) & (xy[:, 0] < width) & (xy[:, 1] >= 0) & (xy[:, 1] < height)
    rows, columns = zbuffer.shape
    column = np.clip((xy[:, 0] * columns / width).astype(int), 0, columns - 1)
    row = np.clip((xy[:, 1] * rows / height).astype(int), 0, rows - 1)
    hidden = zbuffer[row, column] < depth - TOLERANCE
    score = np.where(hidden, np.where(np.arange(coco.COUNT) < 23, GUESSED, 0.0), 1.0)
    return np.where(inside, score, 0.0).astype(np.float32)


def uncovered(xy: np.ndarray, covered: np.ndarray, sides: tuple[int, int]) -> np.ndarray:
    """[B] bool: background points [B, 2] px that lie inside the frame and not in ``covered`` [H, W] bool."""
    width, height = sides
    inside = (xy[:, 0] >= 0) & (xy[:, 0] < width) & (xy[:, 1] >= 0) & (xy[:, 1] < height)
    column = np.clip(xy[:, 0].astype(int), 0, width - 1)
    row = np.clip(xy[:, 1].astype(int), 0, height - 1)
    return inside & ~covered[row, column]

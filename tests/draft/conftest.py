"""A painted person, every limb in a colour of its own, on a wall and a floor that are known, too."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tests.pose.conftest import standing

SIDE = 200
LIMBS = {
    "right_leg": ((230, 180, 20), 12, ("right_hip", "right_knee", "right_ankle", "right_big_toe")),
    "left_leg": ((120, 80, 20), 12, ("left_hip", "left_knee", "left_ankle", "left_big_toe")),
    "right_arm": ((20, 170, 40), 9, ("right_shoulder", "right_elbow", "right_wrist")),
    "left_arm": ((220, 30, 30), 9, ("left_shoulder", "left_elbow", "left_wrist")),
}
BLUE, SKIN = (30, 60, 220), (240, 190, 160)


@dataclass(frozen=True)
class Scene:
    """picture, wall: uint8 [200, 200, 3], with and without the person; mask: [200, 200] bool; pose: one frame."""

    picture: np.ndarray
    wall: np.ndarray
    mask: np.ndarray
    pose: PoseSequence


def pose_of(xy: np.ndarray, score: np.ndarray | None = None) -> PoseSequence:
    """Poses [T, 133, 2] on the scene's canvas, every point seen unless ``score`` says otherwise."""
    score = np.ones(xy.shape[:2]) if score is None else score
    return PoseSequence(xy, score, Canvas(SIDE, SIDE), 12.5)


def at(xy: np.ndarray, name: str) -> np.ndarray:
    return xy[coco.INDEX[name]]


def turned(xy: np.ndarray, root: str, names: tuple[str, ...], degrees: float, hand: slice) -> np.ndarray:
    """[133, 2] with joints and a hand turned about ``root``."""
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    out = xy.copy()
    joints = [*(coco.INDEX[name] for name in names), *range(hand.start, hand.stop)]
    out[joints] = at(xy, root) + (xy[joints] - at(xy, root)) @ matrix.T
    return out


@pytest.fixture(scope="session")
def scene() -> Scene:
    y, x = np.mgrid[:SIDE, :SIDE]
    wall = np.stack([150 + x // 8, 140 + y // 8, np.full_like(x, 170)], -1).astype(np.uint8)
    wall[y > 175] = (90, 100, 95)
    xy = standing()
    layers = np.zeros((SIDE, SIDE, 3), np.uint8)
    mask = np.zeros((SIDE, SIDE), np.uint8)

    def pixel(name: str) -> tuple[int, int]:
        return tuple(int(v) for v in at(xy, name))

    def paint(name: str) -> None:
        colour, width, names = LIMBS[name]
        for a, b in zip(names[:-1], names[1:], strict=True):
            cv2.line(layers, pixel(a), pixel(b), colour, width)
            cv2.line(mask, pixel(a), pixel(b), 1, width)

    paint("right_leg"), paint("left_leg")
    corners = [pixel(n) for n in ("left_shoulder", "right_shoulder", "right_hip", "left_hip")]
    outline = np.array(corners, np.int32)
    for picture, colour in ((layers, BLUE), (mask, 1)):
        cv2.fillConvexPoly(picture, outline, colour)
        cv2.polylines(picture, [outline], True, colour, 8)
        cv2.line(picture, (100, 60), (100, 48), SKIN if picture is layers else 1, 10)
        cv2.ellipse(picture, (100, 38), (13, 17), 0, 0, 360, SKIN if picture is layers else 1, -1)
    paint("right_arm"), paint("left_arm")
    mask = mask > 0
    return Scene(np.where(mask[..., None], layers, wall), wall, mask, pose_of(xy[None]))

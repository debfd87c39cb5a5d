"""Hand-made bodies for exact numbers; real nets and films for the rest."""

from __future__ import annotations

import numpy as np
import pytest

from humandit.errors import MissingDependency
from humandit.media.read import Film, read_film
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.wheels import cache_root
from tests.conftest import missing

STANDING = {
    "nose": (100, 40), "left_eye": (104, 36), "right_eye": (96, 36), "left_ear": (108, 38), "right_ear": (92, 38),
    "left_shoulder": (120, 60), "right_shoulder": (80, 60), "left_elbow": (130, 90), "right_elbow": (70, 90),
    "left_wrist": (130, 120), "right_wrist": (70, 120), "left_hip": (112, 130), "right_hip": (88, 130),
    "left_knee": (112, 165), "right_knee": (88, 165), "left_ankle": (112, 195), "right_ankle": (88, 195),
    "left_big_toe": (116, 199), "left_small_toe": (118, 198), "left_heel": (111, 198),
    "right_big_toe": (84, 199), "right_small_toe": (82, 198), "right_heel": (89, 198),
}  # fmt: skip


def standing() -> np.ndarray:
    """[133, 2] pixels of a person who fills a 200 x 200 canvas, all points apart from each other."""
    xy = np.zeros((coco.COUNT, 2), np.float32)
    for name, place in STANDING.items():
        xy[coco.INDEX[name]] = place
    turn = np.linspace(0, 2 * np.pi, 68, endpoint=False)
    xy[coco.FACE_SLICE] = np.stack([100 + 8 * np.cos(turn), 40 + 10 * np.sin(turn)], -1)
    for side, part in (("left", coco.LEFT_HAND_SLICE), ("right", coco.RIGHT_HAND_SLICE)):
        fan = np.linspace(-4, 4, 21)
        xy[part] = xy[coco.INDEX[f"{side}_wrist"]] + np.stack([fan, np.linspace(0, 9, 21)], -1)
    return xy


@pytest.fixture
def person() -> PoseSequence:
    """One frame of the standing person, every point seen."""
    return PoseSequence(standing()[None], np.ones((1, coco.COUNT)), Canvas(200, 200), 12.5)


@pytest.fixture
def dance(person: PoseSequence) -> PoseSequence:
    """Nine frames: the standing person sways and shakes, every frame another shape."""
    noise = np.random.default_rng(3).normal(0, 3, (9, coco.COUNT, 2))
    sway = np.stack([np.linspace(0, 16, 9), np.linspace(0, -8, 9)], -1)[:, None]
    xy = person.xy + noise + sway
    return PoseSequence(xy, np.ones((9, coco.COUNT)), person.canvas, 12.5)


@pytest.fixture(scope="session")
def detector():
    """The real detector on the real nets."""
    from humandit.pose.detect import load_detector

    try:
        return load_detector("mediapipe")
    except MissingDependency as error:
        missing(str(error))


@pytest.fixture(scope="session")
def real_film() -> Film:
    """Nine frames of a real film of a whole person, which ``python -m tools.fetch`` brings."""
    path = cache_root() / "films" / "doll.webp"
    if not path.is_file():
        missing(f"{path} is missing. Fetch it with: python -m tools.fetch")
    return read_film(path, max_frames=9)

"""PCK against hand counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from humandit.errors import InvalidPose, NoPersonFound
from humandit.metrics.pose import BODY, enlarged, hits, pck, redetect
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas


def person(frames: int = 1, size: int = 100) -> PoseSequence:
    """All body points on a diagonal, so that the body box is (14 / 14) * 70 = 70 pixels."""
    xy = np.zeros((frames, coco.COUNT, 2), np.float32)
    xy[:, list(BODY)] = np.linspace(10, 80, len(BODY))[None, :, None]
    score = np.zeros((frames, coco.COUNT), np.float32)
    score[:, : coco.BODY_SLICE.stop] = 1
    return PoseSequence(xy, score, Canvas(size, size), 12.5)


def moved(pose: PoseSequence, joint: str, pixels: float) -> PoseSequence:
    xy = pose.xy.copy()
    xy[:, coco.INDEX[joint], 0] += pixels
    return replace(pose, xy=xy)


def unseen(pose: PoseSequence, joint: str) -> PoseSequence:
    score = pose.score.copy()
    score[:, coco.INDEX[joint]] = 0
    return replace(pose, score=score)


def test_fifteen_points_without_ears() -> None:
    assert len(BODY) == 15
    assert not set(BODY) & set(coco.EXCLUDED)
    assert hits(person(2), person(2)) == (30, 30)


def test_a_tenth_of_the_box_is_the_limit() -> None:
    assert pck(moved(person(), "left_wrist", 6.9), person()) == 1.0
    assert pck(moved(person(), "left_wrist", 7.1), person()) == pytest.approx(14 / 15)
    assert pck(moved(person(), "left_ear", 60), person()) == 1.0


def test_a_missing_detection_is_a_miss_and_an_unseen_truth_does_not_count() -> None:
    assert hits(unseen(person(), "nose"), person()) == (14, 15)
    assert hits(person(), unseen(person(), "nose")) == (14, 14)
    nobody = replace(person(), score=np.zeros_like(person().score))
    assert hits(nobody, person()) == (0, 15)
    assert hits(person(), nobody) == (0, 0)
    assert pck(person(), nobody) == 0.0


def test_another_canvas_is_brought_over() -> None:
    assert pck(person().resized(Canvas(256, 256)), person()) == 1.0


def test_other_lengths_are_refused() -> None:
    with pytest.raises(InvalidPose):
        pck(person(2), person(3))


class Fake:
    """Sees the same person in frames of any size, unless they are black."""

    def detect(self, frames: Iterable[np.ndarray], fps: float) -> PoseSequence:
        frames = list(frames)
        if not any(frame.any() for frame in frames):
            raise NoPersonFound("nobody")
        height, width = frames[0].shape[:2]
        return replace(person(len(frames)).resized(Canvas(width, height)), fps=fps)


def test_redetect_enlarges_and_comes_back() -> None:
    frames = np.full((3, 100, 100, 3), 9, np.uint8)
    assert enlarged(frames).shape == (3, 256, 256, 3)
    assert enlarged(np.zeros((1, 300, 400, 3), np.uint8)).shape == (1, 300, 400, 3)
    found = redetect(Fake(), frames, 12.5)
    assert found.canvas == Canvas(100, 100)
    assert pck(found, person(3)) == 1.0


def test_a_film_with_nobody_in_it_scores_nothing() -> None:
    assert pck(redetect(Fake(), np.zeros((2, 64, 64, 3), np.uint8), 12.5), person(2)) == 0.0

"""Feet that stand: a toy walker and a toy squat, on legs that are longer than their own."""

from dataclasses import replace

import numpy as np
import pytest

from humandit.pose import skeleton as coco
from humandit.pose.adapt import Retarget, align
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

INDEX = coco.INDEX
LEFT = [INDEX[f"left_{n}"] for n in ("ankle", "big_toe", "small_toe", "heel")]
RIGHT = [INDEX[f"right_{n}"] for n in ("ankle", "big_toe", "small_toe", "heel")]
UPPER = [k for k in range(coco.COUNT) if k not in {*LEFT, *RIGHT, INDEX["left_knee"], INDEX["right_knee"]}]
GROUND = Retarget("paper", ground=True)


def film_of(person, hips, left, right):
    """Upper body moved by ``hips`` [T, 2], feet by ``left`` and ``right`` [T, 2]; knees half way between."""
    xy = np.repeat(person.xy, len(hips), 0)
    xy[:, UPPER] += hips[:, None]
    xy[:, LEFT] += left[:, None]
    xy[:, RIGHT] += right[:, None]
    for side in ("left", "right"):
        ends = [INDEX[f"{side}_hip"], INDEX[f"{side}_ankle"]]
        xy[:, INDEX[f"{side}_knee"]] = xy[:, ends].mean(1)
    return PoseSequence(xy, np.ones((len(xy), coco.COUNT)), Canvas(600, 200), 12.5)


def stretched_legs(person, factor):
    """The person with legs ``factor`` times as long, knees in the middle as in :func:`film_of`."""
    xy = person.xy.copy()
    for side, foot in (("left", LEFT), ("right", RIGHT)):
        hip, ankle = xy[0, INDEX[f"{side}_hip"]], xy[0, foot[0]].copy()
        xy[0, foot] += (factor - 1) * (ankle - hip)
        xy[0, INDEX[f"{side}_knee"]] = (hip + xy[0, foot[0]]) / 2
    return replace(person, xy=xy, canvas=Canvas(600, 400))


def smoothstep(t):
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


@pytest.fixture
def walk(person):
    """Steps of 40 px to the right, ten frames each; the other foot stands."""
    t = np.arange(80) / 10
    right = sum(40 * smoothstep(t - k) for k in (0, 2, 4, 6))
    left = sum(40 * smoothstep(t - k) for k in (1, 3, 5, 7))
    lift = lambda k: -8 * np.sin(np.pi * np.clip(t - k, 0, 1))  # noqa: E731
    feet = [np.stack([x, sum(lift(k) for k in ks)], -1) for x, ks in ((left, (1, 3, 5, 7)), (right, (0, 2, 4, 6)))]
    hips = np.stack([(left + right) / 2, np.zeros(80)], -1)
    return film_of(person, hips, *feet)


@pytest.fixture
def squat(person):
    down = 20 * np.sin(np.linspace(0, 2 * np.pi, 30)) ** 2
    still = np.zeros((30, 2))
    return film_of(person, np.stack([still[:, 0], down], -1), still, still)


def slide(poses, foot, frames):
    """Largest way of a foot from frame to frame, px."""
    steps = np.linalg.norm(np.diff(poses.xy[:, foot], axis=0), axis=-1)
    return max(steps[a + 2 : b - 2].max() for a, b in frames)


def test_a_walker_with_longer_legs_walks_farther_without_sliding(person, walk):
    tall = stretched_legs(person, 1.5)
    stands = [(0, 10), (20, 30), (40, 50), (60, 70)]
    free, held = align(tall, walk, choice=Retarget("paper")), align(tall, walk, choice=GROUND)
    assert slide(walk, LEFT, stands) == 0
    assert slide(free.poses, LEFT, stands) > 0.9
    assert slide(held.poses, LEFT, stands) < 0.1
    ankle = INDEX["left_ankle"]
    way = lambda p: p.xy[-1, ankle, 0] - p.xy[0, ankle, 0]  # noqa: E731
    legs = held.build.bones[ankle, INDEX["left_knee"]]
    assert legs > 1.2 * held.build.body
    assert way(held.poses) == pytest.approx(legs * way(walk), rel=0.05)


def test_a_squat_does_not_sink(person, squat):
    tall = stretched_legs(person, 1.5)
    low = lambda p: p.xy[:, LEFT + RIGHT, 1].max(1)  # noqa: E731
    free, held = align(tall, squat, choice=Retarget("paper")).poses, align(tall, squat, choice=GROUND).poses
    assert np.ptp(low(free)) > 3
    np.testing.assert_allclose(low(held), low(stretched_legs(person, 1.5))[0], atol=0.05)


def test_the_floor_is_the_references_even_if_the_film_starts_low(person, squat):
    low = squat.xy[:, LEFT + RIGHT, 1].max(1)
    held = align(person, squat[7:], choice=GROUND).poses
    np.testing.assert_allclose(held.xy[:, LEFT + RIGHT, 1].max(1), low[7:], atol=0.05)
    free = align(person, squat[7:]).poses
    assert free.xy[0, LEFT, 1].max() < low[7] - 10


def test_a_jump_leaves_the_floor(person):
    up = np.zeros((20, 2))
    up[5:15, 1] = -30 * np.sin(np.pi * np.arange(10) / 10)
    tall = stretched_legs(person, 1.4)
    done = align(tall, film_of(person, up, up, up), choice=GROUND)
    feet = done.poses.xy[:, LEFT, 1].max(1)
    np.testing.assert_allclose(feet - feet[0], done.build.body * up[:, 1], atol=0.05)


def test_equal_bodies_are_not_moved(person):
    sway = np.stack([np.linspace(0, 50, 12), np.zeros(12)], -1)
    done = align(person, film_of(person, sway, sway, sway), choice=GROUND)
    np.testing.assert_allclose(done.shift, 0, atol=1e-4)


def test_a_film_without_feet_has_no_floor(person, walk):
    score = walk.score.copy()
    score[:, LEFT + RIGHT] = 0
    done = align(person, replace(walk, score=score), choice=GROUND)
    assert done.shift is None
    np.testing.assert_array_equal(
        done.poses.xy, align(person, replace(walk, score=score), choice=Retarget("paper")).poses.xy
    )


def test_frames_without_feet_are_bridged(person, squat):
    score = squat.score.copy()
    score[10:14, LEFT + RIGHT] = 0
    tall = stretched_legs(person, 1.5)
    done = align(tall, replace(squat, score=score), choice=GROUND)
    assert np.isfinite(done.shift).all() and np.abs(np.diff(done.shift[:, 1])).max() < 3


def test_a_single_pose_is_put_on_the_floor(person):
    tall = stretched_legs(person, 1.5)
    done = align(tall, film_of(person, *np.zeros((3, 1, 2))), choice=GROUND).poses
    assert done.xy[0, LEFT, 1].max() == pytest.approx(tall.xy[0, LEFT, 1].max(), abs=0.05)

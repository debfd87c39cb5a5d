"""Motion made without pictures, and what detectors and adapters do wrong to it."""

import time
from dataclasses import replace

import numpy as np
import pytest

from humandit.data.motion import Faults, corrupted, draw_film, draw_take
from humandit.data.motion.corrupt import CORRELATION, MEAN_ERROR, trembling
from humandit.data.motion.films import facing, film_of
from humandit.data.motion.takes import FPS, warped_times
from humandit.data.synthetic.split import SPLITS
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

NOTHING = Faults(hand=0, face=0, tremble=(0, 0), dropped=0, lost=0, swapped=0, astray=0)
HEIGHT = 300.0


@pytest.fixture(scope="module")
def film():
    return draw_film(3, "train", 60)


@pytest.fixture
def still():
    """A film of somebody who does not move, every joint at a place of its own."""
    xy = np.random.default_rng(0).uniform(100, 400, (1, coco.COUNT, 2)).repeat(80, 0)
    return PoseSequence(xy, np.ones(xy.shape[:2]), Canvas(512, 512), FPS)


def test_a_seed_gives_the_same_film_and_another_seed_another(film):
    again = draw_film(3, "train", 60)
    assert np.array_equal(again.poses.xy, film.poses.xy) and again.height == film.height
    assert film.poses.fps == 25 and len(film.poses) == 60
    assert not np.array_equal(draw_film(4, "train", 60).poses.xy, film.poses.xy)


@pytest.mark.parametrize("split", list(SPLITS))
def test_motions_come_from_their_side_of_the_split(split):
    names = {draw_take(seed, split, 2).motion for seed in range(16)}
    assert len(names) > 2 and names <= set(SPLITS[split].clips) | set(SPLITS[split].acts)


def test_time_runs_forwards_and_never_jumps():
    for seed in range(20):
        steps = np.diff(warped_times(300, np.random.default_rng(seed))) * FPS
        assert 0.4 < steps.min() and steps.max() < 1.7


def test_a_film_shows_what_lies_on_its_canvas_and_knows_the_persons_size(film):
    take = draw_take(5, "train", 40)
    for seed in range(12):
        shot = film_of(take, np.random.default_rng(seed))
        poses = shot.poses
        seen = poses.xy[poses.visible]
        assert (seen >= 0).all() and (seen < [poses.canvas.width, poses.canvas.height]).all()
        assert poses.visible[:, :17].mean() > 0.3
        if poses.visible[:, 15].all():  # with its ankles in the picture, the box is about as tall as the person
            tall = np.ptp(poses.xy[:, :23, 1], axis=1).max()
            assert 0.5 < tall / shot.height < 1.5, seed


def test_a_mirrored_persons_left_is_on_the_other_side():
    apart = []
    for seed in range(12):
        poses = film_of(draw_take(8, "train", 5), np.random.default_rng(seed)).poses
        apart.append(poses.xy[:, coco.INDEX["left_hip"], 0].mean() - poses.xy[:, coco.INDEX["right_hip"], 0].mean())
    assert np.sign(apart).sum() == pytest.approx(12, abs=4), "from the front the person's left is on the right"


def test_no_face_from_behind():
    points = np.zeros((2, coco.COUNT, 3))
    points[..., 2] = -3
    points[0, 0, 2] += 0.1  # a nose that looks at the camera, which stands at zero
    points[1, 0, 2] -= 0.1
    assert facing(points).tolist() == [True, False]


def test_without_faults_nothing_changes(film):
    same = corrupted(film.poses, film.height, np.random.default_rng(0), NOTHING)
    assert np.array_equal(same.xy, film.poses.xy) and np.array_equal(same.score, film.poses.score)


def test_faults_are_seeded_and_only_take_joints_away(film):
    first, again = (corrupted(film.poses, film.height, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(first.xy, again.xy) and not np.array_equal(first.xy, film.poses.xy)
    assert not (first.visible & ~film.poses.visible).any()


def test_hands_change_their_size_about_the_wrist(still):
    faults = replace(NOTHING, hand=1.0, hand_scale=(1.5, 1.5))
    made = corrupted(still, HEIGHT, np.random.default_rng(0), faults)
    hand = coco.LEFT_HAND_SLICE
    about = lambda poses: poses.xy[:, hand] - poses.xy[:, hand.start, None]  # noqa: E731
    np.testing.assert_allclose(about(made), 1.5 * about(still), atol=1e-3)
    assert np.array_equal(made.xy[:, :91], still.xy[:, :91])


def test_trembling_is_as_large_and_as_slow_as_measured():
    noise = np.stack([trembling(200, FPS, np.random.default_rng(seed))[:, :17] for seed in range(40)])
    assert np.linalg.norm(noise, axis=-1).mean() == pytest.approx(MEAN_ERROR, rel=0.1)
    later = (noise[:, 2:] * noise[:, :-2]).mean() / (noise**2).mean()  # two frames are 80 ms
    assert later == pytest.approx(CORRELATION, abs=0.05)


def test_hands_swap_sides_and_joints_fly_for_a_while(still):
    swapped = corrupted(still, HEIGHT, np.random.default_rng(0), replace(NOTHING, swapped=1.0))
    moved = (swapped.xy != still.xy).any(-1)
    assert 0 < moved[:, 9].mean() < 0.5 and not moved[:, [0, 5, 7, 15]].any()
    t = int(np.flatnonzero(moved[:, 9])[0])
    assert np.array_equal(swapped.xy[t, coco.LEFT_HAND_SLICE], still.xy[t, coco.RIGHT_HAND_SLICE])
    flung = corrupted(still, HEIGHT, np.random.default_rng(0), replace(NOTHING, astray=1.0))
    far = np.linalg.norm(flung.xy - still.xy, axis=-1)
    assert 0.09 * HEIGHT < far.max() < 0.41 * HEIGHT and 0 < (far > 0).mean() < 0.1


def test_thousands_of_faults_and_films_a_minute(film):
    started = time.perf_counter()
    for seed in range(5):
        corrupted(
            film_of(draw_take(seed, "train", 50), np.random.default_rng(seed)).poses, 300, np.random.default_rng(0)
        )
    assert 5 * 50 / (time.perf_counter() - started) > 100, "frames a second, on a busy machine"

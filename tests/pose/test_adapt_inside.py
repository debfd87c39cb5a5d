"""The whole motion kept inside the canvas, with one change for all frames."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from humandit.pose import skeleton as coco
from humandit.pose.adapt import Retarget, align
from humandit.pose.adapt.inside import MARGIN
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tests.pose.conftest import standing

INSIDE = Retarget(keep_inside=True)
ARMS = [coco.INDEX["left_wrist"], coco.INDEX["right_wrist"]]
LEGS = [coco.INDEX[n] for n in coco.KEYPOINTS[:23] if any(w in n for w in ("knee", "ankle", "toe", "heel"))]


def moved(person, shifts):
    """The person at several places, on a film large enough for all of them."""
    far = person.xy + np.float32(shifts)[:, None] + 1000
    return replace(person, xy=far, score=np.repeat(person.score, len(shifts), 0), canvas=Canvas(3000, 3000))


def test_what_is_inside_stays_as_it_is(person):
    roomy = replace(person, xy=person.xy + 100, canvas=Canvas(400, 400))
    done = align(roomy, moved(person, [(0, 0), (20, -10)]), choice=INSIDE)
    np.testing.assert_array_equal(done.poses.xy, align(roomy, moved(person, [(0, 0), (20, -10)])).poses.xy)
    assert done.fit.scale == 1 and not done.fit.moved.any()


def test_one_smallest_shift_for_all_frames(person):
    """Toes end at 299 of 400 and go down by 150: the whole film goes up by what is too much, and a margin of 8."""
    roomy = replace(person, xy=person.xy + 100, canvas=Canvas(400, 400))
    film = moved(person, [(0, 0), (0, 150)])
    free, done = align(roomy, film).poses, align(roomy, film, choice=INSIDE)
    np.testing.assert_allclose(done.poses.xy - free.xy, np.broadcast_to([0, -57], free.xy.shape), atol=1e-2)
    np.testing.assert_allclose(done.fit.moved, [0, -57], atol=1e-2)
    assert done.poses.xy[..., 1].max() == pytest.approx(400 * (1 - MARGIN), abs=1e-2)


def test_too_wide_a_motion_shrinks_as_a_whole(person):
    film = moved(person, [(0, 0), (300, 0), (-300, 0)])
    done = align(replace(person, xy=person.xy + 100, canvas=Canvas(400, 400)), film, choice=INSIDE)
    x = done.poses.xy[..., [*ARMS, *range(91, 133)], 0]
    assert x.min() == pytest.approx(8, abs=0.01) and x.max() == pytest.approx(392, abs=0.01)
    lengths = np.linalg.norm(done.poses.xy[:, ARMS[0]] - done.poses.xy[:, coco.INDEX["left_elbow"]], axis=-1)
    np.testing.assert_allclose(lengths, 30 * done.fit.scale, rtol=1e-4)


def test_legs_may_leave_a_picture_that_shows_none(person):
    score = person.score.copy()
    score[:, LEGS] = 0
    bust = replace(person, xy=person.xy + [0, 60], score=score, canvas=Canvas(200, 200))
    done = align(bust, moved(person, [(0, 0), (3, 0)]), choice=INSIDE)
    assert done.poses.xy[:, LEGS, 1].max() > 200 and done.fit.scale == 1
    whole = align(replace(bust, score=person.score, xy=person.xy), moved(person, [(0, 0), (0, 9)]), choice=INSIDE)
    assert whole.poses.xy[:, LEGS, 1].max() <= 196.01


def test_what_the_film_itself_cuts_off_may_leave(person):
    film = replace(moved(person, [(0, 0), (0, 0)]), canvas=Canvas(3000, 1190))
    cut = align(replace(person, xy=person.xy * [1, 1.02]), film, choice=INSIDE)
    assert cut.poses.xy[:, LEGS, 1].max() > 200 * (1 - MARGIN)


def test_the_top_of_the_head_counts(person):
    high = replace(person, xy=person.xy - np.float32([0, 29]))
    done = align(high, moved(person, [(0, 0), (0, 0)]), choice=INSIDE)
    np.testing.assert_allclose(done.poses.xy[0, 0], high.xy[0, 0] + [0, 5], atol=1e-2)  # 11 - 0.6 * 20 = -1; margin 4


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 3), st.tuples(st.floats(-300, 300), st.floats(-300, 300)))
def test_head_hands_and_feet_never_leave(seed, size, place):
    rng = np.random.default_rng(seed)
    person = PoseSequence(standing()[None], np.ones((1, coco.COUNT)), Canvas(200, 200), 12.5)
    reference = replace(person, xy=(person.xy - 100) * size + 100 + np.float32(place))
    film = moved(person, rng.uniform(-400, 400, (6, 2)))
    film = replace(film, xy=film.xy + rng.normal(0, 6, film.xy.shape))
    done = align(reference, film, choice=INSIDE).poses
    points = [*range(5), *range(23, coco.COUNT), *ARMS]
    assert done.xy[:, points].min() > 0 and done.xy[:, points].max() < 200
    assert np.array_equal(done.score, film.score)

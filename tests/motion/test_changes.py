"""A person's height from the bones that are seen, and what refining changed."""

import math
from dataclasses import replace

import numpy as np
import pytest

from humandit.data.motion import draw_film
from humandit.motion.changes import changes
from humandit.motion.energy import energy_of_share, share_of_energy
from humandit.motion.height import height_of
from humandit.pose import skeleton as coco


@pytest.fixture(scope="module")
def film():
    return draw_film(1, "heldout", 26)


def test_the_height_of_filmed_people_is_found_also_where_the_legs_are_cut_off():
    films = [draw_film(seed, "heldout", 26) for seed in range(6)]
    told = np.array([height_of(film.poses) / film.height for film in films])
    assert np.abs(told - 1).max() < 0.15 and np.abs(told - 1).mean() < 0.06


def test_the_height_grows_with_the_picture_and_needs_a_bone(film):
    larger = replace(film.poses, xy=film.poses.xy * 2)
    assert height_of(larger) == pytest.approx(2 * height_of(film.poses))
    score = film.poses.score.copy()
    score[:, coco.INDEX["left_shoulder"] :] = 0
    assert math.isnan(height_of(replace(film.poses, score=score)))


def test_changes_are_told_in_percent_of_the_height(film):
    before = film.poses
    step = np.zeros((coco.COUNT, 2), np.float32)
    step[coco.LEFT_HAND_SLICE] = step[coco.RIGHT_HAND_SLICE] = [0.1 * height_of(before), 0]
    done = changes(before, replace(before, xy=before.xy + step))
    assert (done.body, done.filled) == (0, 0) and done.hands == pytest.approx(10, rel=1e-3)


def test_filled_joints_are_counted_and_a_part_that_was_never_seen_has_no_change(film):
    score = np.ones_like(film.poses.score)
    score[:, coco.FACE_SLICE] = 0
    score[3:5, :4] = 0
    before = replace(film.poses, score=score)
    done = changes(before, replace(before, score=np.where(np.arange(coco.COUNT) < 23, 1, score)))
    assert done.filled == 8 and math.isnan(done.face) and done.body == 0


def test_an_energy_is_a_share_and_back():
    assert [share_of_energy(energy_of_share(share)) for share in (0.1, 0.5, 0.9)] == pytest.approx([0.1, 0.5, 0.9])
    assert math.isnan(share_of_energy(math.nan))

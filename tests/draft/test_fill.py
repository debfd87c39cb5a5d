"""Holes in pictures: filled smoothly, and with what lies around them."""

import numpy as np

from humandit.draft.background import behind
from humandit.draft.fill import spread_colours
from humandit.draft.patches import completed


def disc(side, radius):
    y, x = np.mgrid[:side, :side]
    return (y - side / 2) ** 2 + (x - side / 2) ** 2 < radius**2


def test_known_colours_stay_and_holes_take_those_around():
    y, x = np.mgrid[:64, :64]
    ramp = np.stack([2 * x, 2 * y, x * 0 + 50], -1).astype(np.float32)
    hole = disc(64, 12)
    filled = spread_colours(np.where(hole[..., None], 0, ramp), ~hole)
    assert np.allclose(filled[~hole], ramp[~hole], atol=1e-3)
    assert np.abs(filled[hole] - ramp[hole]).mean() < 6


def test_nothing_known_is_grey():
    assert (spread_colours(np.zeros((8, 9, 3)), np.zeros((8, 9))) == 127.5).all()


def test_a_border_between_two_colours_goes_on_behind_a_hole():
    picture = np.zeros((128, 128, 3), np.uint8)
    picture[:, :64], picture[:, 64:] = (200, 40, 40), (40, 40, 200)
    hole = disc(128, 22)
    filled = completed(np.where(hole[..., None], 90, picture).astype(np.uint8), hole)
    assert np.abs(filled[hole] - picture[hole]).mean() < 12
    assert (filled[~hole] == picture[~hole]).all()


def test_a_pattern_goes_on_behind_a_hole():
    y, x = np.mgrid[:128, :128]
    picture = np.repeat(np.where((x // 8 + y // 8) % 2, 220, 30)[..., None], 3, -1).astype(np.uint8)
    hole = disc(128, 16)
    filled = completed(np.where(hole[..., None], 0, picture).astype(np.uint8), hole)
    assert np.std(filled[hole]) > 50  # a smooth fill has 10


def test_a_picture_without_room_for_patches_is_filled_smoothly():
    picture = np.full((20, 20, 3), 80, np.uint8)
    assert np.allclose(completed(picture, disc(20, 9)), 80, atol=1)


def test_the_person_is_gone_and_what_is_far_stays():
    rng = np.random.default_rng(0)
    picture = rng.integers(90, 110, (100, 100, 3)).astype(np.uint8)
    person = disc(100, 15)
    picture[person] = (255, 0, 0)
    empty = behind(picture, person.astype(np.float32))
    assert empty[..., 0].max() < 135
    assert (empty[~disc(100, 20)] == picture[~disc(100, 20)]).all()

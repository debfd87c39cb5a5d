"""A drawn film is drawn where it is asked for, and looks as the whole one does."""

import numpy as np

from humandit.pose.draw import draw
from humandit.pose.drawn import DrawnFilm
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas


def test_a_part_is_that_part_of_the_whole():
    rng = np.random.default_rng(0)
    one, other = (PoseSequence(rng.uniform(4, 60, (7, 133, 2)), np.ones((7, 133)), Canvas(64, 64), 8) for _ in "ab")
    film = DrawnFilm([one, other], Canvas(96, 48))
    whole = draw([one, other], Canvas(96, 48), "dwpose")
    assert len(film) == 7 and film[2:5].shape == (3, 48, 96, 3)
    np.testing.assert_array_equal((film[2:5].numpy() * 255).round(), whole[2:5])
    assert len(film[5:99]) == 2

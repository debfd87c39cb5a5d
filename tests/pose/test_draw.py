"""The drawing's colours and places, pixel by pixel."""

from dataclasses import replace

import numpy as np

from humandit.pose import skeleton as coco
from humandit.pose.draw import COLOURS, draw
from humandit.types import Canvas

BIG = Canvas(800, 800)


def test_palette_is_the_one_that_pose_models_know():
    assert COLOURS[:4] == ((255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0))
    assert len(COLOURS) == 18 and COLOURS[17] == (255, 0, 85)


def test_joints_are_bright_and_limbs_at_six_tenths(person):
    score = np.zeros_like(person.score)
    score[:, :17] = 1
    picture = draw(replace(person, score=score), BIG)[0]
    assert picture[480, 280].tolist() == list(COLOURS[4])  # right wrist at (70, 120) * 4
    assert picture[240, 400].tolist() == list(COLOURS[1])  # neck
    assert picture[420, 280].tolist() == [round(0.6 * c) for c in COLOURS[3]]  # right forearm's middle
    assert picture[10, 10].tolist() == [0, 0, 0]


def test_unseen_joints_and_their_limbs_are_left_out(person):
    score = person.score.copy()
    score[:, :] = 0
    assert not draw(replace(person, score=score)).any()
    score[:, coco.INDEX["left_knee"]] = 1
    picture = draw(replace(person, score=score), BIG)[0]
    assert picture[660, 448].tolist() == list(COLOURS[12]) and picture[600, 448].tolist() == [0, 0, 0]


def test_face_is_white_dots_and_hands_end_in_blue(person):
    score = np.zeros_like(person.score)
    score[:, 23:] = 1
    picture = draw(replace(person, score=score), BIG)[0]
    x, y = (person.xy[0, 23] * 4).round().astype(int)
    assert picture[y, x].tolist() == [255, 255, 255]
    x, y = (person.xy[0, 111] * 4).round().astype(int)
    assert picture[y, x].tolist() == [0, 0, 255]


def test_every_canvas_and_points_far_outside(person):
    wild = replace(person, xy=person.xy * 1e6 - 5e5)
    for canvas in (Canvas(1, 1), Canvas(33, 70), Canvas(640, 360)):
        assert draw(person, canvas).shape == (1, canvas.height, canvas.width, 3)
        draw(wild, canvas)

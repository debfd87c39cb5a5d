"""The drawing's colours and places, pixel by pixel."""

import colorsys
import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from humandit.errors import InvalidPose
from humandit.pose import skeleton as coco
from humandit.pose.draw import COLOURS, LIMBS, Widths, draw, widths
from humandit.pose.openpose import body_18
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


def drawn_by_the_recipe(people, canvas):
    """The public annotator's steps written down plainly: limbs, 0.6, joints, hands, faces; people listed in order."""
    picture = np.zeros((canvas.height, canvas.width, 3), np.uint8)
    bodies = [body_18(one.xy[0], one.score[0])[0] for one in people]
    for (a, b), colour in zip(LIMBS, COLOURS, strict=False):
        for body in bodies:
            (x0, y0), (x1, y1) = body[a].astype(float), body[b].astype(float)
            angle = math.degrees(math.atan2(y0 - y1, x0 - x1))
            axes = (int(math.hypot(x0 - x1, y0 - y1) / 2), 4)
            polygon = cv2.ellipse2Poly((int((x0 + x1) / 2), int((y0 + y1) / 2)), axes, int(angle), 0, 360, 1)
            cv2.fillConvexPoly(picture, np.array(polygon), colour)
    picture = (picture * 0.6).astype(np.uint8)
    for body in bodies:
        for (x, y), colour in zip(body, COLOURS, strict=True):
            cv2.circle(picture, (int(x), int(y)), 4, colour, -1)
    for one in people:
        for hand in (one.xy[0, 91:112], one.xy[0, 112:133]):
            for finger in range(5):
                chain = [0, *range(1 + 4 * finger, 5 + 4 * finger)]
                for step in range(4):
                    hue = colorsys.hsv_to_rgb((4 * finger + step) / 20, 1, 1)
                    start, end = (tuple(int(v) for v in hand[chain[i]]) for i in (step, step + 1))
                    cv2.line(picture, start, end, [255 * c for c in hue], 2)
            for x, y in hand:
                cv2.circle(picture, (int(x), int(y)), 4, (0, 0, 255), -1)
    for one in people:
        for x, y in one.xy[0, 23:91]:
            cv2.circle(picture, (int(x), int(y)), 3, (255, 255, 255), -1)
    return picture


def test_the_picture_is_the_recipes_picture_with_one_person_and_two(person):
    one = person.resized(Canvas(640, 480))
    two = replace(one, xy=one.xy * 0.7 + (220.4, 96.6))
    for people in ([one], [one, two]):
        ours = draw(people, lines="dwpose")[0]
        np.testing.assert_array_equal(ours, drawn_by_the_recipe(people, one.canvas))
        assert ours.any(-1).sum() > 5000


def test_lines_grow_with_the_canvas_or_keep_their_pixels():
    assert widths("by size", Canvas(768, 512)) == widths("dwpose", Canvas(64, 64)) == Widths(4, 4, 2, 3)
    assert widths("by size", Canvas(1536, 1024)).stick == 8 and widths("by size", Canvas(64, 64)) == Widths(1, 1, 1, 1)
    assert [widths("xinsir", Canvas(s, 8)).stick for s in (499, 500, 1000, 9000)] == [4, 8, 12, 28]
    with pytest.raises(InvalidPose, match="by size, dwpose, xinsir"):
        widths("thick", Canvas(8, 8))


def test_people_of_two_films_are_not_drawn_together(person, dance):
    with pytest.raises(InvalidPose, match="share its frames and canvas"):
        draw([person, dance])

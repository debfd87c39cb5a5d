"""Poses to model space and back, with joints that come and go."""

import numpy as np
import pytest

from humandit.errors import InvalidPose
from humandit.motion.tokens import GROUPS, decode, encode, from_tokens, to_square, to_tokens
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

WIDE = Canvas(640, 360)
RNG = np.random.default_rng(3)


def _poses(frames=7, canvas=WIDE):
    xy = RNG.uniform((0, 0), (canvas.width, canvas.height), (frames, 133, 2))
    return PoseSequence(xy, (RNG.random((frames, 133)) > 0.3).astype(np.float32), canvas, 25)


def test_every_point_belongs_to_one_group_after_its_anchor():
    seen = []
    for group in GROUPS:
        assert set(group.anchor) <= set(seen)
        seen += group.points
    assert sorted(seen) == list(range(coco.COUNT))


@pytest.mark.parametrize("canvas", [Canvas(640, 360), Canvas(200, 900), Canvas(512, 512)])
def test_the_way_there_and_back_changes_nothing(canvas):
    poses = _poses(canvas=canvas)
    tokens = to_tokens(poses)
    again = from_tokens(tokens.points, tokens.presence, canvas)
    assert np.abs(again - poses.xy)[poses.visible].max() < 1e-3
    assert (tokens.points.reshape(7, 133, 2)[~poses.visible] == 0).all()


def test_a_canvas_lies_centred_in_its_square():
    corners = np.array([[0.0, 0.0], [640.0, 360.0]])
    assert np.allclose(to_square(corners, Canvas(640, 360)), [[0, 140 / 640], [1, 500 / 640]])


def test_many_clips_at_once_are_each_as_alone():
    square, present = RNG.random((3, 5, 133, 2)), RNG.random((3, 5, 133)) > 0.5
    together = encode(square, present)
    assert np.array_equal(together[1], encode(square[1], present[1]))
    assert np.allclose(decode(together, present)[present], square[present], atol=1e-6)


def test_hands_do_not_see_where_the_person_stands():
    square, present = RNG.random((2, 133, 2)), np.ones((2, 133), bool)
    moved = encode(square + (0.2, -0.1), present) - encode(square, present)
    changed = np.flatnonzero(np.abs(moved.reshape(2, 133, 2)).max((0, 2)) > 1e-5)
    assert [coco.KEYPOINTS[i] for i in changed] == ["left_shoulder", "right_shoulder"]


def test_an_anchor_that_is_hidden_for_a_while_goes_straight_on():
    square, present = np.zeros((3, 133, 2)), np.ones((3, 133), bool)
    square[:, :, 0] = np.array([0.1, 0.2, 0.3])[:, None]
    present[1, [coco.INDEX["left_shoulder"], coco.INDEX["right_shoulder"]]] = False
    points = encode(square, present).reshape(3, 133, 2)
    assert np.abs(points[1]).max() < 1e-6
    nobody = np.zeros((3, 133), bool)
    assert (encode(square, nobody) == 0).all()


def test_numbers_that_are_not_finite_and_other_skeletons_are_refused():
    square, present = RNG.random((2, 133, 2)), np.ones((2, 133), bool)
    square[1, 5] = np.nan
    with pytest.raises(InvalidPose, match="not finite"):
        encode(square, present)
    with pytest.raises(InvalidPose, match="133 points"):
        encode(square[:, :17], present[:, :17])

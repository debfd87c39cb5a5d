"""Pose images: bare pixels in eight channels."""

import numpy as np
import pytest

from humandit.errors import InvalidPose, InvalidShape
from humandit.pose import skeleton as coco
from humandit.pose.raster import Background, rasterize
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

CANVAS = Canvas(64, 32)


def _poses(points, frames=1, canvas=CANVAS):
    xy, score = np.zeros((frames, 133, 2), np.float32), np.zeros((frames, 133), np.float32)
    for name, (x, y, s) in points.items():
        xy[:, coco.INDEX[name]], score[:, coco.INDEX[name]] = (x, y), s
    return PoseSequence(xy, score, canvas, 25)


def test_each_keypoint_lights_one_pixel_of_its_round_robin_channel():
    images = rasterize(_poses({"nose": (10, 6, 1), "left_elbow": (11, 7, 1), "right_knee": (63.9, 31.9, 0.5)}), CANVAS)
    assert images.shape == (1, 16, 32, 8)
    assert images.sum() == 2, "nose 0 and left elbow 7 share channel 0 and here a pixel"
    assert images[0, 3, 5, 0] == 1
    assert images[0, 15, 31, coco.INDEX["right_knee"] % 7] == 1


def test_missing_hidden_and_outside_joints_and_ears_leave_nothing():
    points = {"nose": (10, 6, 0), "left_wrist": (10, 6, 0.1), "right_wrist": (-1, 5, 1), "left_ankle": (64, 5, 1)}
    assert rasterize(_poses({**points, "left_ear": (5, 5, 1), "right_ear": (6, 6, 1)}), CANVAS).sum() == 0


def test_background_points_fill_the_eighth_channel_alone():
    points = np.array([[[4, 4], [20, 20], [500, 4]]], np.float32)
    images = rasterize(_poses({}), CANVAS, Background(points, np.array([[True, False, True]])))
    assert images.sum() == 1
    assert images[0, 2, 2, 7] == 1


def test_poses_follow_their_frames_to_another_canvas():
    images = rasterize(_poses({"nose": (10, 6, 1)}), Canvas(128, 128))
    assert images[0, 12, 10, 0] == 1


def test_wrong_sizes_are_refused():
    with pytest.raises(InvalidShape, match="multiples of 16"):
        rasterize(_poses({}), Canvas(60, 32))
    with pytest.raises(InvalidPose, match="At most 20"):
        Background(np.zeros((1, 21, 2)), np.zeros((1, 21), bool))

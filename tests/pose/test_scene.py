"""Where the person is in a film, how fast they move, and whether the camera is known to stand still."""

import numpy as np
import pytest

from humandit.pose import skeleton as coco
from humandit.pose.raster import Background, Raster
from humandit.pose.scene import Scene
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

CANVAS = Canvas(64, 64)


def walking(frames=6, step=2.0):
    xy = np.full((frames, coco.COUNT, 2), 16, np.float32)
    xy[:, :, 1] += np.linspace(-8, 24, coco.COUNT)
    for side, x in (("left", 22), ("right", 10)):
        xy[:, [coco.INDEX[f"{side}_{joint}"] for joint in ("shoulder", "hip")], 0] = x
    xy[:, :, 0] += step * np.arange(frames)[:, None]
    return PoseSequence(xy, np.ones(xy.shape[:2], np.float32), CANVAS, 12.5)


def points(frames=6, step=0.0, lost=()):
    xy = np.tile(np.array([[4, 4], [60, 4], [60, 60]], np.float32), (frames, 1, 1))
    xy[:, :, 0] += step * np.arange(frames)[:, None]
    seen = np.ones(xy.shape[:2], bool)
    for point in lost:
        seen[2, point], xy[3:, point] = False, 30
    return Background(xy, seen)


def test_masks_follow_the_person_and_are_soft_at_the_edge():
    masks = Scene(Raster(walking(), CANVAS)).masks(slice(0, 6))
    assert masks.shape == (6, 64, 64)
    assert masks[0, 10, 16] == 1 and masks[0, 10, 60] == 0
    assert masks[5, 10, 26] == 1
    assert ((masks[0] > 0) & (masks[0] < 1)).sum() > 10
    assert len(Scene(Raster(walking(), CANVAS)).masks(slice(4, 99))) == 2


def test_masks_are_of_the_canvas_that_is_drawn():
    assert Scene(Raster(walking(), Canvas(32, 48))).masks(slice(0, 1)).shape == (1, 48, 32)


def test_speed_is_in_pixels_per_frame_and_unknown_without_joints():
    scene = Scene(Raster(walking(), CANVAS))
    assert [scene.speed(t) for t in (0, 3, 5)] == pytest.approx([2, 2, 2])
    unseen = PoseSequence(walking().xy, np.zeros((6, coco.COUNT), np.float32), CANVAS, 12.5)
    assert Scene(Raster(unseen, CANVAS)).speed(3) == float("inf")


def test_a_camera_stands_still_only_if_points_say_so():
    still = lambda background: Scene(Raster(walking(), CANVAS, background)).stands_still  # noqa: E731
    assert still(points())
    assert still(points(lost=(1,))), "a point that was lost and found elsewhere is outvoted"
    assert not still(points(step=0.2))
    assert not still(None)
    assert not still(Background(points().xy, np.zeros((6, 3), bool)))

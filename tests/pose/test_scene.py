"""Where the person is in a film, how fast they move, and where the background has gone."""

import numpy as np
import pytest
import torch

from humandit.pose import skeleton as coco
from humandit.pose.background.follow import camera_way
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


def seen_by(points, frame=5):
    picture = torch.rand(64, 64, 3, generator=torch.Generator().manual_seed(0))
    views, known = Scene(Raster(walking(), CANVAS, points)).backgrounds(picture, slice(frame, frame + 1))
    return picture, views[0], known[0]


def test_a_still_camera_shows_the_picture_to_the_bit():
    picture, view, known = seen_by(points(lost=(1,)))
    assert torch.equal(view, picture), "a point that was lost and found elsewhere is outvoted"
    assert known[60, 60] == 1 and known[10, 16] == 0, "what the person covers is not known"


def test_a_moving_camera_shows_the_picture_moved():
    picture, view, known = seen_by(points(step=2.0))
    assert torch.allclose(view[:, 10:], picture[:, :-10], atol=1e-4)
    assert known[60, 60] == 1 and known[10, 26] == 0 and (known[55, 8:] == 1).all() and not known[:, :7].any()


def test_the_person_stays_and_the_background_moves_with_the_camera():
    picture, before = torch.rand(64, 64, 3, generator=torch.Generator().manual_seed(0)), torch.full((64, 64, 3), 2.0)
    film = Raster(walking(), CANVAS, points(step=2.0))
    begun = Scene(film).begun(picture, before, 5)
    assert begun is not None
    start, pose = begun
    assert torch.equal(start[10, 16], picture[10, 16]), "the person"
    assert torch.allclose(start[55, 40:], picture[55, 30:-10], atol=1e-4)
    assert (start[55, :6] == 2).all(), "what the reference does not show is the film's"
    assert torch.equal(pose[0, :, :, :7], film[0:1][0, :, :, :7])
    assert torch.equal(pose[0, :, :, 7], film[5:6][0, :, :, 7])
    assert Scene(Raster(walking(), CANVAS, points())).begun(picture, before, 5) is None


def test_without_points_or_a_common_movement_nothing_is_known():
    wild = points(frames=6)
    wild = Background(wild.xy + np.random.default_rng(0).uniform(0, 9, wild.xy.shape).astype(np.float32), wild.visible)
    for unknown in (None, wild, Background(points().xy, np.zeros((6, 3), bool))):
        assert not seen_by(unknown)[2].any()


def test_the_way_goes_on_over_points_that_come_and_go():
    rng = np.random.default_rng(1)
    places = rng.uniform(0, 64, (8, 2))
    xy = np.stack([places + (1.5 * t, -t) for t in range(9)]).astype(np.float32)
    seen = np.zeros((9, 8), bool)
    seen[:5, :4] = seen[4:, 4:] = True
    way = camera_way(Background(xy, seen), 64)
    matrix = way.matrix(8)
    assert matrix is not None and np.allclose(matrix, [[1, 0, 12], [0, 1, -8]], atol=1e-3)
    seen[5:, 4:] = False
    assert camera_way(Background(xy, seen), 64).matrix(8) is None

"""The straight path through known points, and the ways in which a path is mended."""

import numpy as np
import torch

from humandit.motion.path import Gaps, curve, mends, straight_path


def test_between_known_points_it_is_numpys_interpolation():
    rng = np.random.default_rng(0)
    points, known = rng.normal(size=(2, 9, 6)).astype(np.float32), rng.random((2, 9, 3)) > 0.6
    known[0, :, 1] = False
    path = straight_path(torch.from_numpy(points), Gaps.of(torch.from_numpy(known))).numpy()
    for film, point in np.ndindex(2, 3):
        frames = np.flatnonzero(known[film, :, point])
        for axis in (2 * point, 2 * point + 1):
            wanted = np.interp(np.arange(9), frames, points[film, frames, axis]) if len(frames) else np.zeros(9)
            np.testing.assert_allclose(path[film, :, axis], wanted, atol=1e-6)


def test_mends_are_scale_median_two_slow_paths_and_the_curve():
    path = torch.zeros(1, 40, 2)
    path[0, :, 0] = 3.0
    path[0, 20:23, 0] = 9.0  # a flight of three frames
    scale, median, near, far, bend, size = mends(path, 7 * path, 5 * path)[0, :, 0].unbind(-1)
    assert (
        torch.equal(scale, path[0, :, 0])
        and torch.equal(bend, 7 * path[0, :, 0])
        and torch.equal(size, 5 * path[0, :, 0])
    )
    assert torch.equal(path[0, :, 0] + median, torch.full((40,), 3.0))
    assert 3 < (path[0, 21, 0] + near[21]) < 9 and abs(near[0]) < 1e-5
    assert torch.allclose(path[0, :, 0] + far, torch.full((40,), 3.0), atol=1e-5)


def test_a_steady_walk_is_not_changed_but_near_its_ends():
    walk = torch.arange(60.0)[None, :, None].expand(1, 60, 2)
    assert torch.allclose(mends(walk, 0 * walk, 0 * walk)[0, 13:-13, :, 1:], torch.zeros(34, 2, 5), atol=1e-4)


def _fall(known):
    """Points on a parabola, of which the frames ``known`` are given; straight path and curve, numpy [T]."""
    points = (torch.arange(20.0) ** 2)[None, :, None].expand(1, 20, 2)
    gaps = Gaps.of(known[None, :, None])
    return points[0, :, 0], straight_path(points, gaps)[0, :, 0], curve(points, gaps)[0, :, 0]


def test_a_curve_enters_and_leaves_a_gap_at_the_speed_beside_it():
    known = torch.ones(20, dtype=torch.bool)
    known[8:13] = False
    fall, line, bend = _fall(known)
    assert (bend[known] == 0).all() and (fall - line)[10].abs() > 5
    assert (fall - line - bend).abs().max() < 0.3 * (fall - line).abs().max()


def test_beside_a_lone_pose_it_is_nearer_than_the_straight_line_and_alone_there_is_none():
    known = torch.ones(20, dtype=torch.bool)
    known[1:9] = False
    fall, line, bend = _fall(known)
    assert (fall - line - bend).abs().max() < 0.5 * (fall - line).abs().max()
    known[10:] = False
    assert (_fall(known)[2] == 0).all(), "two lone poses, and held behind the last"

"""Motion kept inside the canvas."""

from dataclasses import replace

import numpy as np

from humandit.motion.inside import TRUNK, kept_inside
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas


def walking(frames=120, step=5.0):
    """Somebody 100 pixels wide and 300 tall who walks to the right of a canvas of 640 x 360."""
    xy = np.random.default_rng(0).uniform((50, 20), (150, 320), (1, coco.COUNT, 2))
    xy = xy + np.arange(frames)[:, None, None] * [step, 0]
    return PoseSequence(xy, np.ones((frames, coco.COUNT)), Canvas(640, 360), 25.0)


def test_who_walks_off_is_followed_slowly():
    walk, kept = walking(), kept_inside(walking())
    trunk = kept.xy[:, TRUNK]
    assert walk.xy[:, TRUNK, 0].max() > 700 and trunk[..., 0].max() <= 640 and trunk.min() >= 0
    assert np.array_equal(kept.xy[0], walk.xy[0])
    shift = (kept.xy - walk.xy)[:, :, 0]
    assert np.allclose(shift, shift[:, :1], atol=1e-3), "a shift of everything"
    assert np.abs(np.diff(shift[:, 0])).max() < 8 and np.abs(np.diff(shift[:, 0], n=2)).max() < 1


def test_who_stays_inside_is_left_alone_and_so_is_nobody():
    calm = walking(40, 0.5)
    assert np.array_equal(kept_inside(calm).xy, calm.xy)
    nobody = replace(walking(), score=np.zeros((120, coco.COUNT)))
    assert kept_inside(nobody) is nobody


def test_what_the_picture_cuts_off_may_stay_cut_off():
    cut = walking(60, 0.0)
    cut = replace(cut, xy=cut.xy + [0, 200])
    assert np.array_equal(kept_inside(cut).xy, cut.xy)


def test_a_frame_that_shows_nothing_goes_with_the_others():
    walk = walking()
    score = walk.score.copy()
    score[60] = 0
    kept = kept_inside(replace(walk, score=score))
    assert np.isfinite(kept.xy).all() and np.abs(np.diff(kept.xy[:, 0, 0])).max() < 12

"""Smoothing, gaps and the jitter report on motion whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from humandit.errors import InvalidPose
from humandit.pose import skeleton as coco
from humandit.pose.gaps import FILLED, fill_gaps
from humandit.pose.jitter import jitter, jitter_text
from humandit.pose.sequence import PoseSequence
from humandit.pose.smooth import METHODS, Smoothing, smooth
from tests.pose.conftest import standing

WRIST = coco.INDEX["left_wrist"]
FILTERS = [m for m in METHODS if m != "off"]


def waving(person: PoseSequence, frames: int = 75, noise: float = 0.0) -> PoseSequence:
    """Three seconds at 25 fps: the whole body sways slowly, the left arm's wrist and hand wave at 1.5 Hz."""
    t = np.arange(frames) / 25
    xy = np.repeat(standing()[None].astype(np.float64), frames, 0)
    xy[..., 0] += 6 * np.sin(2 * np.pi * 0.4 * t)[:, None]
    hand = [WRIST, *range(coco.LEFT_HAND_SLICE.start, coco.LEFT_HAND_SLICE.stop)]
    xy[:, hand] += 30 * np.stack([np.sin(2 * np.pi * 1.5 * t), np.cos(2 * np.pi * 1.5 * t)], -1)[:, None]
    xy += np.random.default_rng(0).normal(0, noise, xy.shape) if noise else 0
    return PoseSequence(xy, np.ones(xy.shape[:2]), person.canvas, 25.0)


@pytest.mark.parametrize("method", FILTERS)
def test_noise_shrinks_and_fast_hands_stay_in_time(person, method):
    truth, seen = waving(person), waving(person, noise=1.0)
    result = smooth(seen, Smoothing(method))
    wrong = lambda poses, joints: np.linalg.norm(poses.xy[:, joints] - truth.xy[:, joints], axis=-1).mean()  # noqa: E731
    still = [i for i in range(17) if i != WRIST]
    assert wrong(result, still) < 0.7 * wrong(seen, still)
    assert wrong(result, [WRIST]) < 1.15 * wrong(seen, [WRIST])
    assert jitter(result)["body"] < 0.6 * jitter(seen)["body"]
    pace = lambda poses: np.linalg.norm(np.diff(poses.xy[:, WRIST], axis=0), axis=-1).max()  # noqa: E731
    assert pace(smooth(truth, Smoothing(method))) > 0.9 * pace(truth)
    shifts = range(-3, 4)
    middle = slice(5, -5)
    apart = [np.abs(np.roll(result.xy[:, WRIST], s, 0)[middle] - truth.xy[middle, WRIST]).mean() for s in shifts]
    assert shifts[int(np.argmin(apart))] == 0


@pytest.mark.parametrize("method", FILTERS)
def test_gaps_and_cuts_are_never_crossed(person, method):
    seen = waving(person, noise=1.0)
    score = seen.score.copy()
    score[30:34] = 0
    early = replace(seen, score=score)
    moved = early.xy.copy()
    moved[34:] += 5
    late = replace(early, xy=moved)
    a, b = smooth(early, Smoothing(method)), smooth(late, Smoothing(method))
    np.testing.assert_allclose(a.xy[:30], b.xy[:30], atol=1e-3)
    assert (a.xy[30:34] == early.xy[30:34]).all() and (a.score == early.score).all()

    jump = seen.xy.copy()
    jump[40:] += 500
    cut = smooth(replace(seen, xy=jump), Smoothing(method))
    both = smooth(seen[slice(0, 40)], Smoothing(method))
    np.testing.assert_allclose(cut.xy[:40], both.xy, atol=0.5)


def test_what_is_smooth_stays_and_off_is_off(person):
    still = PoseSequence(standing()[None].repeat(9, 0), np.ones((9, coco.COUNT)), person.canvas, 12.5)
    for method in FILTERS:
        np.testing.assert_allclose(smooth(still, Smoothing(method, 1.0, 1.0)).xy, still.xy, atol=1e-3)
    noisy = waving(person, noise=1.0)
    assert smooth(noisy, Smoothing("off")) is noisy
    hands_only = smooth(noisy, Smoothing("one euro", 0.0, 1.0))
    assert (hands_only.xy[:, :91] == noisy.xy[:, :91]).all() and (hands_only.xy[:, 91:] != noisy.xy[:, 91:]).any()


def test_parabola_passes_savitzky_golay_untouched(person):
    t = np.arange(20)[:, None, None]
    xy = standing()[None] + 0.5 * t + 0.02 * t**2
    poses = PoseSequence(xy, np.ones(xy.shape[:2]), person.canvas, 12.5)
    np.testing.assert_allclose(smooth(poses, Smoothing("savitzky-golay", 1.0, 1.0)).xy, poses.xy, atol=1e-2)


def test_wrong_settings_are_named():
    with pytest.raises(InvalidPose, match="one euro"):
        Smoothing("kalman")
    with pytest.raises(InvalidPose, match="hands_strength"):
        Smoothing(hands_strength=1.5)


def test_short_gaps_are_filled_and_marked(person):
    xy = standing()[None].repeat(10, 0)
    xy[:, WRIST, 0] = np.arange(10) * 4
    score = np.ones((10, coco.COUNT))
    score[3:5, WRIST] = 0
    score[:4, 0] = 0
    score[6:, 1] = 0
    broken = xy.copy()
    broken[3:5, WRIST] = 0
    poses = fill_gaps(PoseSequence(broken, score, person.canvas, 12.5), 2)
    np.testing.assert_allclose(poses.xy[3:5, WRIST], xy[3:5, WRIST], atol=1e-4)
    assert (poses.score[3:5, WRIST] == np.float32(FILLED)).all() and poses.visible[3:5, WRIST].all()
    assert (poses.score[:4, 0] == 0).all() and (poses.score[6:, 1] == 0).all()
    untouched = fill_gaps(PoseSequence(broken, score, person.canvas, 12.5), 1)
    assert (untouched.score[3:5, WRIST] == 0).all()
    with pytest.raises(InvalidPose, match="0 or more"):
        fill_gaps(poses, -1)


def test_jitter_in_percent_of_the_body(person):
    xy = standing()[None].repeat(5, 0).astype(np.float64)
    size = np.linalg.norm(np.ptp(standing()[:17], axis=0))
    xy[2, : coco.FACE_SLICE.start] += [size / 100, 0]
    report = jitter(PoseSequence(xy, np.ones((5, coco.COUNT)), person.canvas, 12.5))
    assert report["body"] == pytest.approx((1 + 2 + 1) / 3, rel=1e-3) and report["face"] == 0
    assert "body 1.33 -> 1.33 %" in jitter_text(report, report)
    assert "too few" in jitter_text(jitter(person), jitter(person))

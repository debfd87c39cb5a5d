"""Figures with exact numbers, the crop that holds the motion, and the table of rules."""

from dataclasses import replace

import numpy as np
import pytest

from humandit.data.clips import figures
from humandit.data.clips.rules import RULES, Rule, broken, rules_with
from humandit.data.clips.settings import Settings
from humandit.data.clips.subjects import Crop, motion_range, spans, subjects
from humandit.errors import HumanDiTError
from humandit.pose import skeleton as coco
from humandit.pose.jitter import body_size
from humandit.pose.sequence import PoseSequence
from humandit.pose.track import Person
from humandit.types import Canvas
from tests.pose.conftest import standing

BODY = body_size(PoseSequence(standing()[None], np.ones((1, coco.COUNT)), Canvas(200, 200), 25))


def film(shifts):
    """The standing person (about 60 x 165 px) in 640 x 360 px, moved by ``shifts`` [T, 2] px."""
    xy = standing()[None] + np.asarray(shifts, np.float32)[:, None]
    return PoseSequence(xy, np.ones(xy.shape[:2]), Canvas(640, 360), 25)


def person(poses, present=None):
    present = np.ones(len(poses), bool) if present is None else present
    return Person(replace(poses, score=poses.score * present[:, None]), present, np.zeros((96, 96, 3), np.uint8))


def rule(name):
    return next(r for r in RULES if r.name == name)


def test_the_papers_numbers():
    numbers = {r.name: r.limit for r in RULES if r.source == "paper §A.4"}
    assert numbers == {
        "frames": 30, "upper_body_visible": 0.8, "hands_visible": 0.8, "relative_speed": 0.3, "joint_speed": 0.3,
        "histogram_variance": 0.3, "mask_iou": 0.7, "mean_quality": 60, "worst_quality": 45, "hand_clarity": 0.5,
        "teeth_clarity": 0.4,
    }  # fmt: skip
    assert len({r.name for r in RULES}) == len(RULES)
    assert all((r.least is None) != (r.most is None) for r in RULES)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [("frames", 30, 29), ("hands_visible", 0.8, 0.79), ("relative_speed", 0.3, 0.31), ("worst_quality", 45.1, 45.0)],
)
def test_limits_are_where_the_paper_has_them(name, good, bad):
    assert not broken(RULES, {name: good})
    (found,) = broken(RULES, {name: bad})
    assert found.rule.name == name and f"{bad:.4g}" in str(found) and rule(name).sign in str(found)


def test_what_nothing_measured_is_not_judged():
    assert broken(RULES, {"teeth_clarity": None}) == () and broken(RULES, {}) == ()


def test_rules_change_by_name():
    rules = rules_with(["hands_visible=0.5", "others=0.2"])
    assert broken(rules, {"hands_visible": 0.6, "others": 0.1}) == ()
    assert next(r for r in rules if r.name == "others") == replace(rule("others"), most=0.2, source="the user")
    for change, words in (("hand=1", "no rule 'hand'"), ("frames=many", "NAME=NUMBER"), ("frames", "NAME=NUMBER")):
        with pytest.raises(HumanDiTError, match=words):
            Settings(changes=(change,))


def test_visibility_is_the_share_of_what_should_be_seen():
    poses = film(np.zeros((10, 2)))
    score = poses.score.copy()
    score[:5, coco.INDEX["left_wrist"]] = 0
    score[:4, coco.LEFT_HAND_SLICE] = 0
    score[8:, coco.RIGHT_HAND_SLICE.start : coco.RIGHT_HAND_SLICE.start + 10] = 0  # 11 of 21 are still a hand
    found = figures.of_poses(replace(poses, score=score))
    assert found["upper_body_visible"] == pytest.approx(1 - 5 / 70)
    assert found["hands_visible"] == pytest.approx(1 - 4 / 20)


def test_speeds_are_in_body_sizes_per_frame():
    still = figures.of_poses(film(np.zeros((40, 2))))
    assert still["relative_speed"] == still["joint_speed"] == 0
    leap = film([[0, 0]] * 20 + [[100, 0]] * 20)
    assert figures.joint_speed(leap) == pytest.approx(100 / BODY, rel=1e-5) and figures.relative_speed(leap) == 0


def test_a_leap_counts_although_the_detector_blinked():
    poses = film([[0, 0]] * 20 + [[100, 0]] * 20)
    score = poses.score.copy()
    score[20] = 0
    assert figures.joint_speed(replace(poses, score=score)) == pytest.approx(100 / BODY, rel=1e-5)


def test_one_frame_with_a_hand_seen_wrongly_spoils_nothing_but_many_do():
    wrist = coco.INDEX["left_wrist"]
    for faulty, fast in ((1, False), (8, True)):
        poses = film(np.zeros((40, 2)))
        poses.xy[2 : 2 + 4 * faulty : 4, wrist] += 150
        assert (figures.relative_speed(poses) > 0.3) == fast


def test_masks_and_colours_of_neighbours():
    masks = np.zeros((3, 10, 10), bool)
    masks[0, :, :4] = masks[1, :, :4] = masks[2, :, 2:6] = True
    assert figures.mask_iou(masks) == pytest.approx((1 + 1 / 3) / 2)
    frames = np.zeros((4, 16, 16, 3), np.uint8)
    assert figures.histogram_variance(frames) == 0
    frames[2:] = 255
    assert figures.histogram_variance(frames) == pytest.approx(0.5)


def test_the_crop_holds_the_whole_motion():
    poses = film(np.stack([np.linspace(0, 300, 40), np.zeros(40)], -1))
    (subject,) = subjects([person(poses)])
    crop = subject.crop
    assert crop.width % 16 == crop.height % 16 == 0
    assert subject.poses.visible.all() and subject.poses.canvas == Canvas(crop.width, crop.height)
    np.testing.assert_allclose(subject.poses.xy + [crop.left, crop.top], poses.xy, atol=1e-3)
    assert 350 < crop.width < 420 and crop.height < 240 and subject.others == 0


def test_a_crop_stays_inside_the_frame_and_never_becomes_nothing():
    assert motion_range(np.array([[0, 0, 100.0, 50]]), Canvas(100, 50)) == Crop(2, 1, 96, 48)
    assert motion_range(np.array([[5, 5, 6.0, 6]]), Canvas(10, 300)).width == 10
    assert motion_range(np.full((2, 4), np.nan), Canvas(64, 64)) == Crop(0, 0, 64, 64)


def test_who_walks_through_the_crop_is_counted():
    still = person(film(np.zeros((40, 2))))
    passing = person(film(np.stack([np.linspace(400, 0, 40), np.zeros(40)], -1)))
    apart = person(film(np.full((40, 2), (300, 0))))
    first, second = subjects([still, passing])
    assert 0.1 < first.others < 0.4 and second.others == 1  # the one who walks has a crop with both in it
    assert [s.others for s in subjects([still, apart])] == [0, 0]


def test_a_person_net_is_a_second_opinion():
    crowd = np.full((40, 3, 4), np.nan)
    crowd[::5, 0] = (70, 30, 140, 200)
    (alone,) = subjects([person(film(np.zeros((40, 2))))], crowd)
    assert alone.others == 0
    crowd[::10, 1] = (75, 35, 135, 190)
    (crowded,) = subjects([person(film(np.zeros((40, 2))))], crowd)
    assert crowded.others == 0.5


def test_times_in_sight():
    present = np.array([0, 1, 1, 0, 1, 0, 0, 0, 1, 1], bool)
    assert spans(present, 1) == [(1, 5), (8, 10)]
    assert spans(present, 3) == [(1, 10)] and spans(np.zeros(5, bool), 3) == []


def test_settings_that_cannot_be_meant_are_refused():
    for wrong in ({"detector": "magic"}, {"fastest": 0}, {"clips": 0}, {"side": 8}):
        with pytest.raises(HumanDiTError):
            Settings(**wrong)


def test_a_rule_knows_its_relation():
    assert Rule("a", "b", least=1).sign == ">=" and Rule("a", "b", most=1).sign == "<="

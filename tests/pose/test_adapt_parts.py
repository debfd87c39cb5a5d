"""Strengths for parts, what a body may be, halves of bodies, and what the adapter says and shows."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from humandit.errors import InvalidPose
from humandit.pose import skeleton as coco
from humandit.pose.adapt import LIMB_BONES, MODES, PARTS, Retarget, align, overlay, report
from humandit.pose.adapt.overlay import farthest
from humandit.pose.adapt.parts import part_of
from humandit.pose.adapt.points import Points
from humandit.pose.adapt.robust import BELIEFS, HAND, HEAD, LIMB, without_flights
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tests.pose.conftest import standing

INDEX = coco.INDEX
LEGS = [INDEX[n] for n in coco.KEYPOINTS[:23] if any(w in n for w in ("knee", "ankle", "toe", "heel"))]

HEAD_POINTS = [*range(1, 5), *range(23, 91)]


def odd(person, rng):
    """The person with every bone another length, alike on both sides; face and hands, too."""
    points = np.concatenate([person.xy, person.xy[:, 5:7].mean(1, keepdims=True)], 1)
    out, factors = points.copy(), {}
    for child, parent in LIMB_BONES:
        factor = factors.setdefault(
            coco.KEYPOINTS[child].removeprefix("left_").removeprefix("right_"), rng.uniform(0.8, 1.25)
        )
        out[:, child] = out[:, parent] + factor * (points[:, child] - points[:, parent])
    head, hand = rng.uniform(0.8, 1.25, 2)
    for root, part, factor in ((0, HEAD_POINTS, head), (9, range(91, 112), hand), (10, range(112, 133), hand)):
        out[:, list(part)] = out[:, [root]] + factor * (points[:, list(part)] - points[:, [root]])
    return replace(person, xy=out[:, : coco.COUNT])


def ratios(done):
    """Part -> all ratios of that part over the body's."""
    found = {part: [] for part in PARTS}
    for bone, ratio in done.build.bones.items():
        found[part_of(bone)].append(ratio / done.build.body)
    found["head"].append(done.build.head / done.build.body)
    found["hands"] += [hand / done.build.body for hand in done.build.hands]
    return {part: np.array(values) for part, values in found.items()}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("part", PARTS)
def test_a_part_at_strength_nothing_keeps_the_films_proportions(person, part, mode):
    reference = odd(person, np.random.default_rng(5))
    full = ratios(align(reference, person, choice=Retarget(mode)))
    done = align(reference, person, choice=Retarget(mode, **{part: 0.0}))
    for name, values in ratios(done).items():
        np.testing.assert_allclose(values, 1 if name == part else full[name], rtol=1e-6)
    half = ratios(align(reference, person, choice=Retarget(mode, 0.5, **{part: 0.5})))
    np.testing.assert_allclose(half[part], full[part] ** 0.25, rtol=1e-6)


def test_strength_nothing_only_scales(person):
    reference = odd(person, np.random.default_rng(2))
    done = align(reference, person, choice=Retarget(strength=0.0))
    own = (done.poses.xy - done.poses.xy[:, :1]) / done.build.body
    np.testing.assert_allclose(own, person.xy - person.xy[:, :1], atol=1e-3)


def test_every_bone_has_a_part_and_a_limit():
    assert {part_of(bone) for bone in LIMB_BONES} == {"arms", "legs", "trunk", "head"}
    assert {coco.KEYPOINTS[c].split("_")[-1] for c, _ in LIMB_BONES} == set(BELIEFS)
    assert BELIEFS["shoulder"].limit < BELIEFS["hip"].limit < BELIEFS["elbow"].limit < BELIEFS["wrist"].limit


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_no_build_goes_beyond_its_limits(person, factor):
    """One forearm, the face and both hands ten times too long or short."""
    xy = person.xy.copy()
    for side in ("left", "right"):
        wrist, elbow = INDEX[f"{side}_wrist"], INDEX[f"{side}_elbow"]
        hand = coco.LEFT_HAND_SLICE if side == "left" else coco.RIGHT_HAND_SLICE
        root = xy[0, wrist].copy()
        xy[0, hand] = root + factor * (xy[0, hand] - root)
        xy[0, wrist] = xy[0, elbow] + factor * (root - xy[0, elbow])
    xy[0, 1:5] = xy[0, 0] + factor * (xy[0, 1:5] - xy[0, 0])
    xy[0, coco.FACE_SLICE] = xy[0, 0] + factor * (xy[0, coco.FACE_SLICE] - xy[0, 0])
    build = align(replace(person, xy=xy), person).build
    beside = lambda ratio: max(ratio, 1 / ratio) / (1 + 1e-9)  # noqa: E731
    assert beside(build.head / build.body) <= HEAD.limit and beside(build.hands[0] / build.body) <= HAND.limit
    for bone, ratio in build.bones.items():
        end = coco.KEYPOINTS[bone[0]].split("_")[-1]
        assert beside(ratio / build.body) <= BELIEFS[end].limit * (LIMB.limit if end in ("elbow", "wrist") else 1.01)


def test_a_face_turned_away_in_the_picture_shrinks_little(person):
    """Eyes at half their distance, bridge to chin nearly as it was."""
    xy = person.xy.copy()
    xy[:, HEAD_POINTS, 0] = 100 + (xy[:, HEAD_POINTS, 0] - 100) / 2
    turned = replace(person, xy=xy)
    assert align(turned, person).build.head > 0.93
    assert align(turned, person, choice=Retarget("paper")).build.head < 0.8


def test_one_hand_stands_for_both(person):
    score = person.score.copy()
    score[:, coco.LEFT_HAND_SLICE] = 0
    only_right = replace(person, score=score)
    big = person.xy.copy()
    big[:, coco.RIGHT_HAND_SLICE] = (
        120 * 0 + person.xy[:, [10]] + 1.3 * (person.xy[:, coco.RIGHT_HAND_SLICE] - person.xy[:, [10]])
    )
    build = align(replace(only_right, xy=big), person).build
    assert build.hands[0] == build.hands[1] > build.body * 1.05


def test_somebody_who_steps_up_to_the_camera_is_no_mistake(person):
    grow = np.linspace(1, 3, 9)[:, None, None]
    film = replace(person, xy=(person.xy - 100) * grow + 100, score=np.repeat(person.score, 9, 0))
    assert without_flights(Points.of(film)).seen.all()


@pytest.mark.parametrize("mode", MODES)
def test_half_a_body_takes_the_film_of_a_whole_one(person, dance, mode):
    """Sizes come from what both show; legs lie below the picture's edge and keep the film's scores."""
    score = person.score.copy()
    score[:, LEGS] = 0
    whole = replace(person, xy=person.xy * 1.5 + [0, 30], canvas=Canvas(300, 300))
    half = replace(whole, score=score, canvas=Canvas(300, 200))
    a, b = (align(r, dance, choice=Retarget(mode)) for r in (whole, half))
    assert b.build.body == pytest.approx(a.build.body, rel=0.06 if mode == "robust" else 0.12)
    upper = [k for k in range(coco.COUNT) if k not in LEGS]
    np.testing.assert_allclose(b.poses.xy[:, upper], a.poses.xy[:, upper], atol=20)
    np.testing.assert_array_equal(b.poses.score, dance.score)
    assert (b.poses.xy[:, [15, 16], 1] > 200).all()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("choice", [{}, {"ground": True, "keep_inside": True}])
def test_a_film_of_half_a_body_invents_no_legs(person, dance, mode, choice):
    score, xy = dance.score.copy(), dance.xy.copy()
    score[:, LEGS], xy[:, LEGS] = 0, 0
    done = align(person, replace(dance, score=score, xy=xy), choice=Retarget(mode, **choice)).poses
    np.testing.assert_array_equal(done.score, score)
    assert np.isfinite(done.xy).all() and np.abs(done.xy[:, LEGS]).max() < 400
    upper = [k for k in range(coco.COUNT) if k not in LEGS]
    np.testing.assert_allclose(
        done.xy[:, upper], align(person, dance, choice=Retarget(mode)).poses.xy[:, upper], atol=12
    )


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(MODES), st.floats(0, 0.6), st.booleans(), st.booleans(), st.floats(0, 1))
def test_whatever_comes_in_the_result_is_finite_and_keeps_its_scores(seed, mode, lost, ground, inside, strength):
    rng = np.random.default_rng(seed)
    person = PoseSequence(standing()[None], np.ones((1, coco.COUNT)), Canvas(200, 200), 12.5)
    score = np.where(rng.random((7, coco.COUNT)) < lost, 0.0, rng.uniform(0.3, 1, (7, coco.COUNT)))
    film = PoseSequence(rng.normal(100, 200, (7, coco.COUNT, 2)), score, Canvas(300, 150), 25.0)
    choice = Retarget(mode, strength, arms=rng.random(), ground=ground, keep_inside=inside)
    score[0, 5:7] = 1
    done = align(person, replace(film, score=score), choice=choice)
    assert np.isfinite(done.poses.xy).all()
    np.testing.assert_array_equal(done.poses.score, np.float32(score))
    assert report(done).startswith("Body ")


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(MODES), st.booleans(), st.booleans())
def test_a_body_on_itself_stays(seed, mode, ground, inside):
    """Any build, inside the canvas."""
    rng = np.random.default_rng(seed)
    person = PoseSequence(standing()[None] + 50, np.ones((1, coco.COUNT)), Canvas(400, 400), 12.5)
    body = odd(person, rng)
    done = align(body, body, choice=Retarget(mode, ground=ground, keep_inside=inside))
    np.testing.assert_allclose(done.poses.xy, body.xy, atol=0.5)


@pytest.mark.parametrize("wrong", [{"arms": 1.1}, {"hands": -0.1}, {"mode": "loose"}])
def test_impossible_choices_are_refused(wrong):
    with pytest.raises(InvalidPose, match=next(iter(wrong))):
        Retarget(**wrong)


def test_the_report_names_what_changed(person):
    xy = person.xy.copy()
    xy[:, LEGS, 1] = 130 + 1.4 * (xy[:, LEGS, 1] - 130)
    tall = replace(person, xy=xy * 2, canvas=Canvas(400, 470))
    way = np.linspace(0, 120, 5, dtype=np.float32)[:, None, None] * np.float32([1, 0])
    film = replace(person, xy=person.xy + way, score=np.repeat(person.score, 5, 0), canvas=Canvas(400, 200))
    text = report(align(tall, film, choice=Retarget("paper", ground=True, keep_inside=True)))
    assert text.startswith("Body 2.2") and "thighs +25 %, shins +25 %" in text and "feet held" in text
    assert "kept inside: " in text and "px to the left" in text
    assert report(align(person, person)) == "Body 1.00 times the film's; proportions as in the film"


def test_the_overlay_shows_picture_reference_first_and_farthest(person, dance):
    picture = np.full((100, 100, 3), 200, np.uint8)
    far = dance.xy.copy()
    far[6] += [40, 0]
    poses = replace(dance, xy=far)
    assert farthest(poses) == 6
    shown = overlay(picture, person, poses)
    assert shown.shape == (2, 100, 100, 3) and shown.dtype == np.uint8
    assert (shown[:, 99, 0] == 80).all(), "the darkened picture where nobody is"
    hip = person.xy[0, INDEX["left_hip"]].astype(int) // 2
    grey = shown[1, hip[1], hip[0]]
    assert np.ptp(grey) == 0 and grey[0] > 100, "the reference in grey"
    assert np.ptp(shown[1].astype(int), axis=-1)[:, 70:].max() > 100, "the dancer, gone to the right, in colours"
    assert overlay(picture, person, person).shape[0] == 1

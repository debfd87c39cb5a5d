"""The pose adapter on bodies whose every number is known."""

from dataclasses import replace

import numpy as np
import pytest

from humandit.errors import InvalidPose
from humandit.pose import skeleton as coco
from humandit.pose.adapt import LIMB_BONES, LIMIT, NECK, SHOULDERS, adapt
from humandit.types import Canvas

INDEX = coco.INDEX


def with_neck(xy: np.ndarray) -> np.ndarray:
    """[T, 134, 2]: the neck appended, as the adapter counts it."""
    return np.concatenate([xy, xy[:, SHOULDERS].mean(1, keepdims=True)], 1)


def bones(xy: np.ndarray) -> np.ndarray:
    """[T, B, 2] vectors from parent to child."""
    points = with_neck(xy)
    return np.stack([points[:, c] - points[:, p] for c, p in LIMB_BONES], 1)


def grown(person, factor: float):
    """The person enlarged about the canvas' corner, on a canvas as much larger."""
    size = Canvas(round(person.canvas.width * factor), round(person.canvas.height * factor))
    return replace(person, xy=person.xy * factor, canvas=size)


def test_a_person_adapted_to_themselves_does_not_change(person):
    np.testing.assert_allclose(adapt(person, person).xy, person.xy, atol=1e-3)


def test_bones_take_the_reference_length_where_the_template_is_longest(person, dance):
    out = adapt(person, dance, mode="paper")
    lengths = np.linalg.norm(bones(out.xy), axis=-1).max(0)
    wanted = np.linalg.norm(bones(person.xy)[0], axis=-1)
    long = wanted > 15  # feet are as short as the shaking is strong: those meet the limit
    assert long.sum() == 13
    np.testing.assert_allclose(lengths[long], wanted[long], rtol=1e-4)


def test_directions_stay_the_templates(person, dance):
    a, b = bones(adapt(person, dance, mode="paper").xy), bones(dance.xy)
    cosine = (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    np.testing.assert_allclose(cosine, 1, atol=1e-4)


def test_foreshortening_survives(person):
    """A forearm that the template shows at half its longest is shown at half the reference's."""
    template = replace(person, xy=np.repeat(person.xy, 2, 0), score=np.repeat(person.score, 2, 0))
    elbow, wrist = INDEX["left_elbow"], INDEX["left_wrist"]
    template.xy[1, wrist] = template.xy[1, elbow] + (0, 15)
    reference = replace(person, xy=person.xy.copy())
    reference.xy[0, wrist] = reference.xy[0, elbow] + (0, 36)
    forearm = (
        adapt(reference, template, mode="paper").xy[:, wrist] - adapt(reference, template, mode="paper").xy[:, elbow]
    )
    np.testing.assert_allclose(forearm, [[0, 36], [0, 18]], atol=1e-3)


def test_first_neck_is_the_references_and_its_way_is_scaled(person, dance):
    reference = replace(grown(person, 2.0), xy=grown(person, 2.0).xy + np.float32([30, 50]))
    still = np.repeat(person.xy, 9, 0) + np.linspace(0, 10, 9)[:, None, None].astype(np.float32)
    out = adapt(reference, replace(dance, xy=still))
    necks = with_neck(out.xy)[:, NECK]
    np.testing.assert_allclose(necks[0], with_neck(reference.xy)[0, NECK], atol=1e-3)
    np.testing.assert_allclose(necks[-1] - necks[0], [20, 20], atol=1e-2)


def test_canvases_may_differ(person, dance):
    wide = replace(grown(person, 3.0), canvas=Canvas(1280, 720))
    out = adapt(wide, dance)
    assert out.canvas == Canvas(1280, 720) and len(out) == 9 and out.fps == dance.fps
    small = adapt(wide, dance, Canvas(640, 360))
    assert small.canvas == Canvas(640, 360)
    np.testing.assert_allclose(small.xy, out.xy / 2, atol=1e-2)


def test_upper_body_reference_lends_its_size_to_the_hidden_legs(person, dance):
    score = person.score.copy()
    score[:, [INDEX[n] for n in coco.KEYPOINTS[:23] if any(w in n for w in ("knee", "ankle", "toe", "heel"))]] = 0
    big = grown(replace(person, score=score), 2.0)
    out = adapt(big, replace(person, xy=np.repeat(person.xy, 3, 0), score=np.repeat(person.score, 3, 0)))
    shin = np.linalg.norm(out.xy[0, INDEX["left_ankle"]] - out.xy[0, INDEX["left_knee"]])
    assert shin == pytest.approx(60, rel=1e-3)
    assert (out.score == 1).all()


def test_missing_joints_stay_finite_near_and_marked(person, dance):
    score, xy = dance.score.copy(), dance.xy.copy()
    gone = [INDEX["left_elbow"], *range(coco.LEFT_HAND_SLICE.start, coco.LEFT_HAND_SLICE.stop)]
    score[3:6, gone[0]], score[:, gone[1:]] = 0, 0
    xy[3:6, gone[0]], xy[:, gone[1:]] = 0, 0
    out = adapt(person, replace(dance, xy=xy, score=score))
    np.testing.assert_array_equal(out.score, score)
    assert np.linalg.norm(out.xy[4, gone[0]] - out.xy[4, INDEX["left_shoulder"]]) < 50
    np.testing.assert_allclose(out.xy[:, gone[1:]], np.repeat(out.xy[:, [INDEX["left_wrist"]]], 21, 1), atol=1e-4)


def test_a_neck_unseen_for_a_while_is_bridged(person, dance):
    score, xy = dance.score.copy(), dance.xy.copy()
    score[4, SHOULDERS], xy[4, SHOULDERS] = 0, 0
    out = adapt(person, replace(dance, xy=xy, score=score))
    necks = with_neck(out.xy)[:, NECK]
    assert np.linalg.norm(necks[4] - (necks[3] + necks[5]) / 2) < 3


def test_face_and_hands_keep_their_shape_and_take_the_references_size(person):
    out = adapt(grown(person, 2.0), person)
    face, hand = out.xy[0, coco.FACE_SLICE], out.xy[0, coco.RIGHT_HAND_SLICE]
    np.testing.assert_allclose(face - out.xy[0, 0], 2 * (person.xy[0, coco.FACE_SLICE] - person.xy[0, 0]), atol=1e-3)
    wrist = INDEX["right_wrist"]
    np.testing.assert_allclose(
        hand - out.xy[0, wrist], 2 * (person.xy[0, coco.RIGHT_HAND_SLICE] - person.xy[0, wrist]), atol=1e-3
    )


def test_a_bone_pointing_at_the_camera_does_not_cripple_the_arm(person):
    reference = replace(person, xy=person.xy.copy())
    reference.xy[0, INDEX["left_wrist"]] = reference.xy[0, INDEX["left_elbow"]] + (0, 1)
    out = adapt(reference, person)
    forearm = np.linalg.norm(out.xy[0, INDEX["left_wrist"]] - out.xy[0, INDEX["left_elbow"]])
    assert forearm > 30 / LIMIT * 0.9


def test_faces_alone_can_be_matched(person):
    score = np.zeros_like(person.score)
    score[:, [0, 1, 2, *range(23, 91)]] = 1
    face = replace(person, score=score)
    out = adapt(grown(face, 1.5), face)
    np.testing.assert_allclose(out.xy[0, 23:91], 1.5 * person.xy[0, 23:91], atol=0.1)


@pytest.mark.parametrize("frames", [0, 2])
def test_the_reference_is_one_frame(person, dance, frames):
    with pytest.raises(InvalidPose, match=f"got {frames} and 9"):
        adapt(dance[:frames], dance)


def test_nobody_in_the_reference(person, dance):
    with pytest.raises(InvalidPose, match="no bone in common"):
        adapt(replace(person, score=np.zeros_like(person.score)), dance)


def test_one_glitch_changes_no_other_frame_in_robust_mode(person, dance):
    flung = dance.xy.copy()
    flung[4, coco.INDEX["left_wrist"]] += 150
    wild = replace(dance, xy=flung)
    rest = [t for t in range(len(dance)) if t != 4]
    calm, robust = adapt(person, dance), adapt(person, wild)
    hand = slice(coco.LEFT_HAND_SLICE.start, coco.LEFT_HAND_SLICE.stop)
    np.testing.assert_allclose(robust.xy[rest], calm.xy[rest], atol=0.2)
    assert np.abs(robust.xy[4, coco.INDEX["left_wrist"]] - calm.xy[4, coco.INDEX["left_wrist"]]).max() < 20
    assert np.abs(robust.xy[4, hand] - calm.xy[4, hand]).max() < 20
    paper = adapt(person, wild, mode="paper")
    assert np.abs(paper.xy[rest] - adapt(person, dance, mode="paper").xy[rest]).max() > 3


def test_strength_nothing_keeps_the_templates_proportions(person, dance):
    thin = person.xy.copy()
    thin[..., 0] = 100 + (thin[..., 0] - 100) * 0.6
    out = adapt(replace(person, xy=thin), dance, strength=0.0)
    bone = lambda p, a, b: np.linalg.norm(p.xy[:, coco.INDEX[a]] - p.xy[:, coco.INDEX[b]], axis=-1)  # noqa: E731
    arm, leg = (bone(out, *n) / bone(dance, *n) for n in (("left_elbow", "left_wrist"), ("left_knee", "left_ankle")))
    np.testing.assert_allclose(arm, leg, rtol=1e-3)


@pytest.mark.parametrize(("wrong", "says"), [({"mode": "loose"}, "robust, paper"), ({"strength": 1.2}, "got 1.2")])
def test_unknown_modes_are_refused(person, dance, wrong, says):
    with pytest.raises(InvalidPose, match=says):
        adapt(person, dance, **wrong)

"""POSE_KEYPOINT in both dialects, our own file, and everything that is neither."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from humandit.errors import HumanDiTError, InvalidPose
from humandit.pose import skeleton as coco
from humandit.pose.formats import from_dict, from_pose_keypoint, load_any, load_json, save_json, to_pose_keypoint
from humandit.pose.openpose import BODY_18, body_17, body_18
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

KEPT = [i for i in range(coco.COUNT) if not 17 <= i < 23]
"""Points that the "aux" dialect can hold: all but the feet."""

scores = npst.arrays(np.float32, (3, coco.COUNT), elements=st.sampled_from([0.0, 0.1, 0.5, 0.75, 1.0]))
places = npst.arrays(np.float32, (3, coco.COUNT, 2), elements=st.integers(3, 500).map(float))


def test_neck_is_the_midpoint_of_the_shoulders_and_left_again():
    xy = np.arange(266, dtype=np.float32).reshape(133, 2)
    points, certain = body_18(xy, np.linspace(0, 1, 133, dtype=np.float32))
    assert points[BODY_18.index("neck")].tolist() == [11, 12]
    assert points[BODY_18.index("right_wrist")].tolist() == xy[coco.INDEX["right_wrist"]].tolist()
    np.testing.assert_array_equal(body_17(points, certain)[0], xy[:17])


def test_aux_dialect_has_its_fields_and_confidences(person):
    frame = to_pose_keypoint(person)[0]
    one = frame["people"][0]
    assert (frame["canvas_width"], frame["canvas_height"]) == (200, 200)
    lengths = {name: len(values) for name, values in one.items()}
    assert lengths == {
        "pose_keypoints_2d": 54, "face_keypoints_2d": 210, "hand_left_keypoints_2d": 63, "hand_right_keypoints_2d": 63,
    }  # fmt: skip
    assert one["pose_keypoints_2d"][:6] == [100, 40, 1, 100, 60, 1]
    assert one["face_keypoints_2d"][-6:] == [96, 36, 1, 104, 36, 1]


def test_unseen_parts_are_null_and_unseen_points_zero(person):
    score = person.score.copy()
    score[:, coco.LEFT_HAND_SLICE], score[:, 0] = 0.2, 0.1
    one = to_pose_keypoint(replace(person, score=score))[0]["people"][0]
    assert one["hand_left_keypoints_2d"] is None and one["pose_keypoints_2d"][:3] == [0, 0, 0]
    nobody = to_pose_keypoint(replace(person, score=np.zeros_like(score)))
    assert nobody[0]["people"] == [] and not from_pose_keypoint(nobody).score.any()


@settings(max_examples=15, deadline=None)
@given(xy=places, score=scores)
def test_sdpose_dialect_keeps_everything_it_shows(xy, score):
    poses = PoseSequence(xy, score, Canvas(512, 512), 12.5)
    back = from_pose_keypoint(json.loads(json.dumps(to_pose_keypoint(poses, "sdpose"))), 12.5)
    visible = poses.visible & back.visible
    # Hands are put to the nearer wrists, so random ones may come back swapped.
    body = slice(0, 91)
    np.testing.assert_array_equal(poses.xy[:, body][visible[:, body]], back.xy[:, body][visible[:, body]])
    assert (back.visible[:, body] == poses.visible[:, body]).all()


@settings(max_examples=15, deadline=None)
@given(xy=places, score=scores)
def test_aux_dialect_keeps_visible_places(xy, score):
    poses = PoseSequence(xy, score, Canvas(512, 512), 12.5)
    back = from_pose_keypoint(to_pose_keypoint(poses), 12.5)
    body = [i for i in KEPT if i < 91]
    np.testing.assert_array_equal(back.visible[:, body], poses.visible[:, body])
    np.testing.assert_array_equal(back.xy[:, body][back.visible[:, body]], poses.xy[:, body][back.visible[:, body]])


def test_hands_come_back_as_they_went(dance):
    for dialect in ("aux", "sdpose"):
        back = from_pose_keypoint(to_pose_keypoint(dance, dialect), 12.5)
        np.testing.assert_allclose(back.xy[:, 91:], dance.xy[:, 91:], atol=1e-4)


def test_swapped_hands_find_their_wrists(dance):
    data = to_pose_keypoint(dance, "sdpose")
    for frame in data:
        one = frame["people"][0]
        left, right = one["hand_left_keypoints_2d"], one["hand_right_keypoints_2d"]
        one["hand_left_keypoints_2d"], one["hand_right_keypoints_2d"] = right, left
    np.testing.assert_allclose(from_pose_keypoint(data).xy[:, 91:], dance.xy[:, 91:], atol=1e-4)


def test_fractions_of_the_canvas_are_recognised(person):
    data = to_pose_keypoint(person)
    for name, values in data[0]["people"][0].items():
        data[0]["people"][0][name] = [v if i % 3 == 2 else v / 200 for i, v in enumerate(values)]
    np.testing.assert_allclose(from_pose_keypoint(data).xy[:, KEPT], person.xy[:, KEPT], atol=1e-3)


def test_body_25_brings_feet(person):
    from humandit.pose.keypoint_people import BODY_25

    rows = [[*person.xy[0, coco.INDEX[n]].tolist(), 0.9] if n in coco.INDEX else [1, 1, 0] for n in BODY_25]
    frame = {"people": [{"pose_keypoints_2d": sum(rows, [])}], "canvas_width": 200, "canvas_height": 200}
    back = from_pose_keypoint(frame)
    np.testing.assert_array_equal(back.xy[0, :23], person.xy[0, :23])


def test_the_strongest_of_several_people_is_taken(person):
    weak = to_pose_keypoint(replace(person, xy=person.xy + 5, score=person.score * 0.4), "sdpose")[0]["people"][0]
    data = to_pose_keypoint(person, "sdpose")
    data[0]["people"].insert(0, weak)
    np.testing.assert_array_equal(from_pose_keypoint(data).xy[0, 0], person.xy[0, 0])


def test_a_canvas_that_is_not_named_must_be_given(person):
    frame = {"people": to_pose_keypoint(person)[0]["people"]}
    assert from_pose_keypoint(frame, canvas=Canvas(200, 200)).canvas == Canvas(200, 200)
    with pytest.raises(InvalidPose, match="Give the size of its film"):
        from_pose_keypoint(frame)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "got nothing"),
        ([], "list of frames"),
        ("poses", "got str"),
        ([3], "must be a dictionary"),
        ([{"animals": [], "canvas_width": 9, "canvas_height": 9}], "animals"),
        ([{"people": 7, "canvas_width": 9, "canvas_height": 9}], "list of people"),
        ([{"people": [None], "canvas_width": 9, "canvas_height": 9}], "must be a dictionary"),
        ([{"people": [{"pose_keypoints_2d": [1, 2, 3]}], "canvas_width": 9, "canvas_height": 9}], "54 or 75 numbers"),
        ([{"people": [{"pose_keypoints_2d": [1e30] * 54}], "canvas_width": 9, "canvas_height": 9}], "finite"),
        ([{"people": [{"pose_keypoints_2d": [5] * 54}], "canvas_width": 9, "canvas_height": 9}], "lie in 0..1"),
        ([{"people": [], "canvas_width": 0, "canvas_height": 9}], "canvas side"),
    ],
)
def test_what_is_no_pose_keypoint(data, words):
    with pytest.raises(InvalidPose, match=words):
        from_pose_keypoint(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["people", "canvas_width", "canvas_height", "pose_keypoints_2d", "schema", "keypoints", "fps"]
            )
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(data=json_values, people=json_values, numbers=st.lists(st.integers() | st.floats() | st.none(), max_size=54))
def test_any_data_at_all_gives_poses_or_our_error(data, people, numbers):
    size = {"canvas_width": 64, "canvas_height": 64}
    padded = (numbers * 54)[:54]
    shaped = [{"people": [{"pose_keypoints_2d": padded}], **size}]
    for candidate in (data, [data], [{"people": people, **size}], [{"people": [people], **size}], shaped):
        try:
            from_pose_keypoint(candidate)
        except HumanDiTError:
            pass
    own = {"schema": "humandit-pose/1", "keypoints": data, "fps": people, "canvas": {"width": data, "height": 8}}
    for candidate in (data, own, own | {"fps": 12.5, "canvas": {"width": 8, "height": 8}}, own | {"canvas": people}):
        try:
            from_dict(candidate)
        except HumanDiTError:
            pass


@settings(max_examples=12, deadline=None)
@given(xy=places, score=scores, fps=st.floats(0.1, 240))
def test_own_file_round_trip(tmp_path_factory, xy, score, fps):
    path = tmp_path_factory.mktemp("poses") / "p.json"
    poses = PoseSequence(xy, score, Canvas(512, 256), fps)
    save_json(poses, path)
    back = load_json(path)
    np.testing.assert_array_equal(back.xy, poses.xy)
    np.testing.assert_array_equal(back.score, poses.score)
    assert (back.canvas, back.fps) == (poses.canvas, poses.fps)
    assert [p.name for p in path.parent.iterdir()] == ["p.json"]


def test_either_file_can_be_loaded(dance, tmp_path):
    save_json(dance, tmp_path / "own.json")
    (tmp_path / "other.json").write_text(json.dumps(to_pose_keypoint(dance, "sdpose")))
    for name in ("own.json", "other.json"):
        np.testing.assert_allclose(load_any(tmp_path / name, 12.5).xy, dance.xy, atol=1e-3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "nothing there"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "expected schema"),
        (b'{"schema": "humandit-pose/9"}', "humandit-pose/9"),
        (b'{"schema": "humandit-pose/1"}', "keypoints"),
        (b'{"schema": "humandit-pose/1", "keypoints": [[[NaN, 0, 1]]]}', "finite"),
    ],
)
def test_what_is_no_pose_file(tmp_path, content, words):
    if content is not None:
        (tmp_path / "p.json").write_bytes(content)
    with pytest.raises(InvalidPose, match=words):
        load_json(tmp_path / "p.json")

"""Files of several people, files of other tools, and films without a steady speed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from humandit.errors import InvalidPose
from humandit.pose import skeleton as coco
from humandit.pose.formats import (
    from_dict,
    from_pose_keypoint,
    load_any,
    load_people,
    people_from_any,
    people_from_pose_keypoint,
    pick,
    save_json,
    to_dict,
    to_pose_keypoint,
)
from humandit.pose.layouts import to_layout
from humandit.pose.results_file import to_coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas


@pytest.fixture
def pair(dance):
    """Two people on one canvas: the dancer, and a smaller one to the right who walks a little."""
    canvas = Canvas(400, 200)
    one = replace(dance, canvas=canvas)
    walk = np.stack([np.linspace(230, 210, 9), np.zeros(9)], -1)[:, None]
    return [one, replace(one, xy=(dance.xy * 0.6 + walk).astype(np.float32), score=dance.score * 0.8)]


def same(people, wanted, points: Any = slice(0, 91)):
    assert len(people) == len(wanted)
    for one, other in zip(people, wanted, strict=True):
        seen = other.visible[:, points]
        assert (one.visible[:, points] == seen).all()
        np.testing.assert_allclose(one.xy[:, points][seen], other.xy[:, points][seen], atol=2e-3)


@pytest.mark.parametrize("dialect", ["aux", "sdpose"])
@pytest.mark.parametrize("fractions", [False, True])
def test_everybody_comes_back(pair, dialect, fractions):
    data = json.loads(json.dumps(to_pose_keypoint(pair, dialect, fractions)))
    assert [len(frame["people"]) for frame in data] == [2] * 9
    back = people_from_pose_keypoint(data, 12.5)
    same(back, pair, [*range(17), *range(23, 91)])
    np.testing.assert_allclose(back[1].xy[:, 91:], pair[1].xy[:, 91:], atol=2e-3)


def test_people_who_come_and_go_keep_their_names(pair):
    one, two = (p.score.copy() for p in pair)
    one[3:5], two[6:] = 0, 0
    people = [replace(pair[0], score=one), replace(pair[1], score=two)]
    back = people_from_pose_keypoint(to_pose_keypoint(people, "sdpose"), 12.5)
    same(back, people)
    assert not back[0].visible[3:5].any() and not back[1].visible[6:].any()


def test_a_list_that_changes_its_order_is_put_right(pair):
    data = to_pose_keypoint(pair, "sdpose")
    for frame in data[4::2]:
        frame["people"].reverse()
    same(people_from_pose_keypoint(data, 12.5), pair)


def test_the_order_is_believed_while_people_pass_through_each_other(person):
    """Two of the same shape exchange places between frames 1 and 2: only the order of the list tells who is who."""
    steps = np.arange(4) * 20.0
    xy = [person.xy + np.stack([x, np.zeros(4)], -1)[:, None] for x in (steps, 60 - steps)]
    people = [PoseSequence(v, np.ones((4, coco.COUNT)), Canvas(300, 200), 10) for v in xy]
    same(people_from_pose_keypoint(to_pose_keypoint(people, "sdpose"), 10), people)


def test_nobody_at_all_is_one_empty_sequence():
    back = people_from_pose_keypoint([{"people": [], "canvas_width": 9, "canvas_height": 9}] * 3)
    assert len(back) == 1 and len(back[0]) == 3 and not back[0].score.any()


def test_flicker_is_no_crowd(person):
    frame = to_pose_keypoint(person)[0]
    with pytest.raises(InvalidPose, match="More than 64"):
        people_from_pose_keypoint({**frame, "people": frame["people"] * 65})
    assert from_pose_keypoint({**frame, "people": frame["people"] * 65}).visible.any()


def test_people_must_share_a_film(pair, dance):
    for wrong in ([pair[0], dance], [pair[0], pair[1][:4]], []):
        with pytest.raises(InvalidPose, match="share its frames and canvas|at least one"):
            to_pose_keypoint(wrong)
    with pytest.raises(InvalidPose, match="share its fps"):
        to_dict([pair[0], replace(pair[1], fps=25)])


def test_our_file_is_of_the_first_kind_for_one_person_and_of_the_second_for_several(pair, tmp_path):
    assert to_dict(pair[:1])["schema"] == to_dict(pair[0])["schema"] == "humandit-pose/1"
    save_json(pair, tmp_path / "p.json")
    assert json.loads((tmp_path / "p.json").read_text())["schema"] == "humandit-pose/2"
    same(load_people(tmp_path / "p.json"), pair, slice(0, 133))
    same([load_any(tmp_path / "p.json")], [pair[0]], slice(0, 133))
    assert pick(pair, None) is pair[0] and pick(pair, 1) is pair[1]
    with pytest.raises(InvalidPose, match="0 to 1"):
        pick(pair, 2)


def openpose(poses, frame):
    """OpenPose's own file of one frame: BODY_25, 70 face points, version instead of a canvas."""
    one = to_pose_keypoint(poses, "sdpose")[frame]["people"][0]
    xy, score = to_layout(poses, "body-25")
    body = np.concatenate([xy[frame], score[frame, :, None]], 1).reshape(-1).tolist()
    hands = {name: one[name] for name in ("hand_left_keypoints_2d", "hand_right_keypoints_2d", "face_keypoints_2d")}
    person = {"person_id": [-1], "pose_keypoints_2d": body, **hands, "pose_keypoints_3d": [], "face_keypoints_3d": []}
    return {"version": 1.3, "people": [person]}


def test_the_folder_that_openpose_writes(dance, tmp_path):
    for frame in range(9):
        (tmp_path / f"film_{frame:012}_keypoints.json").write_text(json.dumps(openpose(dance, frame)))
    back = load_any(tmp_path, 12.5, Canvas(200, 200))
    np.testing.assert_allclose(back.xy, dance.xy, atol=1e-3)
    assert len(load_any(tmp_path / "film_000000000003_keypoints.json", 12.5, Canvas(200, 200))) == 1
    with pytest.raises(InvalidPose, match="Give the size"):
        load_any(tmp_path)
    (tmp_path / "notes.json").write_text("[]")
    with pytest.raises(InvalidPose, match="notes.json holds no people"):
        load_any(tmp_path, canvas=Canvas(200, 200))
    with pytest.raises(InvalidPose, match="found none"):
        (tmp_path / "empty").mkdir()
        load_any(tmp_path / "empty")


def test_coco_results_of_several_people(pair, tmp_path):
    data = to_coco(pair)
    assert len(data) == 18 and len(data[0]["keypoints"]) == 51 and len(data[0]["face_kpts"]) == 204
    (tmp_path / "c.json").write_text(json.dumps(data[::-1]))
    with pytest.raises(InvalidPose, match="c.json does not say how large"):
        load_people(tmp_path / "c.json")
    back = load_people(tmp_path / "c.json", 12.5, Canvas(400, 200))
    same(sorted(back, key=lambda one: one.xy[0, 0, 0]), pair, slice(0, 133))
    whole = [{"image_id": "a.png", "keypoints": np.c_[pair[0].xy[0], pair[0].score[0]].reshape(-1).tolist()}]
    np.testing.assert_array_equal(people_from_any(whole, canvas=Canvas(400, 200))[0].xy[0], pair[0].xy[0])


@pytest.mark.parametrize("layout", ["coco-17", "halpe-26", "coco-wholebody", "sapiens-308"])
def test_what_mmpose_and_sapiens_save(dance, layout):
    xy, score = to_layout(dance, layout)
    frames = [
        {"instances": [{"keypoints": x.tolist(), "keypoint_scores": s.tolist(), "bbox": [[0, 0, 9, 9]]}]}
        for x, s in zip(xy, score, strict=True)
    ]
    for data in ({"meta_info": {}, "instance_info": frames}, [{"frame_id": i, **f} for i, f in enumerate(frames)]):
        (back,) = people_from_any(data, 12.5, dance.canvas)
        np.testing.assert_allclose(back.xy[:, :17], dance.xy[:, :17], atol=1e-3)
    (single,) = people_from_any({"instance_info": frames[0]["instances"]}, 12.5, dance.canvas)
    assert len(single) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([{"image_id": None, "keypoints": [0] * 51}], "image_id"),
        ([{"image_id": 1, "keypoints": [0] * 51}, {"image_id": "b", "keypoints": [0] * 51}], "no order"),
        ([{"image_id": 1, "keypoints": [0] * 50}], "51 numbers"),
        ([{"image_id": 1, "keypoints": [2] * 51}], "0..1"),
        ([{"image_id": 1, "keypoints": ["2"] * 51}], "finite numbers"),
        ({"instance_info": []}, "list of frames"),
        ({"instance_info": [{"keypoints": [[1, 2]] * 70, "keypoint_scores": [1] * 70}]}, "no known layout has 70"),
        ({"instance_info": [{"keypoints": [[1, 2]] * 17}]}, "keypoint_scores"),
        ({"instance_info": [{"keypoints": [[1, 2]] * 17, "keypoint_scores": [1] * 16}]}, r"\[K, 2\]"),
        ({"instance_info": [{"instances": 7}]}, "list of instances"),
        ([{"version": "ap10k", "animals": [], "canvas_width": 9, "canvas_height": 9}], "animals"),
        ({"schema": "humandit-pose/2", "people": []}, "list the keypoints of its people"),
    ],
)
def test_broken_files_of_other_tools(data, words):
    with pytest.raises(InvalidPose, match=words):
        people_from_any(data, canvas=Canvas(64, 64))


def test_times_bring_a_film_to_a_steady_speed(person):
    xy = np.concatenate([person.xy + x for x in (0, 4, 6)])
    data = to_dict(PoseSequence(xy, np.ones((3, coco.COUNT)), person.canvas, 10)) | {"times": [5.0, 5.4, 5.5]}
    back = from_dict(data)
    np.testing.assert_allclose(back.xy[:, 0, 0] - 100, [0, 1, 2, 3, 4, 6], atol=1e-4)
    assert back.fps == 10


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([0, 0.2, 0.1], "frame 2 of the file is not later"),
        ([0, 0, 1], "frame 1 of the file is not later"),
        ([0, 1], "3 in all"),
        ("soon", "3 in all"),
        ([0, 1, float("nan")], "3 in all"),
        ([0, 40, [80]], "no list of seconds"),
        ([0, 40_000, 80_000], "Are the times seconds"),
    ],
)
def test_times_that_cannot_be(person, times, words):
    three = PoseSequence(np.repeat(person.xy, 3, 0), np.ones((3, coco.COUNT)), person.canvas, 10)
    with pytest.raises(InvalidPose, match=words):
        from_dict(to_dict(three) | {"times": times})


def test_people_of_our_file_have_as_many_frames_as_each_other(pair):
    data = to_dict(pair)
    data["people"][1] = data["people"][1][:3]
    with pytest.raises(InvalidPose, match="as many frames"):
        from_dict(data)


def test_a_wrong_count_of_our_file_names_what_would_fit(person):
    data = to_dict(person)
    data["keypoints"] = [data["keypoints"][0][:17]]
    with pytest.raises(InvalidPose, match="17 points fit coco-17"):
        from_dict(data)

"""Detection: its geometry by exact numbers, its nets by a real film."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from humandit import wheels
from humandit.errors import InvalidMedia, InvalidWeights, MissingDependency, NoPersonFound
from humandit.pose import skeleton as coco
from humandit.pose.detect import load_detector, nets
from humandit.pose.detect.boxes import Box
from humandit.pose.detect.net import Net
from humandit.pose.detect.ssd import anchors, strongest
from humandit.pose.detect.wholebody import FACE_POINTS, Part, whole_body


def test_box_between_two_points_stands_upright():
    box = Box.between(np.array([50.0, 80.0]), np.array([50.0, 30.0]), np.pi / 2)
    assert (box.x, box.y, box.size) == (50, 80, 100) and box.angle == pytest.approx(0)


@pytest.mark.parametrize("angle", [0.0, 0.7, -2.0])
def test_crop_and_place_are_inverse(angle):
    """A bright dot lands in the crop where ``place`` says it came from."""
    box, spot = Box(60.0, 50.0, 64.0, angle), np.array([0.75, 0.25])
    frame = np.zeros((120, 120, 3), np.uint8)
    x, y = box.place(spot).round().astype(int)
    frame[y - 1 : y + 2, x - 1 : x + 2] = 255
    row, column = np.unravel_index(box.crop(frame, 64)[..., 0].argmax(), (64, 64))
    assert abs(column - 48) <= 2 and abs(row - 16) <= 2


def test_large_frames_are_averaged_not_skipped():
    frame = np.zeros((1024, 1024, 3), np.uint8)
    frame[::8] = 255
    assert Box(512.0, 512.0, 1024.0).crop(frame, 64)[8:-8, 8:-8].mean() == pytest.approx(255 / 8, abs=2)


def test_boxes_near_each_other():
    box = Box(50.0, 50.0, 30.0)
    assert (
        box.near(Box(58.0, 50.0, 40.0)) and not box.near(Box(65.0, 50.0, 30.0)) and not box.near(Box(50.0, 50.0, 60.0))
    )


def test_box_moves_along_its_own_vertical():
    moved = Box(10.0, 10.0, 20.0, np.pi / 2).grown(2.0, -0.1)
    assert moved.size == 40 and (moved.x, moved.y) == pytest.approx((12, 10))


def test_anchor_counts_and_places():
    assert len(anchors(224, (8, 16, 32, 32, 32))) == 2254 and len(anchors(128, (8, 16, 16, 16))) == 896
    np.testing.assert_allclose(
        anchors(128, (8, 16, 16, 16))[:3], [[1 / 32, 1 / 32], [1 / 32, 1 / 32], [3 / 32, 1 / 32]]
    )


def test_strongest_averages_its_neighbours():
    centres = np.array([[0.5, 0.5], [0.5, 0.5], [0.1, 0.1]])
    raw = np.array([[0, 0, 40, 40, 0, 0], [4, 0, 40, 40, 4, 0], [0, 0, 10, 10, 0, 0]], float)
    found = strongest(raw, np.array([2.0, 2.0, 1.0]), centres, 100, 0.5)
    assert found is not None and found.score == pytest.approx(1 / (1 + np.exp(-2)))
    np.testing.assert_allclose(found.box, [0.32, 0.3, 0.72, 0.7])
    np.testing.assert_allclose(found.points, [[0.52, 0.5]])
    assert strongest(raw, np.full(3, -5.0), centres, 100, 0.5) is None


def test_whole_body_places_parts_and_refuses_what_lies_outside():
    body = Part(np.stack([np.arange(33) * 3.0, np.full(33, 50.0)], -1), np.full(33, 0.8))
    hand = Part(np.full((21, 2), 20.0), np.full(21, 0.9))
    pose = whole_body(body, hand, None, None, (80, 100))
    assert pose.xy.shape == (133, 2) and len(set(FACE_POINTS)) == 68
    assert pose.score[coco.INDEX["left_shoulder"]] == 0.8 and pose.xy[coco.INDEX["left_shoulder"], 0] == 33
    assert pose.score[coco.INDEX["left_heel"]] == 0 and pose.xy[coco.INDEX["left_heel"], 0] == 87  # beyond 80 px
    assert pose.score[coco.INDEX["left_small_toe"]] == 0
    assert (pose.score[coco.LEFT_HAND_SLICE] == 0.9).all() and not pose.score[coco.RIGHT_HAND_SLICE].any()
    np.testing.assert_array_equal(pose.xy[112], pose.xy[coco.INDEX["right_wrist"]])


def make_wheel(path, monkeypatch) -> None:
    """A small wheel with files of the right names, and a table that expects them."""
    table = {}
    with zipfile.ZipFile(path, "w") as archive:
        for name, (inside, _) in nets.NETS.files.items():
            archive.writestr(inside, name)
            table[name] = (inside, hashlib.sha256(name.encode()).hexdigest())
        archive.writestr("mediapipe/other.py", "")
    monkeypatch.setattr(nets, "NETS", replace(nets.NETS, files=table))


def test_nets_are_fetched_through_pip_once(tmp_path, monkeypatch):
    calls = []
    make_wheel(tmp_path / "w.whl", monkeypatch)

    def download(command, **_):
        calls.append(command)
        target = command[command.index("--dest") + 1]
        (tmp_path / "w.whl").replace(f"{target}/mediapipe.whl")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(wheels.subprocess, "run", download)
    folder = tmp_path / "nets"
    assert nets.fetch_nets(folder) == folder == nets.fetch_nets(folder) == nets.find_nets(folder)
    assert len(calls) == 1 and "mediapipe==0.10.21" in calls[0]
    assert sorted(p.name for p in folder.iterdir()) == sorted(nets.NETS.files)


def test_a_failed_download_says_why(tmp_path, monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "warning\nERROR: no route to host\n")
    monkeypatch.setattr(wheels.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(MissingDependency, match="no route to host"):
        nets.fetch_nets(tmp_path / "nets")


def test_missing_nets_name_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("HUMANDIT_CACHE", str(tmp_path))
    with pytest.raises(MissingDependency, match="python -m humandit weights get pose"):
        load_detector("mediapipe", tmp_path / "own")


def test_damaged_nets_are_refused(tmp_path, monkeypatch):
    make_wheel(tmp_path / "w.whl", monkeypatch)
    nets.NETS.unpack(tmp_path / "w.whl", tmp_path / "nets")
    (tmp_path / "nets" / "face_landmark.tflite").write_text("cut")
    with pytest.raises(InvalidWeights, match=r"face_landmark\.tflite .* is damaged"):
        nets.find_nets(tmp_path / "nets")
    (tmp_path / "text.whl").write_text("no archive")
    with pytest.raises(InvalidWeights, match="is not the wheel"):
        nets.NETS.unpack(tmp_path / "text.whl", tmp_path / "nets")


def test_without_litert_the_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(MissingDependency, match="pip install ai-edge-litert"):
        Net(tmp_path / "any.tflite")


def test_unknown_detectors_are_named():
    with pytest.raises(MissingDependency, match="'yolo'; known are mediapipe"):
        load_detector("yolo")


@pytest.mark.real
def test_a_real_person_is_found_with_limbs_in_place(detector, real_film):
    seen = []
    poses = detector.detect(real_film.frames, real_film.fps, seen.append)
    assert seen == list(range(1, 10)) and len(poses) == 9 and poses.canvas.width == 350
    assert detector.device.startswith("cpu")
    body = [
        coco.INDEX[n] for n in ("left_shoulder", "right_shoulder", "left_hip", "right_hip", "left_knee", "right_knee")
    ]
    assert poses.visible[:, body].all()
    xy = {name: poses.xy[:, coco.INDEX[name]] for name in coco.BODY}
    for side in ("left", "right"):
        heights = [xy[f"{side}_{joint}"][:, 1] for joint in ("shoulder", "hip", "knee", "ankle")]
        assert all((upper < lower).all() for upper, lower in zip(heights, heights[1:], strict=False))
    assert (xy["right_shoulder"][:, 0] < xy["left_shoulder"][:, 0]).all()  # she faces us
    np.testing.assert_allclose(xy["nose"].mean(0), [176, 77], atol=10)
    steps = np.linalg.norm(np.diff(poses.xy[:, body], axis=0), axis=-1)
    assert steps.max() < 20


@pytest.mark.real
def test_a_mirrored_film_gives_the_mirrored_pose(detector, real_film):
    frame = real_film.frames[0]
    here = detector.detect([frame], 1.0)
    there = detector.detect([np.ascontiguousarray(frame[:, ::-1])], 1.0)
    limbs = [i for i in range(5, 17) if here.visible[0, i] and there.visible[0, coco.MIRROR[i]]]
    back = there.xy[0, [coco.MIRROR[i] for i in limbs]] * [-1, 1] + [349, 0]
    assert len(limbs) >= 8 and np.median(np.linalg.norm(back - here.xy[0, limbs], axis=-1)) < 8


@pytest.mark.real
def test_large_frames_give_the_same_place(detector, real_film):
    import cv2

    frame = real_film.frames[0]
    large = cv2.resize(frame, (1400, 1400), interpolation=cv2.INTER_CUBIC)
    a, b = detector.detect([frame], 1.0), detector.detect([large], 1.0)
    both = a.visible[0, :17] & b.visible[0, :17]
    assert both.sum() >= 10 and np.linalg.norm(b.xy[0, :17][both] / 4 - a.xy[0, :17][both], axis=-1).max() < 9


@pytest.mark.real
def test_a_frame_without_a_person_scores_zero_and_a_film_without_one_is_refused(detector, real_film):
    grey = np.full_like(real_film.frames[0], 90)
    poses = detector.detect([grey, real_film.frames[0]], 12.5)
    assert not poses.score[0].any() and poses.score[1].any()
    with pytest.raises(NoPersonFound, match="Nobody was found in 2 frames"):
        detector.detect([grey, grey], 12.5)


@pytest.mark.real
def test_frames_that_are_none_are_refused(detector, real_film):
    with pytest.raises(InvalidMedia, match="at least one frame"):
        detector.detect([], 12.5)
    with pytest.raises(InvalidMedia, match="uint8 RGB"):
        detector.detect([np.zeros((8, 8, 3))], 12.5)
    with pytest.raises(InvalidMedia, match="share one size"):
        detector.detect([real_film.frames[0], real_film.frames[0][:100]], 12.5)
    detector.detect([real_film.frames[0]], 12.5)


@pytest.mark.real
@pytest.mark.parametrize("size", [(1, 1), (3, 500), (40, 16)])
def test_odd_frames_never_crash(detector, size):
    noise = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    with pytest.raises(NoPersonFound):
        detector.detect([noise], 12.5)

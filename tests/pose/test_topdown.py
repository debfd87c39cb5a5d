"""Detectors for public nets, on tiny nets of the same signatures: geometry, colours, following, wrong files."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from humandit.errors import InvalidWeights, MissingDependency
from humandit.media.write import write_mp4
from humandit.pose import skeleton as coco
from humandit.pose.detect import WHOLE_FRAME, load_detector
from humandit.pose.detect.boxes import Box
from humandit.pose.detect.heads import heatmap_points, simcc_points
from humandit.pose.detect.persons import PersonNet, grid_boxes, separate
from humandit.pose.detect.points import LAYOUTS, to_wholebody
from humandit.pose.detect.window import Window
from humandit.pose.formats import load_json
from humandit.pose.sapiens_points import GOLIATH_308
from tests.pose import tiny_nets
from tests.pose.test_command import command

PLACES = np.array([[121.3, 80.6], [180.0, 240.25], [90.75, 320.0]])
"""Red, green and blue blob of a 300 x 400 frame."""


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HUMANDIT_CACHE", str(tmp_path / "cache"))


def frame() -> np.ndarray:
    return tiny_nets.blobs(PLACES, 300, 400)


def errors(sighting, layout: int) -> np.ndarray:
    """Pixels between each known point and the blob of its colour."""
    index = np.array(LAYOUTS[layout])
    known = index >= 0
    assert (sighting.score[known] > 0.7).all() and not sighting.score[~known].any()
    return np.linalg.norm(sighting.xy[known] - PLACES[index[known] % 3], axis=-1)


@pytest.mark.parametrize("points", [17, 26, 133])
@pytest.mark.parametrize("name", ["dwpose", "rtmw", "rtmpose"])
def test_simcc_nets_see_the_blobs_where_they_are(tmp_path, name, points):
    path = tiny_nets.simcc(tmp_path / "a.onnx", points)
    detector = load_detector(name, weights=path, person_weights=WHOLE_FRAME)
    (seen,) = detector.people(frame())
    assert errors(seen, points).max() < 0.75  # half a step of the net: 1.25 * 300 / 288 / 2 pixels
    assert (detector.name, detector.device) == (name, "cpu (ONNX Runtime)")


def test_heat_maps_are_read_between_their_cells(tmp_path):
    detector = load_detector("vitpose", weights=tiny_nets.heatmap(tmp_path / "v.onnx"), person_weights=WHOLE_FRAME)
    (seen,) = detector.people(frame())
    assert errors(seen, 133).max() < 0.35  # a cell is 7.9 pixels


@pytest.mark.parametrize("points", [133, 308])
def test_sapiens_sees_the_blobs_where_they_are(tmp_path, points):
    path = tiny_nets.torchscript(tmp_path / "s.pt2", points)
    detector = load_detector("sapiens", weights=path, person_weights=WHOLE_FRAME)
    (seen,) = detector.people(frame())
    assert errors(seen, points).max() < 0.2 and detector.device.endswith("(TorchScript)")


def test_a_large_frame_gives_the_same_place(tmp_path):
    large = tiny_nets.blobs((PLACES + 0.5) * 8 - 0.5, 2400, 3200, sigma=48)
    detector = load_detector("rtmw", weights=tiny_nets.simcc(tmp_path / "a.onnx"), person_weights=WHOLE_FRAME)
    (seen,) = detector.people(large)
    assert np.linalg.norm((seen.xy + 0.5) / 8 - 0.5 - PLACES[np.arange(133) % 3], axis=-1).max() < 0.75


def test_no_person_in_a_black_frame(tmp_path):
    detector = load_detector("rtmw", weights=tiny_nets.simcc(tmp_path / "a.onnx"), person_weights=WHOLE_FRAME)
    assert detector.people(np.zeros((400, 300, 3), np.uint8)) == []


def test_a_person_net_says_where_to_look_and_following_does_without_it(tmp_path):
    places = PLACES + (500, 300)
    wide = tiny_nets.blobs(places, 1280, 1280)
    detector = load_detector(
        "dwpose",
        weights=tiny_nets.simcc(tmp_path / "a.onnx"),
        person_weights=tiny_nets.yolox(tmp_path / "p.onnx", 640, 45),
    )
    (seen,) = detector.people(wide)
    assert np.linalg.norm(seen.xy - places[np.arange(133) % 3], axis=-1).max() < 1.75  # a window of 900 pixels
    calls, person_net = [], detector.persons
    detector.persons = lambda frame: calls.append(1) or person_net(frame)
    (again,) = detector.people(wide, [seen.near], search=False)
    assert not calls and np.linalg.norm(again.xy - places[np.arange(133) % 3], axis=-1).max() < 0.75
    assert len(detector.people(wide, [seen.near], search=True)) == 1 and calls == [1]
    assert len(detector.detect([wide] * 3, 12.5)) == 3 and calls == [1, 1]


def test_near_box_holds_every_point_with_room_around():
    window = Window.around(np.array([100, 100, 200, 400]), 0.75)
    assert (window.x, window.y, window.height, window.width) == (150, 250, 375, 281.25)
    assert Window.of(window.box, 0.75) == window
    wide = Window.around(np.array([0, 0, 300, 100]), 0.75)
    assert (wide.width, wide.height) == (375, 500)
    np.testing.assert_allclose(window.place(np.array([[0, 0], [1, 1]])), [[9.375, 62.5], [290.625, 437.5]])


@pytest.mark.parametrize("whole", [True, False])
def test_crop_and_place_are_inverse(whole):
    window, picture = Window(60.0, 50.0, 45.0, 60.0), np.zeros((120, 120, 3), np.uint8)
    x, y = window.place(np.array([0.5, 0.25]))
    picture[int(y), int(x)] = 255
    crop = window.crop(picture, 90, 120, whole)[..., 0]
    row, column = np.unravel_index(crop.argmax(), crop.shape)
    assert abs(column - 0.5 * (90 - whole)) <= 1.5 and abs(row - 0.25 * (120 - whole)) <= 1.5


def test_simcc_takes_the_lower_peak_and_stays_within_one():
    x, y = np.zeros((2, 8)), np.zeros((2, 12))
    x[0, 3], y[0, 6], x[1, 0], y[1, 11] = 9.0, 0.4, 5.0, 7.0
    unit, score = simcc_points(x, y)
    np.testing.assert_allclose(unit, [[3 / 8, 0.5], [0, 11 / 12]])
    np.testing.assert_allclose(score, [0.4, 1.0])


def test_heat_map_peaks_lie_between_cells_and_flat_maps_stay_put():
    y, x = np.mgrid[:16, :12]
    heat = 0.8 * np.exp(-((x - 5.3) ** 2 + (y - 9.75) ** 2) / 8)
    unit, score = heatmap_points(np.stack([heat, np.zeros((16, 12)), -heat]))
    np.testing.assert_allclose(unit[0] * (11, 15), [5.3, 9.75], atol=0.02)
    np.testing.assert_allclose(unit[1], 0)
    assert score[0] == heat.max() and not score[1:].any()


def test_grids_become_boxes_of_people():
    rows = np.zeros((84, 85))
    rows[64 + 5, :6] = [0.25, 0.5, np.log(2), np.log(3), 0.9, 0.5]  # second grid: 4 x 4 cells of 16 pixels
    boxes = grid_boxes(rows, 64, 64)
    np.testing.assert_allclose(boxes[69], [20 - 16, 24 - 24, 20 + 16, 24 + 24, 0.45], atol=1e-9)
    assert boxes.shape == (84, 5) and (boxes[:, 4] > 0).sum() == 1


def test_boxes_of_one_person_are_joined():
    boxes = np.array([[0, 0, 10, 10, 0.5], [1, 0, 11, 10, 0.9], [30, 0, 40, 10, 0.4]])
    np.testing.assert_array_equal(separate(boxes), boxes[[1, 2]])
    assert separate(np.zeros((0, 5))).shape == (0, 5)


BOXES = np.array([[16, 16, 96, 160, 0.5], [160, 32, 240, 304, 0.9]])


def test_final_boxes_in_pixels_of_the_frame(tmp_path):
    """YOLOX with its own suppression takes 0..255, blue first; the frame is twice the net's input."""
    net = PersonNet(tiny_nets.boxes(tmp_path / "yolox.onnx", BOXES, gain=1 / 255))
    people = net(np.full((640, 640, 3), 255, np.uint8))
    np.testing.assert_allclose(people, [[320, 64, 480, 608, 0.9], [32, 32, 192, 320, 0.5]], rtol=1e-5)
    assert net(np.full((640, 640, 3), 60, np.uint8)).shape == (0, 5)  # the grey beside the frame is darker than that


def test_rtmdet_is_known_by_its_weights_and_takes_normalised_pictures(tmp_path):
    path = tiny_nets.boxes(tmp_path / "any.onnx", BOXES[1:], "bbox_head.rtm_cls.0.weight", gain=0.25)
    (person,) = PersonNet(path)(np.full((320, 320, 3), (0, 0, 255), np.uint8))
    assert person[4] == pytest.approx(0.9 * 0.25 * (255 - 103.53) / 57.375, rel=1e-4)  # blue


def test_yolov10_takes_unit_pictures_and_names_classes(tmp_path):
    rows = np.concatenate([BOXES, [[0], [16]]], 1)  # the second is a dog
    (person,) = PersonNet(tiny_nets.boxes(tmp_path / "v10.onnx", rows))(np.full((320, 320, 3), 255, np.uint8))
    np.testing.assert_allclose(person, BOXES[0], rtol=1e-5)


def test_boxes_of_another_make_are_refused(tmp_path):
    path = tiny_nets.boxes(tmp_path / "v8.onnx", np.zeros((56, 8400)))  # YOLOv8: a column per place
    with pytest.raises(InvalidWeights, match=r"Expected a person net .* dets \[1, \?, 8400\]|got \[56, 8400\]"):
        PersonNet(path)(frame())


def test_unknown_points_stay_at_their_root_and_outside_is_unseen():
    xy, score = np.tile(np.arange(17.0)[:, None] * 10, 2), np.full(17, 0.8)
    part = to_wholebody(xy, score, (95, 400))
    assert part.score[9] == pytest.approx(0.8) and part.score[10] == 0  # at 90 and 100 of 95 pixels
    np.testing.assert_array_equal(part.xy[coco.INDEX["face_3"]], xy[0])
    np.testing.assert_array_equal(part.xy[coco.INDEX["right_hand_index_2"]], xy[10])
    np.testing.assert_array_equal(part.xy[coco.INDEX["left_heel"]], xy[15])
    assert not part.score[17:].any()


def test_tables_name_the_same_joints():
    assert {len(table) for table in LAYOUTS.values()} == {133} and all(max(t) < k for k, t in LAYOUTS.items())
    assert LAYOUTS[26][17:23] == (20, 22, 24, 21, 23, 25)
    for name in coco.BODY + coco.FEET:
        assert GOLIATH_308[LAYOUTS[308][coco.INDEX[name]]] == name


def test_files_of_the_wrong_kind_say_what_came(tmp_path):
    pose, person = tiny_nets.simcc(tmp_path / "pose.onnx"), tiny_nets.yolox(tmp_path / "yolox.onnx")
    heat, text = tiny_nets.heatmap(tmp_path / "heat.onnx"), tmp_path / "text.onnx"
    text.write_text("no net at all, only words")
    (tmp_path / "empty.onnx").write_bytes(b"")
    with pytest.raises(InvalidWeights, match=r"SimCC pose net .* yolox.onnx is a person net .* output \[1, 2100, 85\]"):
        load_detector("dwpose", weights=person)
    with pytest.raises(InvalidWeights, match="Expected a person net .* pose.onnx is a SimCC pose net"):
        load_detector("dwpose", weights=pose, person_weights=pose)
    with pytest.raises(InvalidWeights, match=r"heat-map pose net .* simcc_x \[\?, 133, 576\]"):
        load_detector("vitpose", weights=pose)
    with pytest.raises(InvalidWeights, match="heat.onnx is a heat-map"):
        load_detector("rtmw", weights=heat)
    for name in ("text", "empty"):
        with pytest.raises(InvalidWeights, match=f"Expected an ONNX model, but {name}.onnx is none"):
            load_detector("dwpose", weights=tmp_path / f"{name}.onnx")
    with pytest.raises(MissingDependency, match="There is no pose net"):
        load_detector("dwpose", weights=tmp_path / "gone.onnx")
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(pose.read_bytes()[:-200])
    with pytest.raises(InvalidWeights, match="cut.onnx is none"):
        load_detector("dwpose", weights=cut)
    with pytest.raises(InvalidWeights, match="mediapipe detector brings its own nets"):
        load_detector("mediapipe", weights=pose)


@pytest.mark.parametrize("name", ["dwpose", "vitpose", "sapiens"])
def test_a_net_with_an_unknown_number_of_points_is_refused(tmp_path, name):
    make = {"dwpose": tiny_nets.simcc, "vitpose": tiny_nets.heatmap, "sapiens": tiny_nets.torchscript}[name]
    with pytest.raises(InvalidWeights, match="odd.* finds K = 21 points; known are nets with K = 17, 26, 133, 308"):
        load_detector(name, weights=make(tmp_path / "odd", 21))


def test_sapiens_files_are_never_chosen_and_checked_before_they_run(tmp_path):
    tiny_nets.torchscript(tmp_path / "sapiens_torchscript.pt2", 133)
    with pytest.raises(MissingDependency, match="such files run code"):
        load_detector("sapiens", tmp_path)
    with pytest.raises(InvalidWeights, match="pose.onnx is none"):
        load_detector("sapiens", weights=tiny_nets.simcc(tmp_path / "pose.onnx"))
    with pytest.raises(MissingDependency, match="There is no pose net"):
        load_detector("sapiens", weights=tmp_path / "gone.pt2")


def test_files_are_found_by_their_usual_name_else_by_what_they_are(tmp_path):
    with pytest.raises(MissingDependency, match="No file for dwpose in .* found none"):
        load_detector("dwpose", tmp_path)
    tiny_nets.heatmap(tmp_path / "other.onnx")
    with pytest.raises(MissingDependency, match=r"found other.onnx \(a heat-map pose net\)"):
        load_detector("dwpose", tmp_path)
    assert load_detector("vitpose", tmp_path).persons is None
    (tmp_path / "below").mkdir()
    tiny_nets.simcc(tmp_path / "below" / "end2end.onnx", 17)
    assert load_detector("dwpose", tmp_path).device and load_detector("rtmw", tmp_path).device
    tiny_nets.simcc(tmp_path / "dw-ll_ucoco_384.onnx")
    tiny_nets.yolox(tmp_path / "yolox_l.onnx")
    detector = load_detector("dwpose", tmp_path)
    assert len(detector.pose(frame(), Window.of(Box(150, 200, 500), 0.75))[0]) == 133 and detector.persons is not None
    tiny_nets.yolox(tmp_path / "yolox_m.onnx")
    with pytest.raises(InvalidWeights, match="fit person net: yolox_l.onnx, yolox_m.onnx. Name one"):
        load_detector("dwpose", tmp_path)
    assert load_detector("dwpose", tmp_path, person_weights=WHOLE_FRAME).persons is None


def test_without_onnx_runtime_the_package_is_named(tmp_path, monkeypatch):
    path = tiny_nets.simcc(tmp_path / "a.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingDependency, match="pip install onnxruntime"):
        load_detector("dwpose", weights=path)


def test_half_precision_nets_run_too(tmp_path):
    import onnx
    from onnx import TensorProto, helper

    half = TensorProto.FLOAT16
    image = helper.make_tensor_value_info("input", half, (1, 3, 8, 6))
    outputs = [helper.make_tensor_value_info(name, half, (1, 17, side)) for name, side in (("x", 12), ("y", 16))]
    rows = [
        helper.make_node("ReduceMax", ["input"], [f"{name}_1"], axes=[1, axis], keepdims=0)
        for name, axis in (("x", 2), ("y", 3))
    ]
    copies = [helper.make_node("Concat", [f"{name}_1"] * 34, [f"{name}_34"], axis=0) for name in ("x", "y")] + [
        helper.make_node("Reshape", [f"{name}_34", f"{name}_shape"], [name]) for name in ("x", "y")
    ]
    shapes = [
        helper.make_tensor(f"{n}_shape", TensorProto.INT64, (3,), (1, 17, side)) for n, side in (("x", 12), ("y", 16))
    ]
    graph = helper.make_graph([*rows, *copies], "half", [image], outputs, shapes)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "h.onnx")
    net = load_detector("rtmpose", weights=tmp_path / "h.onnx", person_weights=WHOLE_FRAME).pose
    _, score = net(np.full((8, 6, 3), 255, np.uint8), Window(3, 4, 6, 8))
    assert score.shape == (17,) and (score == 1).all()


def test_a_wish_for_a_missing_device_is_answered_honestly(tmp_path):
    path = tiny_nets.simcc(tmp_path / "a.onnx")
    assert load_detector("dwpose", device="directml", weights=path).device == "cpu (ONNX Runtime)"


def test_the_command_takes_named_files(tmp_path):
    write_mp4(tmp_path / "f.mp4", np.stack([frame()] * 3), 12.5)
    pose, person = tiny_nets.simcc(tmp_path / "a.onnx"), tiny_nets.yolox(tmp_path / "b.onnx")
    words = ["detect", tmp_path / "f.mp4", "--out", tmp_path / "p.json", "--detector", "rtmw", "--weights", pose]
    result = command(*words, "--person-weights", WHOLE_FRAME)
    assert (result["detector"], result["device"], result["frames"]) == ("rtmw", "cpu (ONNX Runtime)", 3)
    found = load_json(tmp_path / "p.json")
    assert np.linalg.norm(found.xy - PLACES[np.arange(133) % 3], axis=-1).max() < 1.5  # the film is compressed
    with pytest.raises(InvalidWeights, match="Expected a SimCC pose net"):
        command(*words[:-1], person)

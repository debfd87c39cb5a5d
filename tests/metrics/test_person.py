"""Pose parts, identity, flicker and the bootstrap, each on cases with known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from humandit.errors import InvalidPose, InvalidWeights
from humandit.metrics import identity
from humandit.metrics.bootstrap import interval
from humandit.metrics.flicker import flicker_frames
from humandit.metrics.parts import part_counts
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas


def poses(frames: int = 3, seed: int = 0) -> PoseSequence:
    """A person of 100 px whose hands and face are 20 px wide."""
    xy = np.random.default_rng(seed).uniform(50, 150, (1, coco.COUNT, 2)).repeat(frames, 0).astype(np.float32)
    for joints in (coco.FACE_SLICE, coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE):
        part = xy[:, joints]
        low, high = part.min((0, 1)), part.max((0, 1))
        xy[:, joints] = 60 + 20 * (part - low) / (high - low)
    return PoseSequence(xy, np.ones((frames, coco.COUNT), np.float32), Canvas(200, 200), 12.5)


def moved(truth: PoseSequence, joints: slice, pixels: float) -> PoseSequence:
    xy = truth.xy.copy()
    xy[:, joints, 0] += pixels
    return replace(truth, xy=xy)


def shares(found: PoseSequence, truth: PoseSequence) -> dict[str, float]:
    return {part: counts[:, 0].sum() / max(counts[:, 1].sum(), 1) for part, counts in part_counts(found, truth).items()}


def test_hands_and_face_reach_by_their_own_boxes() -> None:
    truth = poses()
    assert shares(truth, truth) == {"body": 1, "hand": 1, "face": 1}
    assert shares(moved(truth, coco.LEFT_HAND_SLICE, 3.9), truth)["hand"] == 1  # a hand's 20 px: 4 are allowed
    assert shares(moved(truth, coco.LEFT_HAND_SLICE, 4.1), truth) == {"body": 1, "hand": 0.5, "face": 1}
    assert shares(moved(truth, coco.FACE_SLICE, 1.9), truth)["face"] == 1
    assert shares(moved(truth, coco.FACE_SLICE, 2.1), truth)["face"] == 0


def test_what_the_camera_does_not_see_is_not_asked_for() -> None:
    truth = poses()
    score = truth.score.copy()
    score[:, coco.RIGHT_HAND_SLICE] = 0
    score[0, coco.FACE_SLICE.start : coco.FACE_SLICE.stop - 4] = 0  # four points have no box
    hidden = replace(truth, score=score)
    counts = part_counts(truth, hidden)
    assert counts["hand"].tolist() == [[21, 21]] * 3 and counts["face"].tolist() == [[0, 0], [68, 68], [68, 68]]
    nobody = replace(truth, score=np.zeros_like(truth.score))
    assert part_counts(nobody, truth)["hand"].tolist() == [[0, 42]] * 3  # unreported points are misses
    with pytest.raises(InvalidPose):
        part_counts(truth[:1], truth)


def test_colours_overlap_where_they_are_the_same() -> None:
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    mask = np.zeros((20, 20), bool)
    mask[5:15, 5:15] = True
    turned = reference.copy()
    turned[5:15, 5:15] = reference[5:15, 5:15][::-1, ::-1]  # the same colours elsewhere
    film = np.stack([reference, turned, np.zeros_like(reference)])
    masks = np.stack([mask, mask, mask])
    assert identity.palette_frames(film, masks, reference, mask) == pytest.approx([1, 1, 0], abs=0.12)
    masks[0] = False
    assert np.isnan(identity.palette_frames(film, masks, reference, mask)[0])


def test_faces_are_put_upright_before_they_are_compared() -> None:
    """A face that was turned, moved and made smaller comes out as the same 112 x 112 picture."""
    cv2 = pytest.importorskip("cv2")
    rng = np.random.default_rng(0)
    five = identity.EYES_NOSE_MOUTH
    face = cv2.resize(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8), (112, 112), interpolation=cv2.INTER_CUBIC)
    place = np.array([[0.7, -0.3, 60], [0.3, 0.7, 20]])
    frame = cv2.warpAffine(face, place, (200, 200), flags=cv2.INTER_CUBIC)
    xy = np.zeros((1, coco.COUNT, 2), np.float32)
    for (low, high), (x, y) in zip(identity.LANDMARKS, five, strict=True):
        xy[0, coco.FACE_SLICE.start + low : coco.FACE_SLICE.start + high] = place @ [x, y, 1]
    pose = PoseSequence(xy, np.ones((1, coco.COUNT), np.float32), Canvas(200, 200), 12.5)
    shown = identity.aligned_face(frame, pose, 0)
    assert shown is not None
    assert np.abs(shown[10:-10, 10:-10].astype(int) - face[10:-10, 10:-10]).mean() < 4
    half = replace(pose, score=pose.score * 0.5)
    assert identity.aligned_face(frame, half, 0) is None
    alike = lambda a, b: float(np.abs(a.astype(int) - b).mean())  # noqa: E731
    film = np.stack([frame, np.zeros_like(frame)])
    twice = pose.concat(pose)
    assert identity.face_frames(film, twice, twice, shown, alike, 0.3).tolist() == [
        0,
        pytest.approx(shown.mean(), rel=0.01),
    ]
    assert np.isnan(identity.face_frames(film, twice, half.concat(half), shown, alike, 0.3)).all()
    unseen = half.concat(half)
    assert identity.found_frames(film, twice, twice, shown, 0.3).tolist() == [1, 1]
    assert identity.found_frames(film, unseen, twice, shown, 0.6).tolist() == [0, 0]
    assert np.isnan(identity.found_frames(film, twice, unseen, shown, 0.3)).all()


def test_a_similarity_never_mirrors() -> None:
    source = identity.EYES_NOSE_MOUTH
    mirrored = source * [-1, 1]
    matrix = identity.similarity(source, mirrored)
    assert matrix is not None and np.linalg.det(matrix[:, :2]) > 0
    assert identity.similarity(np.zeros((5, 2)), source) is None


def test_arcface_takes_an_onnx_net_of_its_shape(tmp_path) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    save_embedder(onnx, tmp_path / "face.onnx", 512)
    alike = identity.arcface(tmp_path / "face.onnx")
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 256, (2, 112, 112, 3), dtype=np.uint8)
    assert alike(a, a) == pytest.approx(1, abs=1e-5) and alike(a, 255 - a) == pytest.approx(-1, abs=1e-3)
    assert -1 <= alike(a, b) <= 1
    save_embedder(onnx, tmp_path / "small.onnx", 128)
    with pytest.raises(InvalidWeights, match="should give 512 numbers for a face, gives 128"):
        identity.arcface(tmp_path / "small.onnx")(a, a)
    (tmp_path / "broken.onnx").write_bytes(b"none")
    with pytest.raises(InvalidWeights, match="cannot be opened"):
        identity.arcface(tmp_path / "broken.onnx")


def save_embedder(onnx, path, size: int) -> None:
    """A net from [1, 3, 112, 112] to [1, size]: a flat picture times a small random matrix, after pooling."""
    helper, kinds = onnx.helper, onnx.TensorProto
    matrix = np.random.default_rng(0).standard_normal((3 * 7 * 7, size)).astype(np.float32)
    nodes = [
        helper.make_node("AveragePool", ["face"], ["small"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Flatten", ["small"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes, "face",
        [helper.make_tensor_value_info("face", kinds.FLOAT, [1, 3, 112, 112])],
        [helper.make_tensor_value_info("embedding", kinds.FLOAT, [1, size])],
        [onnx.numpy_helper.from_array(matrix, "matrix")],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


def test_flicker_is_change_that_the_truth_does_not_have() -> None:
    before = np.zeros((4, 4, 3))
    truth = np.stack([np.full((4, 4, 3), v) for v in (0.1, 0.2, 0.3)])
    assert flicker_frames(truth + 0.2, truth, before) == pytest.approx([0.2, 0, 0])  # a jump at first, then in step
    assert flicker_frames(np.zeros_like(truth), truth, before) == pytest.approx([0.1, 0.1, 0.1])


def test_intervals_hold_the_mean_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    hits = [low <= 0 <= high for low, high in (interval(rng.normal(0, 1, 40), seed=i) for i in range(60))]
    assert 0.85 <= np.mean(hits) <= 1
    assert (
        interval(np.array([1.0, 3.0, np.nan]), seed=4) == interval(np.array([1.0, 3.0, np.nan]), seed=4) == (1.0, 3.0)
    )
    assert interval(np.array([0.0, 1.0]), np.array([0, 5])) == (1.0, 1.0)  # clips without keypoints weigh nothing
    assert interval(np.array([np.nan])) == (0.0, 0.0)

"""Scores of motion: the truth is perfect, rivals are worse than real motion, and features can be read."""

import json
from dataclasses import replace

import numpy as np
import pytest

from humandit.cli import main
from humandit.data.motion import corrupted, draw_film
from humandit.errors import InvalidPose
from humandit.metrics.frechet import features, frechet_distance
from humandit.metrics.motion import Rest, Task, generation_scores, off_canvas, ratios, refinement_scores
from humandit.metrics.motion_real import halves_distance, motion_distance, obedience, ranges
from humandit.metrics.motion_rivals import cubic, hold, linear, noise_walk, paste
from humandit.metrics.motion_shake import bone_jitter
from humandit.motion.config import MotionConfig
from humandit.motion.model import KeypointDiT
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.weights.save import save_model

TAU, FRAMES = 8, 51


@pytest.fixture(scope="module")
def films():
    return [draw_film(seed, "heldout", FRAMES) for seed in range(8)]


@pytest.fixture(scope="module")
def tasks(films):
    faulty = [corrupted(f.poses[TAU + 1 :], f.height, np.random.default_rng(i)) for i, f in enumerate(films)]
    return [Task(f.poses, given, TAU, f.height) for f, given in zip(films, faulty, strict=True)]


def falling(frames):
    """All joints on one parabola: at rest in frame 0, then ever faster."""
    xy = np.zeros((frames, coco.COUNT, 2), np.float32)
    xy[..., 1] = (np.arange(frames) ** 2)[:, None]
    return PoseSequence(xy, np.ones(xy.shape[:2]), Canvas(100, 100), 25.0)


def test_the_truth_has_no_error_and_the_input_has(tasks):
    answers = iter([task.truth for task in tasks] * 2)
    scores = refinement_scores(lambda *_: next(answers), tasks)
    assert scores["clean_error"] == 0 and scores["tau_error"]["model"] == 0
    assert 0 < scores["tau_error"]["cubic"] < 0.1 and 0 < scores["tau_error"]["linear"] < 0.1
    for part in ("hand_error", "face_error", "body_error"):
        assert scores[part]["model"] == 0 < scores[part]["input"]


def test_a_refiner_that_changes_nothing_scores_as_its_input_and_as_linear(tasks):
    scores = refinement_scores(linear, tasks)
    assert scores["tau_error"]["model"] == scores["tau_error"]["linear"] and scores["clean_error"] == 0
    assert scores["hand_error"]["model"] == scores["hand_error"]["input"]


def test_interpolations_end_where_the_film_begins():
    film = falling(20)
    line, curve = (way(film[:1], film[5:], 4) for way in (linear, cubic))
    assert len(line) == len(curve) == 20 and np.array_equal(line.xy[5:], film.xy[5:])
    np.testing.assert_allclose(line.xy[1:5, 0, 1], [5, 10, 15, 20], atol=1e-4)
    assert np.abs(curve.xy - film.xy).max() < 0.3 * np.abs(line.xy - film.xy).max(), "it starts at rest"


def test_equal_sets_have_no_distance_and_a_shift_has_its_square():
    rows = np.random.default_rng(0).normal(size=(500, 6))
    assert frechet_distance(rows, rows) == pytest.approx(0, abs=1e-8)
    assert frechet_distance(rows + 2 * rows.std(0), rows) == pytest.approx(6 * 4, rel=1e-6)


def test_features_are_of_seconds_and_forget_place_and_size():
    film = draw_film(3, "heldout", 60)
    rows = features(film.poses, film.height)
    assert rows.shape == (2, 68) and np.isfinite(rows).all()
    moved = replace(film.poses, xy=film.poses.xy * 2 + [30, 50])
    np.testing.assert_allclose(features(moved, 2 * film.height), rows, atol=1e-3)


def test_real_motion_is_nearer_than_every_rival(films):
    others = [draw_film(seed, "train", FRAMES) for seed in range(8)]
    rest = Rest(others, again=films, longer=[draw_film(seed, "heldout", 2 * FRAMES) for seed in range(8)])
    scores = generation_scores([[f.poses for f in films]] * 2, films, rest)
    assert scores["frechet"]["model"] == pytest.approx(0, abs=1e-6) and scores["first_frame_error"] == 0
    assert all(scores["frechet"][rival] > 1 for rival in ("hold", "noise", "paste"))
    assert scores["diversity"] == 0 and scores["jerk_ratio"] == pytest.approx(1)
    assert scores["frechet"]["other"] == pytest.approx(0, abs=1e-6), "the same films"
    assert 0 < scores["frechet"]["real"] < scores["frechet"]["hold"]


def test_next_seconds_lie_nearer_than_other_people(films):
    real, heights = [f.poses for f in films], [f.height for f in films]
    again = [draw_film(seed, "heldout", FRAMES) for seed in range(100, 108)]
    other = motion_distance([f.poses for f in again], real, [f.height for f in again], heights)
    assert 0 < halves_distance([draw_film(seed, "heldout", 2 * FRAMES) for seed in range(8)]) < other


def test_real_motion_lies_within_its_own_range_and_a_held_pose_below(films):
    heights = [f.height for f in films]
    real = ranges([f.poses for f in films], heights, films)
    assert set(real) == {"speed", "jerk", "bone"}
    assert all(m["low"] < m["model"] < m["high"] and m["within"] >= 0.75 for m in real.values())
    still = ranges([hold(f.poses[:1], FRAMES - 1) for f in films], heights, films)
    assert all(m["model"] == 0 and m["within"] == 0 for m in still.values())


def test_obedience_reads_the_energy_back(films):
    heights = [f.height for f in films]
    still = [hold(f.poses[:1], FRAMES - 1) for f in films]
    fast = [replace(f.poses, fps=250.0) for f in films]
    shares = obedience({0.1: still, 0.5: [f.poses for f in films], 0.9: fast}, heights)
    assert shares["0.1"] < 0.02 < 0.2 < shares["0.5"] < 0.8 < shares["0.9"]


def test_a_held_pose_is_too_slow_and_a_noise_walk_tears_bones(films):
    real, heights = [f.poses for f in films], [f.height for f in films]
    still = ratios([hold(f.poses[:1], FRAMES - 1) for f in films], real, heights)
    assert still["speed_ratio"] == 0 and still["jerk_ratio"] == 0
    rng = np.random.default_rng(0)
    walk = ratios([noise_walk(f.poses[:1], FRAMES - 1, f.height, rng) for f in films], real, heights)
    assert walk["jerk_ratio"] > 2 and walk["bone_ratio"] > 2
    assert bone_jitter(falling(10), 100.0) == 0


def test_a_pasted_motion_starts_at_the_picture_and_keeps_its_size(films):
    made = paste(films[0].poses[:1], films[0].height, films[1])
    assert np.array_equal(made.xy[0], films[0].poses.xy[0]) and len(made) == FRAMES
    wide = lambda poses, t: np.linalg.norm(poses.xy[t, 5] - poses.xy[t, 6])  # noqa: E731
    scale = films[0].height / films[1].height
    assert wide(made, 9) == pytest.approx(scale * wide(films[1].poses, 9), rel=1e-3)


def test_somebody_who_walks_off_is_noticed():
    poses = falling(20)  # leaves a canvas of 100 pixels after frame 9
    assert off_canvas(poses) == 0.5 and off_canvas(poses[:9]) == 0


def test_a_task_of_the_wrong_length_is_refused(films):
    with pytest.raises(InvalidPose, match="needs a truth of 51 frames"):
        Task(films[0].poses[:40], films[0].poses[9:], 8, 100.0)


def test_the_command_scores_a_file_of_weights(tmp_path, capsys):
    config = MotionConfig(heads=1, head_dim=32, layers=1, time_dim=16)
    weights = save_model(tmp_path / "m.safetensors", KeypointDiT(config), config, "motion")
    words = ["--weights", str(weights), "--films", "8", "--seconds", "2", "--steps", "1", "--json"]
    assert main(["motion", "evaluate", *words]) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result["refine"]["tau_error"]) == {"model", "linear", "cubic"}
    assert set(result["generate"]["frechet"]) == {"model", "hold", "noise", "paste", "real", "other"}
    assert {"diversity", "jerk_ratio", "seconds_per_second"} <= set(result["generate"])
    assert set(result["generate"]["energy"]) == {"0.1", "0.5", "0.9", "real"}
    assert all(0 <= result["generate"][name] <= 1 for name in ("off_canvas_20s", "off_canvas_20s_raw"))
    assert result["generate"]["first_frame_error"] < 1e-3
    assert main(["motion", "evaluate", "--weights", str(weights), "--tau", "0"]) == 2

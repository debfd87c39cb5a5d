"""Our detector beside the reference's: the arithmetic, and the real two on a few real frames."""

import numpy as np
import pytest

from humandit.errors import MissingDependency
from humandit.media.read import read_film
from humandit.metrics.holistic import Answer, Holistic, environment
from humandit.metrics.reference import agreement, ours, side_by_side, speed
from humandit.pose.detect import load_detector
from humandit.wheels import cache_root
from tests.conftest import STRICT, missing


def answer(shift: float, seconds: float, frames: int = 5) -> Answer:
    xy = np.tile(np.random.default_rng(0).uniform(0, 100, (133, 2)), (frames, 1, 1)) + [shift, 0]
    return Answer(xy, np.ones((frames, 133)), np.full((frames, 2), [seconds, 2 * seconds]))


def test_agreement_is_the_distance_of_points_that_both_see_of_one_person():
    pair = answer(0, 1), answer(3, 1)
    pair[1].score[0] = 0
    pair[1].score[1, 23:91] = 0
    pair[0].xy[2] += 500
    scores = agreement([pair])
    assert (scores["frames"], scores["other_frames"]) == (3, 1)
    assert scores["agreement_px"] == pytest.approx(3) == scores["face_px"]
    assert scores["face_found"] == 1 and scores["face_reference_found"] == pytest.approx(2 / 3)


def test_speed_compares_medians_of_frames_after_the_start():
    slow = answer(0, 0.2)
    slow.seconds[:3] = 9
    scores = speed([(answer(0, 0.1), slow)])
    assert scores["speed_ratio"] == pytest.approx(2) and scores["cpu_ratio"] == pytest.approx(2)
    assert scores["ms_per_frame"] == pytest.approx(100) and scores["reference_cpu_ms_per_frame"] == pytest.approx(400)


def test_without_its_packages_the_reference_says_so_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("HUMANDIT_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(MissingDependency, match="could not be made"):
        environment()
    assert not list(tmp_path.iterdir())


@pytest.mark.real
@pytest.mark.slow
def test_the_detector_agrees_with_mediapipes_own_holistic():
    path = cache_root() / "films" / "doll.webp"
    if not path.is_file():
        missing(f"{path} is missing. Fetch it with: python -m tools.fetch")
    if not STRICT and not (cache_root() / "holistic" / "ready").is_file():
        pytest.skip("The reference is not installed: python -m humandit pose evaluate --parts reference")
    frames = read_film(path, max_frames=20).frames
    detector = load_detector("mediapipe")
    with Holistic(environment()) as holistic:
        pairs = side_by_side(detector, holistic, [frames], rounds=1)
    scores = agreement(pairs)
    assert scores["frames"] == 20 and scores["agreement_px"] < 4 and scores["body_px"] < 3
    assert scores["agreement_median_px"] < 1.5 and speed(pairs)["reference_ms_per_frame"] > 0
    assert ours(detector, frames[:4]).seconds.shape == (4, 2)

"""Two folders of films: paired by name, compared, and everything that does not fit is named."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from humandit.cli import main
from humandit.errors import InvalidMedia
from humandit.media.write import write_mp4
from humandit.metrics.evaluate import Tools, clip_means
from humandit.metrics.folders import Pair, as_clips, natural, read_pairs
from humandit.metrics.judge import Judge
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

SIDE = 48


def film(seed: int, frames: int = 12) -> np.ndarray:
    """A soft square that walks over a still picture."""
    rng = np.random.default_rng(seed)
    ground = np.asarray(Image.fromarray(rng.integers(0, 200, (6, 6, 3), dtype=np.uint8)).resize((SIDE, SIDE)))
    out = np.repeat(ground[None], frames, 0)
    for t in range(frames):
        out[t, 10:34, 4 + 2 * t : 16 + 2 * t] = (230, 60, 40)
    return out


def save_pictures(folder, frames: np.ndarray) -> None:
    folder.mkdir(parents=True)
    for t, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"{t}.png")


def test_films_and_pictures_are_paired_by_name(tmp_path) -> None:
    made, truth = tmp_path / "made", tmp_path / "truth"
    save_pictures(made / "b", film(1))
    save_pictures(truth / "b", film(1))
    for folder in (made, truth):
        write_mp4(folder / "a10.mp4", film(0), 25)
        write_mp4(folder / "a9.mp4", film(0), 25)
    pairs = read_pairs(made, truth, 10)
    assert [(pair.name, len(pair.made), pair.fps) for pair in pairs] == [("a9", 12, 25), ("a10", 12, 25), ("b", 12, 10)]
    assert np.array_equal(pairs[2].made, film(1))  # twelve pictures, "9" before "10"
    alone = read_pairs(made / "b", truth / "b", 10)
    assert [pair.name for pair in alone] == ["film"] and sorted(["10", "9"], key=natural) == ["9", "10"]


def test_what_does_not_fit_is_named(tmp_path) -> None:
    made, truth = tmp_path / "made", tmp_path / "truth"
    save_pictures(made / "b", film(1))
    save_pictures(truth / "b", film(1, 11))
    with pytest.raises(InvalidMedia, match="b: .* got 12 frames of 48x48 and 11 of 48x48"):
        read_pairs(made, truth, 10)
    save_pictures(truth / "c", film(1))
    with pytest.raises(InvalidMedia, match=r"no partner: c \(only in truth\)"):
        read_pairs(made, truth, 10)
    with pytest.raises(InvalidMedia, match="nothing at"):
        read_pairs(made, tmp_path / "no", 10)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidMedia, match="found none"):
        read_pairs(made, tmp_path / "empty", 10)
    save_pictures(tmp_path / "one" / "b", film(1, 1))
    with pytest.raises(InvalidMedia, match="at least 2 of one size"):
        read_pairs(tmp_path / "one", tmp_path / "one", 10)


class Standing:
    """Finds a person in the middle of the left half of every picture, as unsure as detectors are."""

    def detect(self, frames, fps: float) -> PoseSequence:
        frames = list(frames)
        height, width = frames[0].shape[:2]
        spots = np.random.default_rng(0).uniform((0.23, 0.45), (0.25, 0.5), (1, coco.COUNT, 2)) * (width, height)
        xy = np.repeat(spots, len(frames), 0).astype(np.float32)
        return PoseSequence(xy, np.full(xy.shape[:2], 0.6, np.float32), Canvas(width, height), fps)


def test_what_the_detector_sees_in_the_true_film_is_the_truth() -> None:
    pair = Pair("a", film(0)[:, ::-1], film(0), 10)
    clip = as_clips([pair], Standing())[0]
    assert len(clip.frames) == 13 and np.array_equal(clip.frames[0], clip.frames[1])
    assert clip.poses.canvas == Canvas(SIDE, SIDE) and (clip.poses.score == 1).all()
    assert 0.05 < clip.mask[:, :, : SIDE // 2].mean() and clip.mask[:, :, -8:].mean() == 0
    scores = clip_means(Judge(clip, Tools(Standing())).score(pair.made))
    assert scores["pck"] == scores["hand_pck"] == 1 and scores["person_psnr"] < 40


def test_the_command_compares_and_draws(tmp_path, capsys) -> None:
    made, truth = tmp_path / "made", tmp_path / "truth"
    rng = np.random.default_rng(0)
    for seed in range(3):
        save_pictures(truth / str(seed), film(seed))
        save_pictures(
            made / str(seed), (film(seed) + rng.normal(0, 8, (12, SIDE, SIDE, 3))).clip(0, 255).astype(np.uint8)
        )
    words = ["evaluate", str(made), str(truth), "--detector", "none", "--segment-frames", "6", "--device", "cpu"]
    assert main([*words, "--out", str(tmp_path / "out"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["names"] == ["0", "1", "2"] and result["clips"] == 3
    assert 20 < result["made"]["psnr"] < result["ground_truth"]["psnr"] == 100
    assert result["made"]["interval"]["psnr"][0] <= result["made"]["psnr"] <= result["made"]["interval"]["psnr"][1]
    assert len(result["made"]["segments"]) == 2 and "person_psnr" not in result["made"] and "pck" not in result["made"]
    page = (tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    assert page.count("data:image/webp;base64") == 3 and "<svg" in page and "http" not in page.replace("http-equiv", "")
    assert main(["evaluate", str(made), str(tmp_path / "no")]) == 2

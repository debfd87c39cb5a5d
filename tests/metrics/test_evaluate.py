"""The comparison on made-up clips, the rivals with tiny random networks, and the verb ``evaluate`` on models."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from humandit.commands import evaluate
from humandit.commands.evaluate import held_out
from humandit.commands.evaluate import rivals as named
from humandit.errors import HumanDiTError, InvalidShape
from humandit.metrics import rivals
from humandit.metrics.evaluate import FilmScores, Tools, TrueClip, clip_means, compare, margins, means_over_clips, row
from humandit.metrics.judge import Judge
from humandit.pipeline import Models, Settings, render
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.video.config import DiTConfig
from humandit.video.continuity import continuity
from humandit.video.light_vae import LightVAE, LightVAEConfig
from humandit.video.model import HumanDiT
from humandit.video.sample import Sampling
from humandit.weights.save import save_model

SIDE = 32


@dataclass(frozen=True)
class Clip:
    frames: np.ndarray
    poses: PoseSequence
    mask: np.ndarray


def clip(seed: int, frames: int = 9) -> Clip:
    """A bright square that moves over noise, its keypoints inside it."""
    rng = np.random.default_rng(seed)
    film = np.repeat(rng.integers(0, 128, (1, SIDE, SIDE, 3), dtype=np.uint8), frames, axis=0)
    mask = np.zeros((frames, SIDE, SIDE), bool)
    xy = np.zeros((frames, coco.COUNT, 2), np.float32)
    for t in range(frames):
        left = 2 + 2 * t
        mask[t, 8:24, left : left + 8] = True
        xy[t] = np.array([left, 8]) + rng.random((coco.COUNT, 2)) * np.array([8, 16])
    film[mask] = 250
    score = np.zeros((frames, coco.COUNT), np.float32)
    score[:, : coco.BODY_SLICE.stop] = 1
    return Clip(film, PoseSequence(xy, score, Canvas(SIDE, SIDE), 12.5), mask)


def tiny() -> Models:
    torch.manual_seed(0)
    config = DiTConfig(heads=2, head_dim=16, layers=1, time_dim=8, text_dim=None, rope_base=(2, 2), prediction="x0")
    vae = LightVAE(LightVAEConfig(width=8, layers=1, detail=4)).eval().requires_grad_(False)
    for part in (vae.single, vae.quad):
        part.fit(torch.rand(300, part.mean.numel()))
    dit = HumanDiT(config).eval()
    torch.nn.init.normal_(dit.pose_guider.proj.weight, std=0.5)
    return Models(dit, vae)


@pytest.fixture
def models() -> Models:
    """A model that listens to poses, and a VAE, both of random weights."""
    return tiny()


class Truthful:
    """Finds every body point where the true clip has it."""

    def __init__(self, clip: TrueClip):
        self.poses = clip.poses[slice(1, None)]

    def detect(self, frames: Iterable[np.ndarray], fps: float) -> PoseSequence:
        height, width = next(iter(frames)).shape[:2]
        return self.poses.resized(Canvas(width, height))


def film_scores(values: dict[str, list[float]], found: int = 0, wanted: int = 0) -> FilmScores:
    frames = {name: np.array(each) for name, each in values.items()}
    return FilmScores(frames, {"body": np.array([[found, wanted]])} if wanted else {}, {})


def test_the_truth_is_perfect_and_the_person_weighs_where_it_was_too() -> None:
    one = clip(0)
    judge = Judge(one, Tools(Truthful(one)))
    perfect = judge.score(one.frames[1:])
    assert clip_means(perfect).items() >= {"psnr": 100.0, "person_psnr": 100.0, "l1": 0.0, "flicker": 0.0}.items()
    assert clip_means(perfect)["perceptual"] == pytest.approx(0, abs=1e-6)
    assert list(perfect.counts["body"].sum(0)) == [8 * 15, 8 * 15] and clip_means(perfect)["pck"] == 1.0
    still = clip_means(Judge(one, Tools()).score(rivals.repeat_reference([one])[0]))
    assert still["person_psnr"] < still["psnr"] and still["person_perceptual"] > still["perceptual"]
    assert "pck" not in still and "lpips" not in still and "fid" not in still


def test_keypoints_are_pooled_and_scores_averaged() -> None:
    scores = [film_scores({"psnr": [20.0]}, 1, 10), film_scores({"psnr": [30.0, np.nan]}, 5, 5), film_scores({})]
    assert means_over_clips(scores) == pytest.approx({"psnr": 25, "pck": 0.4})


def test_segments_tell_the_drift_and_gains_point_upwards() -> None:
    scores = [film_scores({"person_psnr": [20.0, 22.0, 18.0, np.nan], "perceptual": [0.1, 0.1, 0.3, 0.3]})] * 2
    line = row(scores, [], [slice(0, 2), slice(2, 4)])
    assert [part["person_psnr"] for part in line["segments"]] == [21.0, 18.0]
    assert line["drift"] == pytest.approx({"person_psnr": -3.0, "perceptual": 0.2})
    assert line["interval"]["person_psnr"] == [20.0, 20.0]  # clips that agree leave no doubt
    better = [film_scores({"person_psnr": [21.0], "perceptual": [0.1]})] * 2
    gains = margins(better, scores)
    assert gains["person_psnr"] == pytest.approx([1.0] * 3) and gains["perceptual"] == pytest.approx([0.1] * 3)


def test_closed_and_wins() -> None:
    clips = [clip(0), clip(1)]
    truth, repeat = rivals.ground_truth(clips), rivals.repeat_reference(clips)
    films = {"model": [truth[0], repeat[1]], "repeat_reference": repeat, "vae_only": truth}
    result = compare(films, clips, Tools())
    assert result["closed"] == pytest.approx(0.5, abs=0.01)
    assert (result["wins"], result["clips"]) == (0.5, 2)
    assert {"psnr", "ssim", "l1", "perceptual", "fd_random", "fd_random_vid", "palette"} <= set(result["model"])
    assert result["vae_only"]["fd_random"] < 1e-4 < result["model"]["fd_random"]
    assert result["margins"]["repeat_reference"]["person_psnr"][0] > 0 > result["margins"]["vae_only"]["person_psnr"][0]


def test_a_film_of_another_length_is_refused() -> None:
    one = clip(0)
    with pytest.raises(InvalidShape, match=r"\[8, 32, 32, 3\]"):
        Judge(one, Tools()).score(one.frames)


def test_samples_do_not_depend_on_the_batch_and_listen_to_the_pose(models) -> None:
    clips = [clip(i) for i in range(3)]
    sampling = Sampling(steps=2, guidance=1.5)
    poses = [c.poses for c in clips]
    together = list(rivals.sampled(clips, models, sampling, poses, batch=3))
    alone = list(rivals.sampled(clips, models, sampling, poses, batch=1))
    assert [film.shape for film in together] == [(8, SIDE, SIDE, 3)] * 3
    for a, b in zip(together, alone, strict=True):
        assert np.abs(a.astype(int) - b.astype(int)).max() <= 1
    without = list(rivals.sampled(clips, models, sampling, None, batch=3))
    other = list(rivals.sampled(clips, models, sampling, rivals.shuffled(clips), batch=3))
    assert not np.array_equal(without[0], together[0])
    assert not np.array_equal(other[0], together[0])


def test_one_segment_of_the_pipeline_is_what_is_scored(models) -> None:
    """The evaluation batches clips itself; it must make what ``pipeline.render`` makes."""
    one = clip(5)
    settings = Settings(Canvas(SIDE, SIDE), segment_frames=9, sampling=Sampling(steps=2, seed=4))
    picture = torch.from_numpy(one.frames[0]).float() / 255
    rendered = list(render(picture, one.poses, models, settings, lambda segment, done, total: None))
    film = next(rivals.sampled([one], models, settings.sampling, [one.poses]))
    assert np.abs((rendered[0].frames.numpy() * 255) - film).max() <= 0.5 + 1e-3


def test_several_segments_are_the_pipelines_own(models) -> None:
    clips = [clip(i, 17) for i in range(2)]
    sampling = Sampling(steps=2, guidance=1.5)
    films = list(rivals.chained(clips, models, sampling, [c.poses for c in clips], 9))
    assert [film.shape for film in films] == [(16, SIDE, SIDE, 3)] * 2
    first = next(rivals.sampled([clip(0)], models, sampling, [clip(0).poses]))
    assert np.abs(films[0][:8].astype(int) - first.astype(int)).max() <= 1
    carried = next(rivals.chained(clips, models, sampling, [c.poses for c in clips], 9, continuity("default")))
    assert carried.shape == films[0].shape and not np.array_equal(carried, films[0])
    blind = next(rivals.chained(clips, models, sampling, None, 9))
    alone = next(rivals.sampled([clip(0)], models, sampling, None))
    assert np.abs(blind[:8].astype(int) - alone.astype(int)).max() <= 1  # the poses are gone, not empty
    grey = next(rivals.chained(rivals.without_prefix(clips), models, sampling, [c.poses for c in clips], 9))
    assert not np.array_equal(grey, films[0]) and (rivals.without_prefix(clips)[0].frames[0] == rivals.GREY).all()


def test_the_vae_and_its_linear_part(models) -> None:
    clips = [clip(0)]
    linear = rivals.through_pca(clips, models.vae)
    assert linear is not None
    assert linear[0].shape == rivals.through_vae(clips, models.vae)[0].shape == (8, SIDE, SIDE, 3)


def test_shuffled_poses_go_one_clip_on() -> None:
    clips = [clip(0), clip(1), clip(2)]
    moved = rivals.shuffled(clips)
    for i in range(3):
        assert np.array_equal(moved[i].xy, clips[i - 1].poses.xy)


@pytest.mark.parametrize("segments", [1, 2])
def test_every_promised_number(models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, segments: int) -> None:
    model = save_model(tmp_path / "model.safetensors", models.dit, models.dit.config, "video")
    vae = save_model(tmp_path / "vae.safetensors", models.vae, models.vae.config, "vae")
    made = lambda args: [clip(args.seed + i, 1 + 8 * segments) for i in range(args.clips)]  # noqa: E731
    monkeypatch.setattr(held_out, "_clips", made)
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    words = [str(model), "--vae", str(vae), "--clips", "2", "--detector", "none", "--out", str(tmp_path / "out")]
    words += ["--segments", str(segments), "--frames", "9", "--against", str(model), "--device", "cpu", "--json"]
    words += ["--steps", "2"]
    result = evaluate.run(parser.parse_args(words))

    json.dumps(result, allow_nan=False)
    for rival in ("model", *named.NAMES):
        assert {"psnr", "ssim", "person_psnr", "person_ssim", "perceptual", "interval"} <= set(result[rival])
        assert len(result[rival]["segments"]) == segments
        assert not {"lpips", "fid", "fid_vid", "fvd"} & set(result[rival])
    assert result["against"]["psnr"] == result["model"]["psnr"] != result["no_guidance"]["psnr"]
    assert result["guided"]["psnr"] == result["model"]["psnr"]
    assert {"closed", "wins", "steps", "guidance", "seconds"} <= set(result)
    assert (result["clips"], result["guidance"]) == (2, 1.5)
    assert result["vae"]["psnr"] > 0 < result["vae"]["pca_psnr"]
    assert "seed 0" in result["features"]["perceptual"]
    outputs = result["outputs"]
    assert all(
        Path(path).is_file() for path in (outputs["table"], outputs["page"], outputs["json"], *outputs["sheets"])
    )
    lines = Path(outputs["table"]).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("rival,clip,person_psnr") and len(lines) == 1 + 2 * (1 + len(named.NAMES))

    kept = [*words, "--rivals", "repeat_reference", "--keep", str(tmp_path / "kept")]
    again = evaluate.run(parser.parse_args(kept))
    assert again["model"]["psnr"] == result["model"]["psnr"] and "puppet" not in again
    monkeypatch.setattr(rivals, "sampled", None)  # nothing more is made
    monkeypatch.setattr(rivals, "chained", None)
    assert evaluate.run(parser.parse_args(kept))["model"] == again["model"]
    with pytest.raises(HumanDiTError, match=r"another evaluation: seed 0, asked 1\."):
        evaluate.run(parser.parse_args([*kept, "--seed", "1"]))

    with pytest.raises(HumanDiTError, match="at least 2"):
        evaluate.run(parser.parse_args([str(model), "--clips", "1"]))
    with pytest.raises(HumanDiTError, match="two folders"):
        evaluate.run(parser.parse_args(["a", "b", "c"]))

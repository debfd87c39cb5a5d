"""The comparison on made-up clips, the rivals with tiny random networks, and the verb ``evaluate`` on both."""

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
from humandit.errors import HumanDiTError, InvalidShape
from humandit.metrics import rivals
from humandit.metrics.evaluate import Scores, TrueClip, compare, mean_scores, score
from humandit.pipeline import Models, Settings, render
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.video.config import DiTConfig
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


def test_the_truth_is_perfect_and_the_person_weighs_where_it_was_too() -> None:
    one = clip(0)
    perfect = score(one.frames[1:], one, Truthful(one))
    assert (perfect.psnr, perfect.person_psnr, perfect.found, perfect.wanted) == (100.0, 100.0, 8 * 15, 8 * 15)
    still = score(rivals.repeat_reference([one])[0], one, None)
    assert still.person_psnr < still.psnr
    assert still.wanted == 0


def test_keypoints_are_pooled_and_scores_averaged() -> None:
    means = mean_scores([Scores(20.0, 0.5, 10.0, 0.2, 1, 10), Scores(30.0, 0.7, 20.0, 0.4, 5, 5)])
    assert means == pytest.approx({"psnr": 25, "ssim": 0.6, "person_psnr": 15, "person_ssim": 0.3, "pck": 0.4})


def test_closed_and_wins() -> None:
    clips = [clip(0), clip(1)]
    truth, repeat = rivals.ground_truth(clips), rivals.repeat_reference(clips)
    films = {"model": [truth[0], repeat[1]], "repeat_reference": repeat, "vae_only": truth}
    result = compare(films, clips, None)
    assert result["closed"] == pytest.approx(0.5, abs=0.01)
    assert (result["wins"], result["clips"]) == (0.5, 2)
    assert set(result["model"]) == {"psnr", "ssim", "person_psnr", "person_ssim", "pck"}  # type: ignore[arg-type]


def test_a_film_of_another_length_is_refused() -> None:
    one = clip(0)
    with pytest.raises(InvalidShape, match=r"\[8, 32, 32, 3\]"):
        score(one.frames, one, None)


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


def test_every_promised_number(models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = save_model(tmp_path / "model.safetensors", models.dit, models.dit.config, "video")
    vae = save_model(tmp_path / "vae.safetensors", models.vae, models.vae.config, "vae")
    monkeypatch.setattr(evaluate, "_clips", lambda args: [clip(args.seed + i) for i in range(args.clips)])
    monkeypatch.setattr(evaluate, "STEPS", 2)
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    words = [str(model), "--vae", str(vae), "--clips", "2", "--detector", "none", "--out", str(tmp_path / "out")]
    result = evaluate.run(parser.parse_args([*words, "--device", "cpu", "--json"]))

    json.dumps(result, allow_nan=False)
    for rival in ("model", "repeat_reference", "shuffled_pose", "no_pose", "vae_only", "ground_truth"):
        assert set(result[rival]) == {"psnr", "ssim", "person_psnr", "person_ssim", "pck"}
    assert {"closed", "wins", "steps", "guidance", "seconds"} <= set(result)
    assert result["clips"] == 2
    assert result["guidance"] == 1.5
    assert result["vae"]["psnr"] > 0 < result["vae"]["pca_psnr"]
    assert [Path(path).is_file() for path in result["sheets"]] == [True, True]

    with pytest.raises(HumanDiTError, match="at least 2"):
        evaluate.run(parser.parse_args([str(model), "--clips", "1"]))

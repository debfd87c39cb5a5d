"""What the ablation compares: each arm sees what it says, and all may spend the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from humandit.train import ablation
from humandit.train.ablation import ARMS, REFERENCES, SIZES, Arm, Budget, trained
from humandit.train.shards import Shard
from humandit.types import Canvas
from humandit.video.light_vae import LightVAE
from humandit.video.sample import Sampling, sample_latents

TINY = replace(SIZES, heads=2, head_dim=16, layers=2, time_dim=16, in_channels=16, out_channels=16)


@pytest.fixture
def channels():
    torch.manual_seed(0)
    model = REFERENCES["channels"](TINY)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    return model.eval()


def test_the_reference_beside_every_frame_reaches_every_frame(channels):
    latents, time, pose = torch.randn(1, 4, 16, 4, 4), torch.tensor([500]), torch.rand(1, 4, 4, 4, 512)
    other = latents.clone()
    other[:, 0] += 1
    made, moved = (channels(film, time, pose) for film in (latents, other))
    assert made.shape == latents.shape and torch.equal(made[:, 0], latents[:, 0])
    assert ((made - moved)[:, 1:].abs().flatten(2).amax(2) > 1e-4).all()


def test_it_sees_the_poses_of_the_noisy_frames_alone(channels):
    latents, time, pose = torch.randn(1, 4, 16, 4, 4), torch.tensor([500]), torch.rand(1, 4, 4, 4, 512)
    elsewhere, later = pose.clone(), pose.clone()
    elsewhere[:, 0], later[:, 3] = 0, 0
    made = channels(latents, time, pose)
    assert torch.equal(made, channels(latents, time, elsewhere))
    assert not torch.equal(made, channels(latents, time, later))
    projected = channels.pose_guider(pose)
    torch.testing.assert_close(made, channels(latents, time, projected))


def test_it_is_sampled_as_the_model_is(channels):
    prefix, noise, pose = torch.randn(1, 1, 16, 4, 4), torch.randn(1, 2, 16, 4, 4), torch.rand(1, 3, 4, 4, 512)
    film = sample_latents(channels, prefix, pose, noise, Sampling(3))
    assert film.shape == (1, 3, 16, 4, 4) and torch.equal(film[:, :1], prefix) and film.isfinite().all()


def test_a_dearer_step_is_taken_less_often(monkeypatch):
    monkeypatch.setattr(ablation, "SIZES", TINY)
    counts = {}
    for arm in ARMS:
        seen = []
        trained(arm, [shard()], LightVAE(), Budget(1.2e8, positions=160), lambda *step, seen=seen: seen.append(step))
        counts[arm.name] = len(seen)
        assert seen[-1][:2] == (len(seen), len(seen)) and np.isfinite([loss for *_, loss in seen]).all()
        spent = len(seen) * arm.step_flops(TINY, 160 // ((1 + arm.quads) * 16), 4, 4)
        assert 0.8 * 1.2e8 < spent <= 1.2e8
    assert counts["channels, short"] > counts["prefix, short"]


def test_a_training_repeats_itself(monkeypatch):
    monkeypatch.setattr(ablation, "SIZES", TINY)
    budget = Budget(3e7, positions=160, seed=3)
    once, again = (trained(Arm("prefix", "long"), [shard()], LightVAE(), budget, lambda *_: None) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(once.parameters(), again.parameters(), strict=True))


def shard() -> Shard:
    """Two clips of 32 pixels of nothing in particular."""
    rng = np.random.default_rng(0)
    xy = rng.uniform(4, 28, (2, 18, 133, 2)).astype(np.float32)
    points = rng.uniform(0, 32, (2, 18, 5, 2)).astype(np.float32)
    latents = torch.from_numpy(rng.standard_normal((2, 9, 16, 4, 4), np.float32)).half()
    pictures = torch.zeros(2, 5, 32, 32, 3, dtype=torch.uint8)
    return Shard(
        pictures, latents[:, :5], latents[:, 5:], xy, np.ones((2, 18, 133), np.float32), points,
        np.ones((2, 18, 5), bool), torch.ones(2, 4, 4, 4, dtype=torch.bool), Canvas(32, 32),
    )  # fmt: skip

"""The continuity node's presets and switches, the film that they change, and the drift meter."""

import numpy as np
import pytest
import torch

from tests.nodes.test_film import SIDE, native_vae, sample, some_poses

__all__ = ["native_vae", "sample"]  # fixtures

SWITCHES = dict(
    start="reference", overlap=4, colour=0.0, latents=0.0, noise=0.0, sharpen=0.0, background="by points",
    slow_seams=False,
)  # fmt: skip


@pytest.fixture
def switches(comfy, pack):
    return lambda preset, **own: pack("nodes.continuity").HumanDiTContinuity.execute(preset, **{**SWITCHES, **own})[0]


def test_presets_and_own_switches(switches, pack):
    options = pack("humandit.video.continuity")
    assert switches("default") == options.DEFAULT == switches("own")
    assert switches("plain", colour=1.0) == options.PLAIN
    assert switches("own", colour=0.5).colour == 0.5
    node = pack("nodes.continuity").HumanDiTContinuity.define_schema()
    assert set(node.inputs[0].options) == {*options.PRESETS, "own"}
    starts, backgrounds = (next(i.options for i in node.inputs if i.id == name) for name in ("start", "background"))
    words = pack("humandit.video.continuity.options")
    assert (tuple(starts), tuple(backgrounds)) == (words.STARTS, words.BACKGROUNDS)


def test_a_film_with_continuity_is_as_long_and_another_one(sample, switches, tmp_path):
    plain = sample()
    assert torch.equal(plain, sample(continuity=switches("plain")))
    steady = sample(continuity=switches("own", overlap=2))
    assert steady.shape == plain.shape
    assert torch.equal(steady[:6], plain[:6]), "the first segment starts from the picture in both"
    assert not torch.equal(steady[8:], plain[8:])


def test_the_meter_draws_and_tells_every_segment(comfy, pack):
    rng = torch.Generator().manual_seed(0)
    picture = torch.rand(1, SIDE, SIDE, 3, generator=rng)
    film = picture.repeat(16, 1, 1, 1)
    meter = pack("nodes.continuity").HumanDiTDriftMeter
    poses = some_poses(pack, 1).resampled(12.5)
    still = pack("humandit.pose.sequence").PoseSequence(
        np.repeat(poses.xy, 17, 0), np.repeat(poses.score, 17, 0), poses.canvas, 12.5
    )
    plot, report = meter.execute(film, picture, poses, still, 9, 12.5).args
    assert plot.ndim == 4 and plot.shape[-1] == 3
    assert report.splitlines() == [f"segment {i}: colour 0.00, identity 0.00, sharpness 1.00" for i in (1, 2)]

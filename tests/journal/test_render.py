"""The whole library, broken off and gone on with: the same frames to the bit, whatever is done against drift."""

import numpy as np
import pytest
import torch

from humandit.errors import Interrupted
from humandit.journal import Shelf
from humandit.metrics.bench_memory import swaying
from humandit.pipeline import Models, Settings, render
from humandit.types import Canvas
from humandit.video.config import DiTConfig
from humandit.video.continuity import continuity
from humandit.video.light_vae import LightVAE, LightVAEConfig
from humandit.video.model import HumanDiT
from humandit.video.sample import Sampling

CANVAS = Canvas(32, 48)
STEPS = 2


@pytest.fixture(scope="module")
def models():
    torch.manual_seed(0)
    config = DiTConfig(heads=2, head_dim=16, layers=1, time_dim=16, text_dim=None, rope_base=(3, 2), prediction="x0")
    vae = LightVAE(LightVAEConfig(width=16, layers=1, detail=4))
    film = torch.rand(9, 64, 64, 3)
    vae.single.fit(vae.single.blocks(film).flatten(0, 2))
    vae.quad.fit(vae.quad.blocks(film[1:]).flatten(0, 2))
    return Models(HumanDiT(config).eval(), vae.eval())


def made(models, settings, shelf, stop_at=None):
    """Frames, and the segments that were denoised; stops in the middle of one."""
    steps = []

    def on_progress(segment, done, total):
        steps.append(segment.index)
        if segment.index == stop_at:
            raise Interrupted

    picture = torch.from_numpy(np.random.default_rng(3).random((48, 32, 3), np.float32))
    parts = render(picture, swaying(41, CANVAS, 12.5), models, settings, on_progress, shelf)
    return torch.cat([part.frames for part in parts]), sorted(set(steps))


@pytest.mark.parametrize("preset", ["plain", "default", "gentle"])
def test_an_interrupted_film_goes_on(models, tmp_path, preset):
    settings = Settings(CANVAS, segment_frames=17, sampling=Sampling(STEPS), continuity=continuity(preset))
    shelf = Shelf(tmp_path, lambda text: None)
    whole, all_of_them = made(models, settings, None)
    with pytest.raises(Interrupted):
        made(models, settings, shelf, stop_at=2)
    again, denoised = made(models, settings, shelf)
    assert torch.equal(again, whole) and len(whole) == 40
    assert denoised == [index for index in all_of_them if index >= 2]


def test_another_answer_to_drift_is_another_film(models, tmp_path):
    shelf = Shelf(tmp_path, lambda text: None)
    for preset in ("plain", "gentle"):
        settings = Settings(CANVAS, segment_frames=17, sampling=Sampling(STEPS), continuity=continuity(preset))
        assert made(models, settings, shelf)[1][0] == 0

"""Samplings are raced film by film, compared with "exact", and the stock pipeline is the stock pipeline."""

from __future__ import annotations

import argparse
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from humandit.commands.bench.switches import switches
from humandit.errors import HumanDiTError
from humandit.metrics.bench_sample import (
    EXACT,
    Race,
    Task,
    decoded,
    ours,
    race,
    results,
    stock,
    stock_pipeline,
    tasks,
    times,
)
from humandit.pipeline import Models
from humandit.pose import skeleton as coco
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.video.config import DiTConfig
from humandit.video.light_vae import LightVAE, LightVAEConfig
from humandit.video.model import HumanDiT
from humandit.video.presets import PRESETS, Preset
from humandit.video.sample import Sampling, sample_latents

CONFIG = DiTConfig(heads=1, head_dim=32, layers=1, time_dim=16, text_dim=None, rope_base=(4, 4), prediction="x0")


@pytest.fixture(scope="module")
def models() -> Models:
    torch.manual_seed(0)
    return Models(HumanDiT(CONFIG).eval(), LightVAE(LightVAEConfig(width=16, layers=1, detail=4)).eval())


def clips() -> list[SimpleNamespace]:
    rng = np.random.default_rng(0)
    canvas = Canvas(32, 48)
    made = []
    for _ in range(2):
        poses = PoseSequence(
            rng.uniform(4, 28, (9, coco.COUNT, 2)).astype(np.float32),
            np.ones((9, coco.COUNT), np.float32),
            canvas,
            12.5,
        )
        frames = rng.integers(0, 255, (9, 48, 32, 3), dtype=np.uint8)
        made.append(SimpleNamespace(frames=frames, poses=poses, mask=np.ones((9, 48, 32), bool)))
    return made


@pytest.fixture(scope="module")
def films(models) -> list[Task]:
    return tasks(clips(), models, seed=5)


def test_a_model_that_is_shown_the_picture_is(models):
    torch.manual_seed(0)
    shown = HumanDiT(replace(CONFIG, moved_picture=True, overlaid=True)).eval()
    (film, _) = tasks(clips(), Models(shown, models.vae), seed=5)
    made = ours(Models(shown, models.vae), Preset(), film.shape)(film, 2)
    assert made.shape == (1, 3, 16, 6, 4) and made.isfinite().all()


def test_films_are_raced_in_turn_after_one_step_of_each(films):
    order = []

    def racer(name):
        def run(task, steps):
            order.append((name, films.index(task), steps))
            return torch.zeros(1)

        return run

    done = race(films, {"a": racer("a"), "b": racer("b")}, lambda *_: None)
    warm = [("a", 0, 1), ("b", 0, 1)]
    assert order == [*warm, ("a", 0, 50), ("b", 0, 50), ("a", 1, 50), ("b", 1, 50)]
    assert [len(values) for values in done.seconds.values()] == [2, 2]


def test_our_racer_is_the_sampler_with_the_preset(films, models):
    task = films[1]
    got = ours(models, Preset(steps=3, sampler="dpm++2m"), task.shape)(task, 50)
    expected = sample_latents(models.dit, task.prefix, task.pose, task.noise, Sampling(3, sampler="dpm++2m"))
    assert torch.equal(got, expected)
    assert got.shape == (1, task.shape.frames, 16, 6, 4)


@pytest.mark.parametrize("words", [0, 7])
def test_the_stock_pipeline_makes_as_many_tokens_as_ours(films, words):
    pipeline, seen = stock_pipeline(CONFIG), []
    pipeline.transformer.register_forward_hook(
        lambda module, given, kwargs, out: seen.append(
            (kwargs["hidden_states"].shape, kwargs["encoder_hidden_states"])
        ),
        with_kwargs=True,
    )
    latents = stock(pipeline, words)(films[0], 2)
    assert latents.shape == films[0].prefix.expand(-1, films[0].shape.frames, -1, -1, -1).shape
    assert [shape[0] for shape, _ in seen] == [2, 2], "guidance: both branches in one batch, at every step"
    assert seen[0][0][1:] == latents.shape[1:] and seen[0][1].shape == (2, words, 4096)
    assert pipeline.transformer.config.num_layers == CONFIG.layers


def test_likeness_is_to_exact_and_speed_by_the_fastest_run(films, models):
    same = [sample_latents(models.dit, t.prefix, t.pose, t.noise, Sampling(2)) for t in films]
    other = [latents + 0.5 for latents in same]
    done = Race({EXACT: [2.0, 3.0], "quick": [1.0, 0.5]}, {EXACT: same, "quick": other})
    figures = dict(results(done, films, models, [EXACT, "quick"], None))
    assert figures[EXACT]["psnr"] == 100 and figures[EXACT]["ssim"] == 1
    assert figures["quick"]["psnr_min"] <= figures["quick"]["psnr"] <= 100
    assert figures[EXACT]["pck"] is None
    assert done.speedup("quick", EXACT) == {"min": 4.0, "median": round(2.5 / 0.75, 3)}
    assert decoded(same[0], models).shape == (8, 48, 32, 3)
    with pytest.raises(HumanDiTError, match="'exact'"):
        next(results(Race({}, {}), films, models, [], None))


def test_times():
    assert times([2.0, 1.0, 4.0]) == {"min": 1.0, "median": 2.0, "spread": 4.0}


def test_every_switch_is_one_switch():
    plain = PRESETS["exact"]
    for name, switch in switches().items():
        changed = [field for field in vars(plain) if getattr(switch, field) != getattr(plain, field)]
        assert len(changed) == (0 if name == EXACT else 2 if switch.steps else 1), name


def test_unknown_switches_and_no_films_are_refused():
    from humandit.commands.bench import sample as command
    from humandit.commands.bench import switches as other

    with pytest.raises(HumanDiTError, match="Unknown switch 'warp'"):
        other.run(argparse.Namespace(only=["warp"]))
    with pytest.raises(HumanDiTError, match="At least 1 film"), command.measured(argparse.Namespace(films=0), {}):
        pass

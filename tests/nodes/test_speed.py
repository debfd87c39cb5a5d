"""Presets on the canvas: what the library's sampling spares, the host's spares too."""

from __future__ import annotations

import pytest
import torch

SWITCHES = {
    "guided above 500": {"guided_to": 500},
    "guided below 500": {"guided_from": 500},
    "unguided": {"guided_from": -1},
    "cached": {"cache": 0.4},
    "cached, guided above 500": {"cache": 0.4, "guided_to": 500},
    "dpm++2m": {"sampler": "dpm++2m"},
}


@pytest.fixture
def film(pack, tiny, library_model):
    """``film(**switches)``: one segment [F, C, h, w] by the host's sampling and by the library's."""
    config, state = tiny("x0")
    native = pack("nodes.native")
    patcher = pack("nodes.native_load").build_model(config, state, native.HumanDiTLatent(1.0))
    library, types = pack("humandit.video.sample"), pack("humandit.types")
    rng = torch.Generator().manual_seed(1)
    prefix = torch.randn(1, 1, 16, 4, 6, generator=rng)
    pose = (torch.rand(3, 4, 6, 512, generator=rng) < 0.05).to(torch.uint8)
    segment = types.Segment(0, 0, types.VideoShape(9, 32, 48))

    def make(**switches):
        sampling, steps = library.Sampling(steps=8, guidance=4.0, **switches), []
        on_canvas = pack("nodes.native_sampling").sample_segment(
            patcher, segment, prefix.transpose(1, 2), pose, sampling, lambda done, clean: steps.append(done)
        )
        noise = library.segment_noise(0, 0, (1, 2, 16, 4, 6))
        ours = library.sample_latents(library_model(config, state), prefix, pose[None], noise, sampling)
        assert steps == list(range(1, 9))
        return on_canvas.transpose(1, 2), ours

    return make


@pytest.mark.parametrize("switch", SWITCHES)
def test_the_canvas_makes_the_librarys_film(film, switch):
    on_canvas, ours = film(**SWITCHES[switch])
    plain, _ = film()
    assert (on_canvas - ours).abs().max() < 1e-3
    assert (on_canvas - plain).abs().max() > 1e-2, "the switch is felt"


def test_a_run_leaves_no_cache_behind(film):
    before, _ = film()
    film(cache=0.4)
    assert torch.equal(film()[0], before)


def test_the_node_offers_every_preset_and_keeps_old_workflows(pack):
    node = pack("nodes.video").HumanDiTSample
    chosen = {entry.id: entry for entry in node.GET_SCHEMA().inputs}["preset"]
    assert chosen.options == list(pack("humandit.video.presets").PRESETS)
    assert chosen.default == "exact" and chosen.optional


def test_the_node_samples_as_its_preset_says(pack, monkeypatch):
    video, seen = pack("nodes.video"), []
    monkeypatch.setattr(video, "fitted", lambda *_: (None, None))
    monkeypatch.setattr(pack("nodes.film"), "shot", lambda film, _: (seen.append(film.sampling), None))
    given = {
        "model": None, "vae": None, "reference": None, "reference_poses": None, "poses": None, "width": 32,
        "height": 32, "frames": 0, "segment_frames": 9, "steps": 33, "guidance": 1.5, "sampler": "ddim", "fps": 12.5,
        "seed": 4,
    }  # fmt: skip
    for words in ({}, {"preset": "exact"}, {"preset": "fast"}):
        video.HumanDiTSample.execute(**given, **words)
    plain = pack("humandit.video.sample").Sampling(33, 1.5, "ddim", 4)
    fast = pack("humandit.video.presets").PRESETS["fast"]
    assert seen == [plain, plain, fast.applied(plain)]


def test_a_film_tells_the_plan_how_fast_this_machine_is(pack, film, monkeypatch):
    plan = pack("humandit.video.plan.speed")
    film()
    assert not plan.remembered(), "too short to tell anything"
    monkeypatch.setattr(pack("humandit.video.plan.sampled"), "LEAST", 0.0)
    film()
    (speed,) = plan.remembered()
    assert (speed.source, speed.precision, speed.width) == ("sampled", "fp32", 64) and 0 < speed.tflops < 100

"""Presets: "exact" is the plain sampler to the bit, the others do what their switches say, no model is changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from humandit.diffusion.attention import attention_named, available, plain, sdpa
from humandit.diffusion.fp8 import Fp8Linear, need_fp8, quantized, with_fp8_linears
from humandit.diffusion.samplers import SAMPLERS
from humandit.errors import HumanDiTError
from humandit.types import LatentShape
from humandit.video import fastest
from humandit.video.config import COGVIDEOX_5B, MINI, DiTConfig
from humandit.video.fastest import Load, attention_times, fastest_attention, memory_file
from humandit.video.model import HumanDiT
from humandit.video.prepare import prepared
from humandit.video.presets import PRESETS, Preset, preset, usual_sampling
from humandit.video.sample import Sampling, sample_latents

SHAPE = LatentShape(3, 8, 8)
LOAD = Load(torch.device("cpu"), torch.float32, 2, 16, 48)


@pytest.fixture
def model() -> HumanDiT:
    torch.manual_seed(0)
    config = DiTConfig(heads=2, head_dim=16, layers=2, time_dim=16, text_dim=None, rope_base=(4, 4), prediction="x0")
    made = HumanDiT(config).eval().requires_grad_(False)
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=0.15)
    return made


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HUMANDIT_CACHE", str(tmp_path))


def film(model, sampling):
    rng = torch.Generator().manual_seed(0)
    prefix, noise = torch.randn(1, 1, 16, 8, 8, generator=rng), torch.randn(1, 2, 16, 8, 8, generator=rng)
    pose = (torch.rand(1, 3, 8, 8, 512, generator=rng) < 0.05).to(torch.uint8)
    return sample_latents(model, prefix, pose, noise, sampling)


def with_preset(model, switches, sampling):
    return film(prepared(model, switches, SHAPE), switches.applied(sampling))


@pytest.mark.parametrize("name", SAMPLERS)
def test_exact_is_the_plain_sampler_to_the_bit(model, name):
    asked = Sampling(steps=5, sampler=name, seed=3)
    assert PRESETS["exact"].applied(asked) == asked
    assert prepared(model, PRESETS["exact"], SHAPE) is model
    assert torch.equal(with_preset(model, PRESETS["exact"], asked), film(model, asked))


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_near_many_plain_steps(model, name):
    many = film(model, Sampling(steps=50))
    assert (with_preset(model, preset(name), Sampling(steps=50)) - many).abs().mean() < 0.1 * many.std()


def test_presets_keep_what_they_do_not_choose():
    asked = Sampling(steps=50, guidance=2.0, sampler="dpm++", seed=9)
    kept = Preset(cache=0.1).applied(asked)
    assert kept == replace(asked, cache=0.1)
    fast = PRESETS["fast"].applied(asked)
    assert (fast.guidance, fast.seed) == (2.0, 9) and fast.steps < 50


def test_models_that_are_shown_the_picture_take_few_steps_and_with_a_finisher_no_guidance():
    plain = replace(MINI, moved_picture=False, overlaid=False, finished=False)
    assert usual_sampling(plain) == usual_sampling(COGVIDEOX_5B) == Sampling(20, 1.5)
    assert usual_sampling(replace(MINI, finished=False)) == Sampling(2, 1.5)
    assert usual_sampling(MINI) == Sampling(2, 1.0)
    assert usual_sampling(MINI, steps=9, guidance=None, seed=4) == Sampling(9, 1.0, seed=4)


def test_an_unknown_preset_names_the_known():
    with pytest.raises(HumanDiTError, match="exact, balanced, fast"):
        preset("warp")


def test_preparing_shares_the_weights_and_leaves_the_model_alone(model):
    made = prepared(model, Preset(attention="plain"), SHAPE)
    assert made.transformer_blocks[0].attn1.attention is plain
    assert model.transformer_blocks[0].attn1.attention is sdpa
    for mine, theirs in zip(made.parameters(), model.parameters(), strict=True):
        assert mine is theirs
    torch.testing.assert_close(film(made, Sampling(steps=2)), film(model, Sampling(steps=2)))


def test_every_attention_here_computes_the_same():
    q, k, v = torch.randn(3, 1, 2, 48, 16)
    for function in available(torch.device("cpu")).values():
        torch.testing.assert_close(function(q, k, v), sdpa(q, k, v))
    with pytest.raises(HumanDiTError, match="sdpa, plain"):
        attention_named("cudnn", torch.device("cpu"))


def test_the_fastest_attention_is_remembered(monkeypatch):
    first = fastest_attention(LOAD)
    assert first in available(LOAD.device) and memory_file().is_file()
    monkeypatch.setattr(fastest, "attention_times", lambda load: pytest.fail("tried again"))
    assert fastest_attention(LOAD) == first
    assert fastest_attention(replace(LOAD, tokens=50)) == first, "another length of the same power of two"


def test_wrong_and_failing_attentions_do_not_win(monkeypatch):
    def broken(q, k, v):
        raise RuntimeError("No available kernel.")

    choices = {"sdpa": sdpa, "wrong": lambda q, k, v: 2 * v, "broken": broken}
    monkeypatch.setattr(fastest, "available", lambda device: choices)
    assert set(attention_times(LOAD)) == {"sdpa"}
    assert fastest_attention(LOAD) == "sdpa"


@pytest.mark.parametrize("text", ["", "[]", '{"other": "sdpa"}'])
def test_a_spoilt_memory_is_only_time_lost(text):
    memory_file().write_text(text)
    assert fastest_attention(LOAD) in available(LOAD.device)


def test_8_bit_layers_are_refused_where_there_are_none(model):
    with pytest.raises(HumanDiTError, match="RTX 40"):
        prepared(model, Preset(fp8=True), SHAPE)
    with pytest.raises(HumanDiTError, match="no NVIDIA GPU"):
        need_fp8(torch.device("cpu"))


def test_8_bits_keep_three_binary_digits_per_row():
    weight = torch.randn(32, 64) * torch.logspace(-3, 3, 32)[:, None]
    values, scale = quantized(weight)
    assert values.dtype == torch.float8_e4m3fn
    assert ((values.float() * scale - weight).abs() / weight.abs().amax(-1, keepdim=True)).max() < 2**-4


def test_8_bit_layers_replace_what_the_kernel_can_take():
    block = torch.nn.Sequential(torch.nn.Linear(32, 64), torch.nn.LayerNorm(64), torch.nn.Linear(64, 10))
    with_fp8_linears(block)
    assert [type(layer) for layer in block] == [Fp8Linear, torch.nn.LayerNorm, torch.nn.Linear]
    block[0].requires_grad_(False)
    assert "0.weight" in block.state_dict() and block.state_dict()["0.weight"].dtype == torch.float8_e4m3fn

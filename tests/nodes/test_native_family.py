"""The public 5B models on the host: shown with their licence, sampled, told of their picture."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

FILM = {"patch_t": 2, "rope_base": None}
VARIANTS = {
    "1.5": FILM,
    "5b-I2V": {"in_channels": 32, "rope_base": (2, 3), "learned_positions": (4, 5)},
    "1.5-I2V": {**FILM, "in_channels": 32, "ofs_dim": 32},
}
SCALE = 0.7


def made(pack, tiny, **changes):
    """A tiny variant's config, its random state dict, and it as a MODEL."""
    config = replace(tiny("x0")[0], **changes)
    rng = torch.Generator().manual_seed(5)
    state = {
        name: torch.randn(value.shape, generator=rng) * 0.2
        for name, value in pack("humandit.video.model").HumanDiT(config).state_dict().items()
    }
    latent = pack("nodes.native").HumanDiTLatent(SCALE)
    return config, state, pack("nodes.native_load").build_model(config, state, latent)


def given(seed=1, frames=5):
    rng = torch.Generator().manual_seed(seed)
    prefix, noise = torch.randn(1, 16, 1, 4, 6, generator=rng), torch.randn(1, 16, frames, 4, 6, generator=rng)
    return prefix, (torch.rand(1, 512, frames, 4, 6, generator=rng) < 0.05).float(), noise


def sampled(comfy, model, prefix, pose, noise):
    conditions = [[torch.zeros(1, 0, 4096), {"pose_tokens": pose, "prefix_latent": prefix}]]
    return comfy.sample.sample(
        model, noise, 2, 1.0, "euler", "simple", conditions, conditions, torch.zeros_like(noise),
        disable_pbar=True, seed=0,
    )  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_samples_and_keeps_its_reference(comfy, pack, tiny, variant):
    *_, model = made(pack, tiny, **VARIANTS[variant])
    prefix, pose, noise = given()
    out = sampled(comfy, model, prefix, pose, noise)
    assert torch.isfinite(out).all() and (out[:, :, :1] - prefix).abs().max() < 0.01
    assert (out - sampled(comfy, model, prefix, 0 * pose, noise))[:, :, 1:].abs().max() > 1e-3


@pytest.mark.parametrize(("variant", "factor"), [("5b-I2V", SCALE), ("1.5-I2V", 1 / SCALE)])
def test_i2v_is_told_of_its_picture(comfy, pack, tiny, library_model, variant, factor):
    """One evaluation on the host is one of the library's with the picture's latent, and zeros behind, as control."""
    config, state, model = made(pack, tiny, **VARIANTS[variant])
    prefix, pose, noise = given()
    conds = model.model.extra_conds(prefix_latent=prefix, pose_tokens=pose)
    inside = {name: conds[name].cond for name in ("prefix_latent", "pose_tokens", "control_latent")}
    ours = model.model.diffusion_model(noise, torch.tensor([500.0]), **inside)
    latents = torch.cat([prefix * SCALE, noise[:, :, 1:]], dim=2).transpose(1, 2)
    control = torch.zeros_like(latents)
    control[:, :1] = prefix.transpose(1, 2) * factor
    theirs = library_model(config, state)(latents, torch.tensor([500.0]), pose.permute(0, 2, 3, 4, 1), control=control)
    torch.testing.assert_close(ours, theirs.transpose(1, 2), atol=1e-5, rtol=1e-5)


def test_fun_takes_no_reference_picture(comfy, pack, tiny):
    *_, model = made(pack, tiny, in_channels=32)
    with pytest.raises(ValueError, match="CogVideoX-Fun.*no reference picture.*use HumanDiT weights"):
        sampled(comfy, model, *given())


def test_another_size_than_the_learned_one(comfy, pack, tiny):
    *_, model = made(pack, tiny, **{**VARIANTS["5b-I2V"], "rope_base": (4, 4)})
    with pytest.raises(ValueError, match="takes 64x64 and up to 17 frames only, got 48x32"):
        sampled(comfy, model, *given())


@pytest.mark.parametrize(("dtype", "warned"), [("fp16", True), ("bf16", False)])
def test_the_licence_is_shown_and_fp16_warned_of(pack, tmp_path, dtype, warned, monkeypatch):
    load = pack("nodes.native_load")
    config = pack("humandit.video.config").DiTConfig(heads=2, head_dim=32, layers=1, time_dim=32)
    model = pack("humandit.video.model").HumanDiT(config)
    state = {name: t for name, t in model.state_dict().items() if not name.startswith(("pose_guider", "text_mask"))}
    save_file(state, tmp_path / "five.safetensors")
    monkeypatch.setattr(load, "SMALL", 1000)  # the tiny one counts as a large one
    text = load.about(str(tmp_path / "five.safetensors"), load.DTYPES[dtype])
    assert text.startswith("a CogVideoX-5b transformer, 0.00 B parameters") and "licence: CogVideoX LICENSE" in text
    assert ("black frames" in text and "choose bf16" in text) == warned
    assert "licence: Apache-2.0" in load.about("mini", torch.float32)


def test_a_kept_prompt_is_read_where_none_is_given(comfy, pack, tiny, library_model):
    """A model of pictures and poses that was made from one with text: the canvas gives it no words."""
    config, state, model = made(pack, tiny, text_dim=12, stored_words=5)
    prefix, pose, noise = given()
    conds = model.model.extra_conds(cross_attn=torch.zeros(1, 0, 4096), prefix_latent=prefix, pose_tokens=pose)
    assert set(conds) == {"prefix_latent", "pose_tokens"}
    inside = {name: value.cond for name, value in conds.items()}
    ours = model.model.diffusion_model(noise, torch.tensor([500.0]), **inside)
    latents = torch.cat([prefix * SCALE, noise[:, :, 1:]], dim=2).transpose(1, 2)
    library, tokens = library_model(config, state), pose.permute(0, 2, 3, 4, 1)
    said = library(latents, torch.tensor([500.0]), tokens, text=state["empty_prompt"])
    torch.testing.assert_close(ours, said.transpose(1, 2), atol=1e-5, rtol=1e-5)
    other = library(latents, torch.tensor([500.0]), tokens, text=-state["empty_prompt"])
    assert (said - other).abs().max() > 1e-3

"""HumanDiT on the host's sampler equals HumanDiT on the library's own."""

from __future__ import annotations

import pytest
import torch

LATENT = (1, 16, 3, 4, 6)
"""[B, C, F, h, w]: 9 frames of 48x32 pixels."""
STEPS = 20


def host_model(pack, config, state, scale=0.7, **options):
    native = pack("nodes.native")
    return pack("nodes.native_load").build_model(config, state, native.HumanDiTLatent(scale), **options)


def given(seed=1):
    """Prefix [1, 16, 1, h, w] unscaled, pose tokens [1, 512, F, h, w] and noise."""
    rng = torch.Generator().manual_seed(seed)
    prefix = torch.randn(1, 16, 1, *LATENT[3:], generator=rng)
    pose = (torch.rand(1, 512, *LATENT[2:], generator=rng) < 0.05).to(torch.uint8)
    return prefix, pose, torch.randn(LATENT, generator=rng)


def conditioning(prefix, pose):
    empty = torch.zeros(1, 0, 4096)
    return [[empty, {"pose_tokens": pose, "prefix_latent": prefix}]], [[empty, {"prefix_latent": prefix}]]


def core_sample(comfy, patcher, prefix, pose, noise, sampler="euler", scheduler="simple", steps=STEPS, guidance=1.5):
    positive, negative = conditioning(prefix, pose)
    latent = torch.zeros(LATENT)
    latent[:, :, :1] = prefix
    return comfy.sample.sample(
        patcher, noise, steps, guidance, sampler, scheduler, positive, negative, latent, disable_pbar=True, seed=0
    )


def library_sample(pack, library_model, config, state, prefix, pose, noise, scale=0.7, guidance=1.5):
    """The library's DDIM on the same noise; returns unscaled [B, C, F, h, w]."""
    schedules, samplers = pack("humandit.diffusion.schedule"), pack("humandit.diffusion.samplers")
    guided = pack("humandit.diffusion.guidance").guided
    model, schedule = library_model(config, state), schedules.cogvideox_schedule(config.prediction)
    clean_prefix = prefix.transpose(1, 2) * scale
    tokens = pose.permute(0, 2, 3, 4, 1).float()

    def pinned(z):
        return torch.cat([clean_prefix, z[:, 1:]], dim=1)

    def denoise(z, t):
        z, when = pinned(z), torch.tensor([t])
        output = guided(lambda posed: model(z, when.float(), pose=tokens if posed else None), guidance)
        return pinned(schedule.clean(output, z, when))

    steps = schedules.trailing_timesteps(STEPS)
    z = samplers.ddim(denoise, noise.transpose(1, 2), steps, schedule, lambda *_: None, torch.Generator())
    return z.transpose(1, 2) / scale


@pytest.mark.parametrize("prediction", ["v", "x0"])
def test_core_ksampler_equals_the_library_sampler(comfy, pack, tiny, library_model, prediction):
    config, state = tiny(prediction)
    prefix, pose, noise = given()
    theirs = core_sample(comfy, host_model(pack, config, state), prefix, pose, noise)
    ours = library_sample(pack, library_model, config, state, prefix, pose, noise)
    assert ours.std() > 0.1
    assert (theirs - ours).abs().max() < 1e-3


@pytest.mark.parametrize("sampler", ["euler", "dpmpp_2m", "euler_ancestral", "uni_pc"])
def test_any_sampler_leaves_the_reference_frame_alone(comfy, pack, tiny, sampler):
    config, state = tiny("x0")
    prefix, pose, noise = given()
    out = core_sample(comfy, host_model(pack, config, state), prefix, pose, noise, sampler=sampler, steps=4)
    assert torch.isfinite(out).all()
    assert (out[:, :, :1] - prefix).abs().max() < 0.01  # uni_pc ends a little above zero noise


def test_the_pose_reaches_the_model(comfy, pack, tiny):
    config, state = tiny()
    prefix, pose, noise = given()
    patcher = host_model(pack, config, state)
    posed = core_sample(comfy, patcher, prefix, pose, noise, steps=4)
    unposed = core_sample(comfy, patcher, prefix, torch.zeros_like(pose), noise, steps=4)
    assert (posed - unposed)[:, :, 1:].abs().max() > 0.01


def test_no_pose_and_an_empty_pose_are_the_same(comfy, pack, tiny):
    config, state = tiny()
    prefix, pose, noise = given()
    patcher = host_model(pack, config, state)
    empty = core_sample(comfy, patcher, prefix, torch.zeros_like(pose), noise, steps=4, guidance=3.0)
    none = core_sample(comfy, patcher, prefix, torch.zeros_like(pose), noise, steps=4, guidance=1.0)
    assert (empty - none).abs().max() < 1e-4


def test_weights_that_appear_only_when_loaded(comfy, pack, tiny, monkeypatch):
    """Newer hosts make no weight before a state dict arrives (dynamic memory); older ones lack the switch."""
    memory = pytest.importorskip("comfy.memory_management")
    if not hasattr(memory, "aimdo_enabled"):
        pytest.skip("this host has no dynamic memory")
    config, state = tiny()
    prefix, pose, noise = given()
    before = core_sample(comfy, host_model(pack, config, state), prefix, pose, noise, steps=2)
    monkeypatch.setattr(memory, "aimdo_enabled", True)
    patcher = host_model(pack, config, state)
    monkeypatch.setattr(memory, "aimdo_enabled", False)
    assert torch.equal(before, core_sample(comfy, patcher, prefix, pose, noise, steps=2))


def test_layers_without_weights_until_loaded(comfy, pack, tiny, library_model):
    """The same rule on every host: building must not touch a weight of an ``operations`` layer."""
    import comfy.ops

    class Late(comfy.ops.disable_weight_init):
        class Linear(comfy.ops.disable_weight_init.Linear):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.weight, self.bias = None, None

            def _load_from_state_dict(self, state, prefix, *_):
                for name in ("weight", "bias"):
                    if prefix + name in state:
                        setattr(self, name, torch.nn.Parameter(state[prefix + name], requires_grad=False))

    config, state = tiny()
    late = pack("nodes.native").HostDiT(config, operations=Late, dtype=torch.float32)
    assert late.proj_out.weight is None
    late.load_state_dict(state, strict=False)
    prefix, pose, noise = given()
    ours = late(noise, torch.tensor([500.0]), pose_tokens=pose, prefix_latent=prefix)
    latents = torch.cat([prefix, noise[:, :, 1:]], dim=2).transpose(1, 2)
    theirs = library_model(config, state)(latents, torch.tensor([500.0]), pose.permute(0, 2, 3, 4, 1))
    assert torch.allclose(ours, theirs.transpose(1, 2), atol=1e-5)


def test_a_lora_changes_the_result(comfy, pack, tiny):
    config, state = tiny()
    prefix, pose, noise = given()
    patcher = host_model(pack, config, state)
    rng = torch.Generator().manual_seed(3)
    name = "diffusion_model.transformer_blocks.0.attn1.to_q"
    lora = {
        f"{name}.lora_A.weight": torch.randn(4, 64, generator=rng),
        f"{name}.lora_B.weight": torch.randn(64, 4, generator=rng),
    }
    changed, _ = comfy.sd.load_lora_for_models(patcher, None, lora, 1.0, 0.0)
    assert len(changed.patches) == 1
    plain = core_sample(comfy, patcher, prefix, pose, noise, steps=2)
    assert (core_sample(comfy, changed, prefix, pose, noise, steps=2) - plain).abs().max() > 1e-3


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_small_number_formats_stay_close(comfy, pack, tiny, dtype):
    config, state = tiny("x0")
    prefix, pose, noise = given()
    exact = core_sample(comfy, host_model(pack, config, state), prefix, pose, noise, steps=4)
    small = core_sample(
        comfy, host_model(pack, config, state, dtype=getattr(torch, dtype)), prefix, pose, noise, steps=4
    )
    assert torch.isfinite(small).all()
    assert (small - exact).abs().mean() < 0.05 * exact.std()


def test_conditioning_of_another_node_is_refused(comfy, pack, tiny):
    config, state = tiny()
    patcher = host_model(pack, config, state)
    plain = [[torch.zeros(1, 0, 4096), {}]]
    with pytest.raises(ValueError, match="HumanDiT Condition"):
        comfy.sample.sample(
            patcher,
            torch.randn(LATENT),
            2,
            1.0,
            "euler",
            "simple",
            plain,
            plain,
            torch.zeros(LATENT),
            disable_pbar=True,
        )


def test_conditioning_of_another_size_is_refused(comfy, pack, tiny):
    config, state = tiny()
    prefix, pose, noise = given()
    positive, negative = conditioning(prefix[..., :2], pose)
    with pytest.raises(ValueError, match="48x32.*16x32"):
        comfy.sample.sample(
            host_model(pack, config, state), noise, 2, 1.0, "euler", "simple", positive, negative, torch.zeros(LATENT),
            disable_pbar=True,
        )  # fmt: skip

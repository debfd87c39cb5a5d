"""Following a drawn film with CogVideoX-Fun weights is diffusers' whole pipeline, from the same noise."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from diffusers import (
    AutoencoderKLCogVideoX,
    CogVideoXDDIMScheduler,
    CogVideoXFunControlPipeline,
    CogVideoXTransformer3DModel,
    DDIMScheduler,
)
from PIL import Image

from humandit.errors import InvalidShape
from humandit.video.cogvideox_vae import CogVideoXVAE
from humandit.video.config import FUN_5B, DiTConfig
from humandit.video.fun_pose import FUN_SAMPLING, drawn_control, sample_fun_pose
from humandit.video.model import HumanDiT, zero_start
from humandit.video.sample import Sampling, sample_latents

FUN_SCHEDULE = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "clip_sample": False,
}
"""scheduler_config.json of the weights."""
SCHEDULERS = {
    "the authors'": lambda: DDIMScheduler(**FUN_SCHEDULE),
    "CogVideoX's": lambda: CogVideoXDDIMScheduler(snr_shift_scale=1.0, **FUN_SCHEDULE),
}
"""Steps must divide 1000: with others diffusers aims a timestep beside the one it goes to."""
CHANNELS, HEIGHT, WIDTH, FRAMES, WORDS = 4, 48, 32, 17, 7
LATENT = (1, 5, CHANNELS, HEIGHT // 8, WIDTH // 8)


def stock_parts() -> tuple[AutoencoderKLCogVideoX, CogVideoXTransformer3DModel]:
    """A tiny VAE and transformer of the true form, with random weights everywhere."""
    torch.manual_seed(0)
    vae = AutoencoderKLCogVideoX(
        block_out_channels=(8, 8, 8, 8), layers_per_block=1, latent_channels=CHANNELS, norm_num_groups=2,
        scaling_factor=0.7,
    )  # fmt: skip
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2, attention_head_dim=16, in_channels=2 * CHANNELS, out_channels=CHANNELS, num_layers=3,
        time_embed_dim=20, text_embed_dim=24, use_rotary_positional_embeddings=True,
    )  # fmt: skip
    with torch.no_grad():
        for weight in transformer.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    return vae.eval(), transformer.eval()


def ours_of(transformer: CogVideoXTransformer3DModel) -> HumanDiT:
    config = replace(
        FUN_5B, heads=2, head_dim=16, layers=3, time_dim=20, text_dim=24, in_channels=2 * CHANNELS,
        out_channels=CHANNELS,
    )  # fmt: skip
    model = HumanDiT(config).eval()
    model.load_state_dict(zero_start(transformer.state_dict(), model))
    return model


def drawn_film() -> torch.Tensor:
    """An orange bar that moves over black, [T, H, W, 3] bytes."""
    film = torch.zeros(FRAMES, HEIGHT, WIDTH, 3, dtype=torch.uint8)
    for i in range(FRAMES):
        film[i, 4 + i : 20 + i, 12:16] = torch.tensor([255, 170, 0], dtype=torch.uint8)
    return film


def given() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Noise and the embeddings of both prompts."""
    rng = torch.Generator().manual_seed(3)
    return (
        torch.randn(LATENT, generator=rng),
        torch.randn(1, WORDS, 24, generator=rng),
        torch.randn(1, WORDS, 24, generator=rng),
    )


def relative(got: torch.Tensor, expected: torch.Tensor) -> float:
    return float((got - expected).abs().max() / expected.abs().max())


@pytest.mark.parametrize("guidance", [6.0, 1.0])
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_the_whole_sampling_equals_diffusers_pipeline(scheduler: str, guidance: float) -> None:
    vae, transformer = stock_parts()
    noise, text, negative = given()
    film = drawn_film()
    pipeline = CogVideoXFunControlPipeline(None, None, vae, transformer, SCHEDULERS[scheduler]())
    pipeline.set_progress_bar_config(disable=True)
    expected = pipeline(
        control_video=[Image.fromarray(frame.numpy()) for frame in film],
        height=HEIGHT,
        width=WIDTH,
        num_inference_steps=5,
        guidance_scale=guidance,
        latents=noise,
        prompt_embeds=text,
        negative_prompt_embeds=negative,
        output_type="latent",
    ).frames
    control = drawn_control(CogVideoXVAE(vae).eval(), film / 255)
    assert control.shape == noise.shape
    sampling = replace(FUN_SAMPLING, steps=5, guidance=guidance)
    got = sample_fun_pose(ours_of(transformer), control, noise, text, negative, sampling)
    assert relative(got, expected) < 1e-5
    assert relative(sample_fun_pose(ours_of(transformer), 0 * control, noise, text, negative, sampling), got) > 1e-3


def test_steps_are_reported_and_a_cache_is_kept_for_each_prompt() -> None:
    model, (noise, text, negative) = ours_of(stock_parts()[1]), given()
    seen = []
    plain = sample_fun_pose(
        model, noise.roll(1, 1), noise, text, negative, Sampling(steps=3, guidance=4.0),
        lambda done, total, clean: seen.append((done, total, clean.shape)),
    )  # fmt: skip
    assert seen == [(i, 3, torch.Size(LATENT)) for i in (1, 2, 3)]
    cached = sample_fun_pose(
        model, noise.roll(1, 1), noise, text, negative, Sampling(steps=3, guidance=4.0, cache=1e-9)
    )
    assert relative(cached, plain) < 1e-5


def test_without_guidance_no_negative_prompt_is_needed() -> None:
    model, (noise, text, negative) = ours_of(stock_parts()[1]), given()
    with pytest.raises(InvalidShape, match="guidance of 6.0 compares.*Give the embeddings of the empty prompt"):
        sample_fun_pose(model, noise, noise, text, None)
    with pytest.raises(InvalidShape, match=r"one size, got \[1, 7, 24\] and \[1, 5, 24\]"):
        sample_fun_pose(model, noise, noise, text, negative[:, :5])
    bare = sample_fun_pose(model, noise, noise, text, None, Sampling(steps=1, guidance=1))
    assert torch.equal(bare, sample_fun_pose(model, noise, noise, text, negative, Sampling(steps=1, guidance=1)))


def test_a_reference_picture_is_refused_and_so_are_other_models() -> None:
    model, (noise, text, negative) = ours_of(stock_parts()[1]), given()
    with pytest.raises(InvalidShape, match="no reference picture.*use HumanDiT weights.*PP-VCtrl"):
        sample_latents(model, noise[:, :1], None, noise[:, 1:], Sampling(steps=1), text)
    with pytest.raises(InvalidShape, match="at the size and length"):
        sample_fun_pose(model, noise[:, :3], noise, text, negative)
    tiny = DiTConfig(heads=2, head_dim=16, layers=1, time_dim=20, text_dim=24)
    for config, takes in ((tiny, "nothing"), (replace(tiny, in_channels=32, learned_positions=(226, 13)), "a picture")):
        with pytest.raises(InvalidShape, match=f"these take {takes}. Load CogVideoX-Fun"):
            sample_fun_pose(HumanDiT(config, device=torch.device("meta")), noise, noise, text, negative)

"""A HumanDiT without pose and prefix is diffusers' CogVideoX transformer, on the same weights: every 5B variant."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers import CogVideoXTransformer3DModel
from diffusers.models.embeddings import get_3d_rotary_pos_embed

from humandit.errors import InvalidShape
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT, zero_start

EXTRA = {"pose_guider.proj.weight", "text_mask_embed.weight"}


def pair(head_dim: int = 16, text_dim: int = 24, stock: Any = None, **ours: Any) -> tuple[Any, HumanDiT]:
    """A stock transformer with random weights everywhere, norms and biases too, and ours with the same.

    ``stock`` and ``ours`` are what a variant's configs say beyond 5b's.
    """
    torch.manual_seed(0)
    made = CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=head_dim,
        time_embed_dim=20,
        text_embed_dim=text_dim,
        num_layers=3,
        use_rotary_positional_embeddings=True,
        **{"in_channels": 16, "out_channels": 16, **(stock or {})},
    ).eval()
    with torch.no_grad():
        for weight in [*made.parameters(), *made.buffers()]:
            weight.add_(0.1 * torch.randn_like(weight))
    model = HumanDiT(DiTConfig(heads=2, head_dim=head_dim, layers=3, time_dim=20, text_dim=text_dim, **ours)).eval()
    result = model.load_state_dict(made.state_dict(), strict=False)
    assert set(result.missing_keys) == EXTRA
    assert not result.unexpected_keys
    model.load_state_dict(zero_start(made.state_dict(), model))
    return made, model


REGIONS = {
    (2, 2): ((0, 8), (30, 38)),
    (4, 4): ((0, 8), (30, 38)),
    (8, 8): ((0, 8), (30, 38)),
    (30, 45): ((0, 0), (30, 45)),
    (8, 5): ((0, 13), (30, 32)),
    (6, 17): ((7, 0), (23, 45)),
    (4, 3): ((0, 12), (30, 34)),
}
"""Token grid -> its region of the 30 x 45 base plane, as CogVideoXPipeline of diffusers 0.42.1 computed it."""

SIZES = [(1, 4, 4), (3, 16, 16), (5, 16, 10), (2, 12, 34), (13, 8, 6)]
"""Latent (frames, height, width)."""


def stock_rope(frames: int, height: int, width: int, head_dim: int = 16) -> tuple[torch.Tensor, ...]:
    """As CogVideoXPipeline prepares it for the 1.0 models."""
    grid = (height // 2, width // 2)
    return get_3d_rotary_pos_embed(head_dim, REGIONS[grid], grid, temporal_size=frames)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("words", [0, 7, 226])
def test_forward_equals_the_stock_transformer(size: tuple[int, int, int], words: int) -> None:
    frames, height, width = size
    stock, ours = pair()
    latents = torch.randn(2, frames, 16, height, width)
    text = torch.randn(2, words, 24)
    timestep = torch.tensor([999, 37])
    with torch.no_grad():
        expected = stock(latents, text, timestep, image_rotary_emb=stock_rope(frames, height, width)).sample
        got = ours(latents, timestep, text=text if words else None, prefix_frames=0)
    assert (got - expected).abs().max() / expected.abs().max() < 1e-5


def test_heads_text_and_plane_of_5b() -> None:
    stock, ours = pair(head_dim=64, text_dim=4096)
    latents, text, timestep = torch.randn(1, 1, 16, 60, 90), torch.randn(1, 226, 4096), torch.tensor([981])
    with torch.no_grad():
        expected = stock(latents, text, timestep, image_rotary_emb=stock_rope(1, 60, 90, 64)).sample
        got = ours(latents, timestep, text=text, prefix_frames=0)
    assert (got - expected).abs().max() / expected.abs().max() < 1e-5


def test_a_zero_pose_guider_and_an_empty_pose_change_nothing() -> None:
    _, ours = pair()
    latents, timestep, text = torch.randn(1, 3, 16, 8, 8), torch.tensor([500]), torch.randn(1, 5, 24)
    pose, mask = torch.rand(1, 3, 8, 8, 512), torch.ones(1, 3, 1, 8, 8)
    with torch.no_grad():
        plain = ours(latents, timestep, text=text, prefix_frames=0)
        assert torch.equal(ours(latents, timestep, pose, text, mask, prefix_frames=0), plain)
        torch.nn.init.normal_(ours.pose_guider.proj.weight)
        assert torch.equal(ours(latents, timestep, 0 * pose, text, prefix_frames=0), plain)
        assert not torch.allclose(ours(latents, timestep, pose, text, prefix_frames=0), plain)


def test_the_prefix_is_at_time_zero() -> None:
    """With t = 0 everywhere the split changes nothing; with t > 0 it does."""
    _, ours = pair()
    latents, text = torch.randn(1, 3, 16, 8, 8), torch.randn(1, 5, 24)
    with torch.no_grad():
        zero, late = torch.tensor([0]), torch.tensor([700])
        torch.testing.assert_close(
            ours(latents, zero, text=text, prefix_frames=1), ours(latents, zero, text=text, prefix_frames=0)
        )
        assert not torch.allclose(
            ours(latents, late, text=text, prefix_frames=1), ours(latents, late, text=text, prefix_frames=0), atol=1e-3
        )


def test_a_model_without_text_equals_the_stock_one_without_words() -> None:
    """The text half of the modulation is cut off, nothing else."""
    stock, _ = pair()
    config = DiTConfig(heads=2, head_dim=16, layers=3, time_dim=20, text_dim=None)
    ours = HumanDiT(config).eval()
    state = {name: value for name, value in stock.state_dict().items() if "text_proj" not in name}
    for name in [name for name in state if ".norm1.linear." in name or ".norm2.linear." in name]:
        state[name] = state[name][: 3 * config.dim]
    ours.load_state_dict(zero_start(state, ours))
    latents, timestep = torch.randn(1, 3, 16, 8, 8), torch.tensor([321])
    with torch.no_grad():
        nothing = torch.zeros(1, 0, 24)
        expected = stock(latents, nothing, timestep, image_rotary_emb=stock_rope(3, 8, 8)).sample
        assert (ours(latents, timestep, prefix_frames=0) - expected).abs().max() / expected.abs().max() < 1e-5


FUN = {"in_channels": 32}
I2V = {**FUN, "use_learned_positional_embeddings": True, "sample_height": 8, "sample_width": 12, "sample_frames": 9}
"""A plane of 4 x 6 tokens and 3 latent frames instead of 30 x 45 and 13."""
OURS_I2V = {"in_channels": 32, "rope_base": (4, 6), "learned_positions": (226, 3)}
FILM = {"patch_size_t": 2}
OURS_FILM = {"patch_t": 2, "rope_base": None}


def relative(got: torch.Tensor, expected: torch.Tensor) -> float:
    return float((got - expected).abs().max() / expected.abs().max())


@pytest.mark.parametrize("words", [0, 7])
@pytest.mark.parametrize("size", SIZES[1:3])
def test_fun_pose_and_control(size: tuple[int, int, int], words: int) -> None:
    """Twice the channels: the noisy latent, and the control latent behind it."""
    frames, height, width = size
    stock, ours = pair(stock=FUN, in_channels=32)
    latents, control = torch.randn(2, 2, frames, 16, height, width)
    text, timestep = torch.randn(2, words, 24), torch.tensor([999, 37])
    with torch.no_grad():
        both = torch.cat([latents, control], dim=2)
        expected = stock(both, text, timestep, image_rotary_emb=stock_rope(frames, height, width)).sample
        got = ours(latents, timestep, text=text if words else None, prefix_frames=0, control=control)
    assert relative(got, expected) < 1e-5


def i2v_rope(frames: int) -> tuple[torch.Tensor, ...]:
    return get_3d_rotary_pos_embed(16, ((0, 0), (4, 6)), (4, 6), temporal_size=frames)


def test_i2v_adds_its_learned_positions() -> None:
    stock, ours = pair(stock=I2V, **OURS_I2V)
    latents, control = torch.randn(2, 2, 3, 16, 8, 12)
    text, timestep = torch.randn(2, 226, 24), torch.tensor([800, 3])
    with torch.no_grad():
        both = torch.cat([latents, control], dim=2)
        expected = stock(both, text, timestep, image_rotary_emb=i2v_rope(3)).sample
        got = ours(latents, timestep, text=text, prefix_frames=0, control=control)
        other = ours(latents[..., :12].roll(1, 4), timestep, text=text, prefix_frames=0, control=control)
    assert relative(got, expected) < 1e-5
    assert relative(other, expected) > 1e-2


def test_i2v_takes_one_size_and_fewer_frames_and_words() -> None:
    _, ours = pair(stock=I2V, **OURS_I2V)
    timestep = torch.tensor([5])
    for size in ((3, 16, 12, 8), (3, 16, 8, 16), (5, 16, 8, 12)):
        with pytest.raises(InvalidShape, match="96x64 and up to 9 frames only"):
            ours(torch.zeros(1, *size), timestep, control=torch.zeros(1, *size))
    latents = torch.randn(1, 1, 16, 8, 12)
    with torch.no_grad(), pytest.raises(InvalidShape, match="226 text tokens"):
        assert ours(latents, timestep, text=torch.randn(1, 5, 24), control=latents).shape == latents.shape
        ours(latents, timestep, text=torch.randn(1, 227, 24), control=latents)


def film_rope(frames: int, height: int, width: int) -> tuple[torch.Tensor, ...]:
    """As CogVideoXPipeline prepares it for the 1.5 models."""
    return get_3d_rotary_pos_embed(
        16, None, (height // 2, width // 2), temporal_size=frames // 2, grid_type="slice", max_size=(150, 150)
    )


@pytest.mark.parametrize("words", [0, 7])
@pytest.mark.parametrize("size", [(2, 4, 4), (4, 16, 10), (6, 6, 12)])
def test_15_sees_two_frames_as_one(size: tuple[int, int, int], words: int) -> None:
    stock, ours = pair(stock=FILM, **OURS_FILM)
    latents, text, timestep = torch.randn(2, size[0], 16, *size[1:]), torch.randn(2, words, 24), torch.tensor([999, 37])
    with torch.no_grad():
        expected = stock(latents, text, timestep, image_rotary_emb=film_rope(*size)).sample
        got = ours(latents, timestep, text=text if words else None, prefix_frames=0)
    assert relative(got, expected) < 1e-5


def test_15_pads_an_odd_film_in_front() -> None:
    """As diffusers' pipeline, which samples one latent frame more and drops the first."""
    stock, ours = pair(stock=FILM, **OURS_FILM)
    latents, text, timestep = torch.randn(1, 5, 16, 8, 8), torch.randn(1, 7, 24), torch.tensor([400])
    with torch.no_grad():
        padded = torch.cat([latents[:, :1], latents], dim=1)
        expected = stock(padded, text, timestep, image_rotary_emb=film_rope(6, 8, 8)).sample[:, 1:]
        assert relative(ours(latents, timestep, text=text, prefix_frames=0), expected) < 1e-5


def test_15_has_a_prefix_a_pose_and_a_mask_too() -> None:
    """The given frame and its copy are one patch at time 0; a pose reaches the frames it stands for."""
    _, ours = pair(stock=FILM, **OURS_FILM)
    latents, timestep = torch.randn(1, 5, 16, 8, 8), torch.tensor([700])
    pose, mask = torch.rand(1, 5, 8, 8, 512), torch.ones(1, 5, 1, 8, 8)
    with torch.no_grad():
        plain = ours(latents, timestep)
        assert torch.equal(ours(latents, timestep, pose, text_mask=mask), plain)
        uniform = ours(latents, torch.tensor([0]), prefix_frames=0)
        torch.testing.assert_close(ours(latents, torch.tensor([0]), prefix_frames=1), uniform)
        assert relative(ours(latents, timestep, prefix_frames=0), plain) > 1e-3
        torch.nn.init.normal_(ours.pose_guider.proj.weight)
        assert relative(ours(latents, timestep, pose), plain) > 1e-3
    with pytest.raises(InvalidShape, match=r"8k\+1 frames"):
        ours(latents[:, :4], timestep, prefix_frames=1)


def test_15_i2v_is_told_its_offset() -> None:
    stock, ours = pair(stock={**FUN, **FILM, "ofs_embed_dim": 20}, **OURS_FILM, in_channels=32, ofs_dim=20)
    latents, control = torch.randn(2, 2, 4, 16, 8, 6)
    text, timestep = torch.randn(2, 7, 24), torch.tensor([999, 37])
    with torch.no_grad():
        both, rope = torch.cat([latents, control], dim=2), film_rope(4, 8, 6)
        expected = stock(both, text, timestep, ofs=torch.tensor([2.0]), image_rotary_emb=rope).sample
        other = stock(both, text, timestep, ofs=torch.tensor([3.0]), image_rotary_emb=rope).sample
        got = ours(latents, timestep, text=text, prefix_frames=0, control=control)
    assert relative(got, expected) < 1e-5
    assert relative(other, expected) > 1e-3


def test_a_control_latent_that_is_missing_or_not_wanted() -> None:
    latents, timestep = torch.zeros(1, 1, 16, 4, 4), torch.tensor([1])
    with pytest.raises(InvalidShape, match="16 control channels beside the latent, got 0. Give"):
        pair(stock=FUN, in_channels=32)[1](latents, timestep)
    with pytest.raises(InvalidShape, match="0 control channels beside the latent, got 16. Leave"):
        pair()[1](latents, timestep, control=latents)

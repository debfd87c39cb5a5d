"""A HumanDiT without pose and prefix is diffusers' CogVideoX transformer, on the same weights."""

from __future__ import annotations

import pytest
import torch
from diffusers import CogVideoXTransformer3DModel
from diffusers.models.embeddings import get_3d_rotary_pos_embed

from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT, zero_start

EXTRA = {"pose_guider.proj.weight", "text_mask_embed.weight"}


def pair(head_dim: int = 16, text_dim: int = 24) -> tuple[CogVideoXTransformer3DModel, HumanDiT]:
    """A stock transformer with random weights everywhere, norms and biases too, and ours with the same."""
    torch.manual_seed(0)
    stock = CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=head_dim,
        in_channels=16,
        out_channels=16,
        time_embed_dim=20,
        text_embed_dim=text_dim,
        num_layers=3,
        use_rotary_positional_embeddings=True,
    ).eval()
    with torch.no_grad():
        for weight in stock.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    config = DiTConfig(heads=2, head_dim=head_dim, layers=3, time_dim=20, text_dim=text_dim)
    ours = HumanDiT(config).eval()
    state = stock.state_dict()
    result = ours.load_state_dict(state, strict=False)
    assert set(result.missing_keys) == EXTRA
    assert not result.unexpected_keys
    ours.load_state_dict(zero_start(state, ours))
    return stock, ours


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

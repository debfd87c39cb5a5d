"""The streamed CogVideoX decode must be the stock decode, bit for bit."""

from __future__ import annotations

import pytest
import torch

from humandit.errors import InvalidShape
from humandit.video.cogvideox_vae import CogVideoXVAE
from humandit.video.vae import Autoencoder

TINY = {
    "block_out_channels": (8, 8, 8, 8),
    "layers_per_block": 1,
    "latent_channels": 4,
    "norm_num_groups": 2,
    "scaling_factor": 0.7,
    "_class_name": "AutoencoderKLCogVideoX",
}


@pytest.fixture(scope="module")
def vae() -> CogVideoXVAE:
    torch.manual_seed(0)
    return CogVideoXVAE.from_config(TINY).eval()


def test_it_is_an_autoencoder(vae: CogVideoXVAE) -> None:
    assert isinstance(vae, Autoencoder)
    assert vae.scaling_factor == 0.7
    assert vae.latent_channels == 4


@pytest.mark.parametrize("frames", [1, 9, 17, 25])
def test_streamed_decode_equals_the_stock_decode_exactly(vae: CogVideoXVAE, frames: int) -> None:
    latents = vae.encode(torch.rand(frames, 32, 48, 3))
    assert latents.shape == ((frames - 1) // 4 + 1, 4, 4, 6)

    chunks = list(vae.decode(latents))
    assert [len(chunk) for chunk in chunks] == ([1] if frames == 1 else [9, *[8] * ((frames - 9) // 8)])
    streamed = torch.cat(list(vae.stream(latents.permute(1, 0, 2, 3)[None])), dim=2)
    with torch.no_grad():
        stock = vae.stock.decode(latents.permute(1, 0, 2, 3)[None]).sample
    assert (streamed - stock).abs().max() == 0.0
    assert torch.equal(torch.cat(chunks), ((stock[0].permute(1, 2, 3, 0) + 1) / 2).clamp(0, 1))


def test_encode_is_the_mode_and_repeats_itself(vae: CogVideoXVAE) -> None:
    frames = torch.rand(9, 32, 32, 3)
    with torch.no_grad():
        mean = vae.stock.encode((frames * 2 - 1).permute(3, 0, 1, 2)[None]).latent_dist.mean
    assert torch.equal(vae.encode(frames), mean[0].permute(1, 0, 2, 3))


def test_decode_leaves_the_callers_gradients_on(vae: CogVideoXVAE) -> None:
    for _ in vae.decode(torch.zeros(3, 4, 2, 2)):
        assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    "frames", [torch.rand(5, 32, 32, 3), torch.rand(9, 30, 32, 3), torch.rand(9, 32, 32, 4), torch.rand(32, 32, 3)]
)
def test_encode_refuses_what_the_stock_class_takes_silently(vae: CogVideoXVAE, frames: torch.Tensor) -> None:
    with pytest.raises(InvalidShape):
        vae.encode(frames)


def test_encode_refuses_bytes(vae: CogVideoXVAE) -> None:
    with pytest.raises(InvalidShape, match="255"):
        vae.encode(torch.zeros(9, 32, 32, 3, dtype=torch.uint8))


@pytest.mark.parametrize("latents", [torch.zeros(2, 4, 4, 4), torch.zeros(3, 16, 4, 4), torch.zeros(4, 4, 4)])
def test_decode_refuses_even_counts_and_other_channels(vae: CogVideoXVAE, latents: torch.Tensor) -> None:
    with pytest.raises(InvalidShape):
        next(vae.decode(latents))

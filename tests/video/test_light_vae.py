"""The light autoencoder: causal, local, streamable, and better than its linear part only by training."""

import pytest
import torch

from humandit.errors import InvalidShape
from humandit.video import light_vae
from humandit.video.light_vae import BlockPCA, LightVAE, LightVAEConfig


@pytest.fixture(scope="module")
def vae():
    torch.manual_seed(0)
    vae = LightVAE(LightVAEConfig(channels=16, width=16, layers=2, detail=4))
    for parameter in vae.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    film = torch.rand(17, 64, 64, 3)
    vae.single.fit(vae.single.blocks(film).flatten(0, 2))
    vae.quad.fit(vae.quad.blocks(film[1:]).flatten(0, 2))
    return vae.eval()


@pytest.fixture
def film():
    return torch.rand(17, 32, 48, 3, generator=torch.Generator().manual_seed(1))


def test_shapes(vae, film):
    latents = vae.encode(film)
    assert latents.shape == (5, 16, 4, 6)
    assert torch.cat(list(vae.decode(latents))).shape == film.shape
    assert vae.decode_linear(latents).shape == film.shape


def test_a_frame_encoded_alone_is_the_films_first_latent(vae, film):
    assert torch.equal(vae.encode(film[:1]), vae.encode(film)[:1])
    first = torch.cat(list(vae.decode(vae.encode(film[:1]))))
    assert torch.allclose(first, torch.cat(list(vae.decode(vae.encode(film))))[:1], atol=1e-6)


def test_later_frames_never_change_earlier_ones(vae, film):
    changed = film.clone()
    changed[9:] = 0
    a, b = (torch.cat(list(vae.decode(vae.encode(f)))) for f in (film, changed))
    assert torch.equal(a[:9], b[:9])
    assert not torch.equal(a[9:], b[9:])


def test_streaming_equals_decoding_at_once(vae, film, monkeypatch):
    latents = vae.encode(film)
    whole = torch.cat(list(vae.decode(latents)))
    monkeypatch.setattr(light_vae, "CHUNK", 2)
    chunks = list(vae.decode(latents))
    assert [len(c) for c in chunks] == [5, 8, 4]
    assert torch.allclose(torch.cat(chunks), whole, atol=1e-6)


def test_principal_components_beat_any_other_basis_of_their_size():
    torch.manual_seed(2)
    blocks = torch.randn(500, 192) @ torch.randn(192, 192)
    code = BlockPCA(1, 16)
    code.fit(blocks)
    assert torch.allclose(code.basis @ code.basis.T, torch.eye(16), atol=1e-4)
    centred = blocks - blocks.mean(0)
    kept = ((centred @ code.basis.T) ** 2).sum()
    other = torch.linalg.qr(torch.randn(192, 16)).Q
    assert kept > ((centred @ other) ** 2).sum()
    latents = centred @ code.basis.T / code.spread
    assert latents.square().mean().item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("shape", [(2, 32, 32, 3), (9, 30, 32, 3), (9, 32, 32, 4), (32, 32, 3)])
def test_frames_that_do_not_fit_are_refused(vae, shape):
    with pytest.raises(InvalidShape):
        vae.encode(torch.rand(*shape))


def test_an_even_latent_count_is_refused(vae):
    with pytest.raises(InvalidShape):
        list(vae.decode(torch.zeros(2, 16, 4, 4)))

"""Training a decoder further: its code stays, pictures join in, the person counts more."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from humandit.errors import HumanDiTError, InvalidMedia, InvalidWeights
from humandit.train.vae import VAERecipe, VAETrainer, begun
from humandit.train.vae_examples import SIDE, load_clips, load_pictures, moved_pictures, random_crops
from humandit.train.vae_loss import codes, linear_frames, reconstruction_loss
from humandit.video.light_vae import LightVAEConfig
from humandit.weights.load import load_vae
from tests.train.test_train import write_shard

SMALL = LightVAEConfig(width=16, layers=1, detail=4)
WIDE = replace(SMALL, channels=64)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_shard(folder / "train-0.npz", 0)
    write_shard(folder / "heldout-0.npz", 9)
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for i, shape in enumerate(((40, 60, 3), (300, 280, 3))):
        Image.fromarray(rng.integers(0, 255, shape, np.uint8)).save(folder / f"{i}.png")
    return folder


def test_a_new_network_learns_behind_the_old_code(data, pictures, tmp_path):
    recipe = VAERecipe(data, tmp_path, 0.02, config=WIDE, start="mini", batch=4, crop=32, person=2.0, pictures=pictures)
    trainer = VAETrainer(recipe)
    trainer.run()
    old, new = load_vae("mini"), load_vae(tmp_path / "vae.safetensors")
    assert new.config == WIDE and trainer.step > 0
    frames = load_clips([data / "heldout-0.npz"]).frames[0, :9].float() / 255
    assert torch.equal(old.encode(frames), new.encode(frames)), "films' models of the old code go on working"
    again = VAETrainer(replace(recipe, minutes=0.0))
    again.run()
    assert again.step == trainer.step, "a run of no length is over"


def test_a_code_gets_more_channels_and_keeps_its_own(data, tmp_path):
    clips, old = load_clips([data / "train-0.npz"]), load_vae("mini")
    frames, more = clips.frames[0].float() / 255, replace(WIDE, channels=80)
    new = begun(VAERecipe(data, tmp_path, config=more, start="mini"), clips)
    codes = new.encode(frames)
    assert codes.shape[1] == 80 and torch.equal(codes[:, :64], old.encode(frames))
    turned = new.quad.basis @ new.quad.basis.T
    torch.testing.assert_close(turned, torch.eye(80), atol=1e-3, rtol=0)
    errors = [(vae.decode_linear(vae.encode(frames)) - frames).square().mean() for vae in (new, old)]
    assert errors[0] < 0.9 * errors[1], "the new ones carry what the old ones miss"
    with pytest.raises(InvalidWeights, match="64 channels and keeps them"):
        begun(VAERecipe(data, tmp_path, config=SMALL, start="mini"), clips)


def test_the_bundled_network_itself_goes_on(data, tmp_path):
    trainer = VAETrainer(VAERecipe(data, tmp_path, start="mini", steps=1, batch=1, crop=16))
    old = load_vae("mini")
    assert trainer.model.config == old.config
    assert all(torch.equal(a, b) for a, b in zip(trainer.model.parameters(), old.parameters(), strict=True))
    trainer.run()
    assert not any(torch.equal(a, b) for a, b in zip(trainer.model.parameters(), old.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in zip(trainer.model.buffers(), old.buffers(), strict=True)), "the code stays"
    assert trainer.step == 1 and (tmp_path / "log.jsonl").read_text().startswith('{"step": 1')


def test_batches_are_coded_as_single_clips_are(data):
    vae, clips = load_vae("mini"), load_clips([data / "train-0.npz"])
    frames, person = random_crops(clips, 3, 32, np.random.default_rng(0))
    assert frames.shape == (3, 9, 32, 32, 3) and person.shape == (3, 9, 32, 32, 1)
    assert (frames.mean(-1, keepdim=True)[person > 0] == 1).all(), "the person of these clips is white"
    latents = codes(vae, frames)
    for clip, code, made in zip(frames, latents, linear_frames(vae, latents), strict=True):
        assert torch.allclose(code, vae.encode(clip), atol=1e-5)
        assert torch.allclose(made, vae.linear(code, True), atol=1e-5)
    decoded = torch.stack([torch.cat(list(vae.decode(code))) for code in latents])
    error = (vae_made(vae, latents) - frames).square() + 0.1 * (vae_made(vae, latents) - frames).abs()
    still = torch.tensor(0.0)
    assert torch.isclose(reconstruction_loss(vae, frames, still), error.mean(), atol=1e-5)
    inside = (error * person).sum() / person.sum() / 3
    assert torch.isclose(reconstruction_loss(vae, frames, still, person), inside, atol=1e-5)
    assert decoded.shape == frames.shape


def vae_made(vae, latents):
    before = torch.cat([latents[:, :1], latents[:, :-1]], dim=1)
    with torch.no_grad():
        return torch.stack([vae.reconstruct(z, b, True) for z, b in zip(latents, before, strict=True)])


def test_pictures_glide(pictures):
    kept = load_pictures(pictures)
    assert kept.shape == (2, SIDE, SIDE, 3) and kept.dtype == torch.uint8
    films = moved_pictures(kept, 12, 32, np.random.default_rng(1))
    assert films.shape == (12, 9, 32, 32, 3) and 0 <= films.min() and films.max() <= 1
    still = [(film[0] - film[-1]).abs().max() < 1e-3 for film in films]
    assert any(still) and not all(still)


def test_what_is_missing_is_said(data, tmp_path):
    with pytest.raises(InvalidMedia, match="no pictures"):
        load_pictures(data)
    with pytest.raises(HumanDiTError, match="train-"):
        VAETrainer(VAERecipe(tmp_path, tmp_path / "out", 1))

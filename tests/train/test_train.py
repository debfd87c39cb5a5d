"""Training: tiny real runs on tiny shards."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from humandit.diffusion.schedule import cogvideox_schedule
from humandit.errors import HumanDiTError, InvalidWeights
from humandit.pose import skeleton as coco
from humandit.train.examples import draw_batch, scramble
from humandit.train.loss import spread_timesteps, training_loss
from humandit.train.optim import adamw, trapezoid
from humandit.train.precision import training_dtype
from humandit.train.prefix_errors import kept, prefix_errors, with_errors
from humandit.train.ranks import average_gradients
from humandit.train.recipe import Recipe
from humandit.train.shards import load_shard, mirrored_points, person_positions
from humandit.train.state import Averaged, RunFolder
from humandit.train.vae import VAERecipe, VAETrainer
from humandit.train.vae_loss import reconstruction_loss
from humandit.train.video import VideoTrainer
from humandit.video.config import DiTConfig
from humandit.video.light_vae import LightVAEConfig
from humandit.weights.load import load_model, load_vae

SIZE, CLIPS, FRAMES = 64, 4, 17
TINY = DiTConfig(heads=1, head_dim=32, layers=1, time_dim=16, text_dim=None, rope_base=(4, 4), prediction="x0")


def write_shard(path, seed):
    """Clips of a bright square that walks over a smooth ground, with its corner as every keypoint."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(0, 200, (CLIPS, 1, 4, 4, 3)).repeat(SIZE // 4, 2).repeat(SIZE // 4, 3)
    frames = ground.repeat(FRAMES, 1).astype(np.uint8)
    mask = np.zeros((CLIPS, FRAMES, SIZE, SIZE), bool)
    xy = np.zeros((CLIPS, FRAMES, coco.COUNT, 2), np.float32)
    for clip in range(CLIPS):
        start = rng.integers(0, 16)
        for t in range(FRAMES):
            x, y = start + t, 16 + clip
            frames[clip, t, y : y + 24, x : x + 16] = 255
            mask[clip, t, y : y + 24, x : x + 16] = True
            xy[clip, t] = (x, y)
    np.savez(
        path, frames=frames, xy=xy, score=np.ones(xy.shape[:3], np.float32),
        mask=np.packbits(mask.reshape(CLIPS, FRAMES, -1), axis=-1), other=frames[:, 8], other_xy=xy[:, 8],
        other_score=np.ones((CLIPS, coco.COUNT), np.float32),
        background_xy=np.zeros((CLIPS, FRAMES, 20, 2), np.float32),
        background_visible=np.zeros((CLIPS, FRAMES, 20), bool),
    )  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for i in range(2):
        write_shard(folder / f"train-{i}.npz", i)
    write_shard(folder / "heldout-0.npz", 9)
    return folder


@pytest.fixture(scope="module")
def vae_file(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("vae")
    recipe = VAERecipe(
        data, out, minutes=0.05, config=LightVAEConfig(width=16, layers=1, detail=4), batch=2, lr=1e-4, crop=32
    )
    VAETrainer(recipe).run()
    return out / "vae.safetensors"


def test_the_autoencoders_network_starts_as_its_linear_part_and_learns(data, tmp_path):
    config = LightVAEConfig(width=16, layers=1, detail=4)
    trainer = VAETrainer(VAERecipe(data, tmp_path, minutes=1, config=config))
    frames = trainer.clips.frames[:4, :9].float() / 255
    latents = trainer.model.encode(frames[0])
    start = torch.cat(list(trainer.model.decode(latents)))
    assert torch.equal(start, trainer.model.decode_linear(latents))
    losses, optimizer = [], adamw(list(trainer.model.parameters()), 1e-3)
    for _ in range(80):
        loss = reconstruction_loss(trainer.model, frames, torch.tensor(0.0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert min(losses[-5:]) < losses[0], losses


def test_a_training_of_the_autoencoder_leaves_weights_and_a_curve(vae_file):
    lines = [json.loads(line) for line in (vae_file.parent / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] > 0 and {"psnr", "pca_psnr", "loss"} <= set(lines[-1])
    assert load_vae(vae_file).latent_channels == 16


def test_examples_pair_every_latent_with_its_own_poses(data, vae_file):
    shard = load_shard(data / "train-0.npz", load_vae(vae_file))
    assert len(shard) == 2 * CLIPS
    assert shard.singles.shape[1:] == (5, 16, 8, 8) and shard.quads.shape[1:] == (4, 16, 8, 8)
    batch = draw_batch([shard], 6, 2, np.random.default_rng(0))
    assert batch.pose.shape == (6, 3, 8, 8, 512) and batch.person.shape == (6, 2, 1, 8, 8)
    touched = batch.pose[:, 1:].sum(-1) > 0
    jitter = touched & ~(torch.nn.functional.max_pool2d(batch.person[:, :, 0], 3, 1, 1) > 0)
    assert not jitter.any(), "keypoints lie on the person or right beside it"


def test_a_mirrored_example_is_the_mirrored_picture(data, vae_file):
    shard = load_shard(data / "train-0.npz", load_vae(vae_file))
    assert torch.equal(shard.person[CLIPS:], shard.person[:CLIPS].flip(3))
    xy, score = mirrored_points(shard.xy[:CLIPS], shard.score[:CLIPS], SIZE)
    assert np.array_equal(shard.xy[CLIPS:], xy)
    again, _ = mirrored_points(xy, score, SIZE)
    assert np.allclose(again, shard.xy[:CLIPS])


def test_person_positions_are_any_pixel_of_any_frame_of_the_quad():
    masks = np.zeros((1, 17, 16, 16), bool)
    masks[0, 4, 15, 0] = True  # last frame of the first quad
    positions = person_positions(masks)
    assert positions.shape == (1, 4, 2, 2)
    assert positions[0, 0].tolist() == [[False, False], [True, False]] and not positions[0, 1:].any()


def test_video_training_learns_saves_and_resumes(data, vae_file, tmp_path):
    recipe = Recipe(
        data, vae_file, tmp_path / "run", minutes=10, stretch=0.05, config=TINY, batch=4, lr=3e-3, compile=False
    )
    first = VideoTrainer(recipe, 0)
    first.prepare()
    before = first.train_step(0.0)
    for _ in range(30):
        last = first.train_step(0.1)
    assert last < before
    first.save()
    second = VideoTrainer(recipe, 0)
    assert second.step == 31
    for name, value in first.model.state_dict().items():
        assert torch.equal(second.model.state_dict()[name], value), name
    second.run()
    assert second.step > 31
    weights = tmp_path / "run" / "video.safetensors"
    assert load_model(weights).config == TINY
    third = VideoTrainer(replace(recipe, out=tmp_path / "other", start=weights), 0)
    assert third.step == 0
    assert torch.equal(third.model.proj_out.weight, load_model(weights).proj_out.weight)
    held = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()][-1]
    assert {"heldout_999", "shuffled_999", "loss", "step"} <= set(held)


def test_prefixes_carry_noise_and_the_models_own_errors(data, vae_file, tmp_path):
    batch = draw_batch([load_shard(data / "train-0.npz", load_vae(vae_file))], 32, 2, np.random.default_rng(0))
    noisy = scramble(batch, np.random.default_rng(1), 0.0, 0.5, 0.25)
    spread = (noisy.prefix - batch.prefix).flatten(1).std(1)
    assert (spread > 0).float().mean() == pytest.approx(0.25, abs=0.15) and spread.max() < 0.55
    assert torch.equal(scramble(batch, np.random.default_rng(1), 0.0, 0.0).prefix, batch.prefix)

    recipe = Recipe(data, vae_file, tmp_path, minutes=1, config=TINY, batch=4, compile=False, prefix_errors=1.0)
    trainer = VideoTrainer(recipe, 0)
    trainer.prepare()
    for _ in range(6):
        trainer.train_step(0.1)
    assert 0 < len(trainer.errors) <= 24 and trainer.errors[0].shape == batch.prefix.shape[2:]
    carrying = with_errors(batch, trainer.errors, 0.5, np.random.default_rng(0))
    changed = (carrying.prefix != batch.prefix).flatten(1).any(1)
    assert 4 < changed.sum() < 28
    with pytest.raises(HumanDiTError, match="share of the examples"):
        replace(recipe, prefix_errors=2)


def test_an_error_is_what_the_next_prefix_would_have_wrong(vae_file):
    vae, rng = load_vae(vae_file), torch.Generator().manual_seed(0)
    truth = 0.1 * torch.randn(2, 2, 16, 8, 8, generator=rng)
    assert prefix_errors(truth, truth, torch.tensor([0, 700]), vae)[0].abs().max() == 0
    assert len(prefix_errors(truth, truth, torch.tensor([0, 700]), vae)) == 1, "what nobody could know is no error"
    assert prefix_errors(truth + 0.1, truth, torch.tensor([0, 0]), vae)[1].abs().max() > 0
    assert len(kept([truth[0, 0]] * 256, [truth[1, 0], truth[0, 0] / 0])) == 256


def test_loss_leaves_the_prefix_out_and_counts_the_person_more(data, vae_file):
    shard = load_shard(data / "train-0.npz", load_vae(vae_file))
    batch = draw_batch([shard], 2, 2, np.random.default_rng(0))

    class Answer(torch.nn.Module):
        """Right everywhere but in the prefix, and wrong by one where it is told."""

        def __init__(self, wrong):
            super().__init__()
            self.wrong = wrong

        def forward(self, latents, timestep, pose):
            clean = torch.cat([latents[:, :1] + 100, batch.latents], dim=1)
            clean[:, 1:] += self.wrong
            return clean

    noise, t = torch.randn_like(batch.latents), torch.tensor([999, 999])
    even, schedule = torch.ones(1, 1, 1), cogvideox_schedule("x0")
    loss = lambda wrong: training_loss(Answer(wrong), schedule, batch, noise, t, 5.0, even)  # noqa: E731
    assert loss(torch.zeros(1)) == 0
    assert loss(batch.person) > 2 * loss((1 - batch.person) * batch.person.mean() / (1 - batch.person.mean()))


def test_timesteps_cover_the_range_and_favour_the_noisiest_quarter():
    steps = spread_timesteps(4000, np.random.default_rng(0))
    assert steps.min() < 10 and steps.max() >= 990 and steps.max() < 1000
    assert 0.5 < (steps >= 750).mean() < 0.6


def test_learning_rate_rises_stays_and_falls_to_zero():
    assert trapezoid(0.0, 0, 200, 0.3) == pytest.approx(1 / 200)
    assert trapezoid(0.5, 5000, 200, 0.3) == 1
    assert trapezoid(0.85, 5000, 200, 0.3) == pytest.approx(0.5)
    assert trapezoid(1.0, 5000, 200, 0.3) == 0


def test_the_average_follows_and_a_broken_checkpoint_is_named(tmp_path):
    module = torch.nn.Linear(2, 2)
    averaged = Averaged(module, 0.9)
    with torch.no_grad():
        module.weight.fill_(1)
    for _ in range(200):
        averaged.update(module)
    assert torch.allclose(averaged.values["weight"], torch.ones(2, 2), atol=1e-4)
    folder = RunFolder(tmp_path)
    assert folder.load() is None
    folder.checkpoint.write_bytes(b"no checkpoint")
    with pytest.raises(InvalidWeights, match="cannot be resumed"):
        folder.load()


def test_one_process_keeps_its_gradients_and_finds_its_number_type():
    parameter = torch.nn.Parameter(torch.ones(3))
    parameter.grad = torch.full((3,), 2.0)
    average_gradients([parameter])
    assert parameter.grad.tolist() == [2, 2, 2]
    assert training_dtype(torch.device("cpu")) in (torch.float32, torch.bfloat16)

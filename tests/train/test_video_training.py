"""Training the video model on films: what the loss leaves out, runs that go on, and what a run leaves."""

import json
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from humandit.errors import HumanDiTError
from humandit.media.read import read_image
from humandit.train.examples import Batch, scramble
from humandit.train.loss import loss_and_clean, mean_outside
from humandit.train.recipe import LoRA, Recipe
from humandit.train.state import RunFolder
from humandit.train.video import VideoTrainer
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.sample import schedule_of
from humandit.weights.load import load_model
from humandit.weights.prompt import save_prompt
from humandit.weights.save import save_model
from tests.train.films import build, light_vae
from tests.train.test_filmed import TINY
from tests.weights.checkpoints import stock, write, write_ours

LEFT = {"checkpoint.pt", "log.jsonl", "curves.png", "video.safetensors", "best-video.safetensors", "tensorboard"}
"""What a run leaves in its folder."""


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    build(folder / "shards")
    return {"data": folder / "shards", "vae": light_vae(folder / "vae.safetensors")}


@pytest.fixture
def recipe(places, tmp_path):
    return Recipe(
        **places, out=tmp_path / "run", steps=4, config=TINY, batch=2, compile=False, sides=(32, 32), frames=(9, 9),
        text_mask=True, heldout=0.3, precision="fp32", save_minutes=60,
    )  # fmt: skip


def batch_with_text(seed=0):
    rng = torch.Generator().manual_seed(seed)
    text = torch.zeros(2, 3, 1, 4, 4)
    text[:, :, :, -1] = 1
    noisy = lambda *shape: torch.randn(shape, generator=rng)  # noqa: E731
    return Batch(
        noisy(2, 1, 16, 4, 4), noisy(2, 2, 16, 4, 4), noisy(2, 3, 4, 4, 512).abs(), torch.ones(2, 2, 1, 4, 4), text
    )


@pytest.mark.parametrize("prediction", ["x0", "v"])
def test_the_prefix_and_what_text_covers_have_no_gradient_at_all(prediction):
    torch.manual_seed(0)
    model = HumanDiT(replace(TINY, prediction=prediction))
    batch, noise, outputs = batch_with_text(), torch.randn(2, 2, 16, 4, 4), []

    def ask(*given, **named):
        outputs.append(model(*given, **named))
        outputs[0].retain_grad()
        return outputs[0]

    loss, _ = loss_and_clean(ask, schedule_of(model.config), batch, noise, torch.tensor([700, 300]), 5.0, torch.ones(1))
    loss.backward()
    gradient = outputs[0].grad
    assert gradient.shape == (2, 3, 16, 4, 4)
    assert gradient[:, 0].abs().max() == 0, "frame 0"
    assert gradient[:, 1:, :, -1].abs().max() == 0, "under the text"
    assert gradient[:, 1:, :, :-1].abs().min() > 0, "everything else"
    assert model.text_mask_embed.weight.grad.abs().max() > 0, "the mask is an input too"


def test_text_takes_nothing_from_what_it_leaves():
    error = torch.ones(2, 2, 16, 4, 4)
    assert mean_outside(error, batch_with_text().text).tolist() == [1, 1]
    assert mean_outside(error, torch.ones(2, 3, 1, 4, 4)).tolist() == [0, 0]


def test_the_pose_is_dropped_as_often_as_the_recipe_says():
    rng = np.random.default_rng(0)
    one = Batch(*(torch.ones(4000, 1, 1, 1, 1) for _ in range(3)), torch.ones(4000, 1, 1, 1, 1))
    for kind in (torch.float32, torch.uint8):
        dropped = scramble(replace(one, pose=one.pose.to(kind)), rng, 0.1).pose == 0
        assert dropped.float().mean() == pytest.approx(0.1, abs=0.015)


def finished(recipe):
    trainer = VideoTrainer(recipe, 0)
    trainer.run()
    return trainer.state()


def equal(a, b):
    """Two nests of the same numbers, to the bit."""
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    return a == b


def test_a_run_leaves_weights_curves_and_pictures(recipe):
    state = finished(replace(recipe, samples=1, prefix_errors=0.5, batch=4))
    out = recipe.out
    assert state["step"] == 4 and state["best"] < float("inf") and state["errors"][0]
    line = json.loads((out / "log.jsonl").read_text().splitlines()[-1])
    assert {"step", "clips", "loss", "heldout_999", "shuffled_999", "sample_psnr"} <= set(line)
    assert load_model(out / "video.safetensors").config == TINY
    assert load_model(out / "best-video.safetensors").config == TINY
    assert read_image(out / "curves.png").shape[2] == 3
    sheet = read_image(out / "samples" / "0000004.png")
    assert sheet.shape[0] > 100 and sheet.std() > 10


KILLED = """
import sys
from pathlib import Path
from humandit.train.video import train_rank
from tests.train.test_video_training import long_recipe
train_rank(0, long_recipe(Path(sys.argv[1]), Path(sys.argv[2])))
"""


def long_recipe(films, out):
    return Recipe(
        films / "shards", films / "vae.safetensors", out, steps=16, config=TINY, batch=4, compile=False, sides=(32, 48),
        frames=(9, 17), text_mask=True, heldout=0.3, precision="fp32", save_minutes=0, prefix_errors=0.5, cache=2,
    )  # fmt: skip


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_bits(places, tmp_path):
    films, root = places["data"].parent, Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED, str(films), str(tmp_path / "killed")]
    running = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL)
    seen, log = 0, tmp_path / "killed" / "log.jsonl"
    while seen < 3 and running.poll() is None:
        time.sleep(0.05)
        seen = len(log.read_text().splitlines()) if log.exists() else 0
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL, "it was killed while it trained"
    before = RunFolder(tmp_path / "killed").load()
    assert 0 < before["step"] < 16
    there = long_recipe(films, tmp_path / "killed")
    resumed, whole = finished(there), finished(replace(long_recipe(films, tmp_path / "whole"), save_minutes=60))
    assert resumed["step"] == whole["step"] == 16
    for part in ("model", "averaged", "optimizers", "errors"):
        assert equal(resumed[part], whole[part]), part


def test_a_run_goes_on_with_its_own_recipe_and_data_only(recipe, places, tmp_path):
    finished(recipe)
    longer = replace(recipe, steps=5, samples=0, save_minutes=1)
    assert finished(longer)["step"] == 5
    with pytest.raises(HumanDiTError, match=r"cannot go on: lr was 0.0015 and is 0.001\. Make it as it was"):
        VideoTrainer(replace(recipe, lr=1e-3), 0)
    with pytest.raises(HumanDiTError, match="sides was"):
        VideoTrainer(replace(recipe, sides=(32, 48)), 0)
    build(tmp_path / "shards")
    moved = replace(recipe, data=tmp_path / "shards")
    assert VideoTrainer(moved, 0).step == 5
    (tmp_path / "shards" / "shard-000002.tar").unlink()
    with pytest.raises(HumanDiTError, match=r"shard-000002\.tar is not what it was"):
        VideoTrainer(moved, 0)


def test_a_full_disk_leaves_the_last_checkpoint(recipe):
    finished(recipe)
    trainer = VideoTrainer(replace(recipe, steps=8), 0)
    trainer.train_step(0.5)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))  # no file may grow beyond: as a full disk says it
    try:
        with pytest.raises(HumanDiTError, match="no room"):
            trainer.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert RunFolder(recipe.out).load()["step"] == 4
    assert {path.name for path in recipe.out.iterdir()} <= LEFT


def test_the_model_and_the_recipe_must_belong_together(recipe, tmp_path):
    write(stock("5b"))(tmp_path / "5b.safetensors")
    start = replace(recipe, start=tmp_path / "5b.safetensors", config=None)
    with pytest.raises(HumanDiTError, match="no empty prompt is stored"):
        VideoTrainer(start, 0)
    with pytest.raises(HumanDiTError, match="config names one of 1 of 32"):
        VideoTrainer(replace(start, config=TINY), 0)
    assert not VideoTrainer(replace(start, prompt="none"), 0).config.stored_words
    with pytest.raises(HumanDiTError, match="have 5 numbers, this model's 12"):
        VideoTrainer(replace(start, prompt=save_prompt(tmp_path / "wrong.safetensors", torch.zeros(1, 4, 5))), 0)
    words = torch.randn(1, 4, 12)
    told = VideoTrainer(replace(start, prompt=save_prompt(tmp_path / "prompt.safetensors", words)), 0)
    assert told.config.stored_words == 4 and torch.allclose(told.model.empty_prompt, words)
    write_ours(DiTConfig(heads=2, head_dim=16, layers=1, time_dim=8, text_dim=12, in_channels=32))(
        tmp_path / "f.safetensors"
    )
    with pytest.raises(HumanDiTError, match="16 control channels"):
        VideoTrainer(replace(start, start=tmp_path / "f.safetensors", prompt="none"), 0)


def test_a_tiny_cogvideox_learns_a_lora_beside_its_own_autoencoder_and_prompt(recipe, tmp_path):
    from humandit.video.cogvideox_vae import CogVideoXVAE
    from humandit.weights.header import read_header
    from tests.video.test_cogvideox_vae import TINY as SIZES

    torch.manual_seed(0)
    vae = CogVideoXVAE.from_config({**SIZES, "latent_channels": 16})
    vae_file = save_model(
        tmp_path / "vae.safetensors", vae, {**SIZES, "latent_channels": 16, "class": "AutoencoderKLCogVideoX"}, "vae"
    )
    write(stock("5b"))(tmp_path / "5b.safetensors")
    prompt = save_prompt(tmp_path / "prompt.safetensors", torch.randn(1, 4, 12))
    large = replace(
        recipe, vae=vae_file, start=tmp_path / "5b.safetensors", config=None, prompt=prompt, lora=LoRA(2, 2.0),
        optimizer="adamw", checkpointing=True, cache=1, samples=1, person=0.0, high_noise=0.0, steps=2,
    )  # fmt: skip
    trainer = VideoTrainer(large, 0)
    frozen = {name: value.clone() for name, value in trainer.model.state_dict().items() if "lora" not in name}
    trainer.run()
    assert trainer.schedule.prediction == "v" and trainer.model.empty_prompt.abs().max() > 0
    changed = {name for name, value in frozen.items() if not torch.equal(trainer.model.state_dict()[name], value)}
    assert changed <= {"pose_guider.proj.weight", "text_mask_embed.weight"}
    assert read_header(recipe.out / "lora.safetensors").tensors
    with pytest.raises(HumanDiTError, match="prefix_errors needs the light VAE"):
        VideoTrainer(replace(large, prefix_errors=0.1), 0)
    with pytest.raises(HumanDiTError, match="structure needs the light VAE"):
        VideoTrainer(replace(large, structure=0.5), 0)

"""The one command for a graphics card, tiny and on the processor."""

import json
import subprocess
import sys
import time

import pytest
import torch

from humandit.errors import HumanDiTError
from humandit.train.recipe import Recipe
from humandit.weights.load import load_model, load_vae
from tests.train.test_train import write_shard
from tools.on_card import CardTrainer
from tools.train_bundled import Plan, earlier, join, split


def plan(out):
    return Plan(out, 64, 64, 1, 0.1, 0.1, None, "mini", "mini", None, 4, 2, 1e-3, time.monotonic())


def test_weights_go_through_small_doors(tmp_path):
    whole = tmp_path / "video.safetensors"
    whole.write_bytes(bytes(range(256)) * 10)
    pieces = split(whole, tmp_path / "pieces", 1000)
    assert [piece.stat().st_size for piece in pieces] == [1000, 1000, 560]
    assert join(tmp_path / "pieces", whole.name, tmp_path / "again").read_bytes() == whole.read_bytes()
    assert join(tmp_path / "pieces", "vae.safetensors", tmp_path / "none") is None
    assert split(whole, tmp_path / "pieces") == pieces[:1], "older pieces are gone"
    pieces[0].rename(pieces[1])
    with pytest.raises(HumanDiTError, match="missing"):
        join(tmp_path / "pieces", whole.name, tmp_path / "again")


def test_a_run_begins_with_the_pieces_of_an_earlier_one(tmp_path):
    assert earlier(plan(tmp_path)).start == "mini"
    whole = tmp_path / "video.safetensors"
    whole.write_bytes(b"weights")
    split(whole, tmp_path / "pieces")
    begun = earlier(plan(tmp_path))
    assert begun.start == str(tmp_path / "start" / "video.safetensors") and begun.start_vae == "mini"
    (tmp_path / "video").mkdir()
    (tmp_path / "video" / "checkpoint.pt").touch()
    assert earlier(plan(tmp_path)).start == begun.start, "a run that goes on keeps what it began with"


def test_the_trainer_learns_from_the_cards_memory(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    write_shard(data / "train-0.npz", 0)
    write_shard(data / "heldout-0.npz", 9)
    recipe = Recipe(data, "mini", tmp_path / "run", start="mini", steps=2, batch=2, compile=False)
    trainer = CardTrainer(recipe, 0)
    trainer.run()
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert log[-1]["step"] == 2 and log[-1]["clips"] == 8 and 0 < log[-1]["loss"] < 10
    made = load_model(tmp_path / "run" / "video.safetensors")
    before = load_model("mini").state_dict()
    assert any(not torch.equal(value, before[name]) for name, value in made.state_dict().items())


@pytest.mark.long
def test_the_whole_command(tmp_path):
    command = [sys.executable, "-m", "tools.train_bundled", "--out", str(tmp_path), "--size", "64", "--clips", "64"]
    command += ["--workers", "1", "--vae-minutes", "0.05", "--video-minutes", "0.05", "--batch", "4", "--crops", "2"]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout.splitlines()[-1])
        assert result["shards"] == 1 and len(result["pieces"]) == 3
    assert load_vae(join(tmp_path / "pieces", "vae.safetensors", tmp_path / "vae.safetensors")).config.width == 192

"""The one command for a graphics card, tiny and on the processor."""

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from humandit.errors import HumanDiTError
from humandit.train.recipe import Recipe
from humandit.weights.load import load_model, load_vae
from tests.train.test_train import write_shard
from tools.on_card import CardTrainer
from tools.train_bundled.pieces import earlier, join, split
from tools.train_bundled.plan import Plan
from tools.train_bundled.score import asked, scored, summary, verdict


def plan(out, stretch=None, evaluate=2):
    return Plan(out, 64, 64, 1, 0.1, 0.1, stretch, "mini", "mini", None, 4, 2, 400, 1e-3, evaluate, time.monotonic())


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
    recipe = Recipe(
        data,
        "mini",
        tmp_path / "run",
        start="mini",
        config=None,
        steps=2,
        batch=2,
        compile=False,
        overlaid=True,
        structure=0.5,
    )
    trainer = CardTrainer(recipe, 0, clips=64, tokens=400)
    trainer.run()
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert log[-1]["step"] == 2 and log[-1]["clips"] == 8 and 0 < log[-1]["loss"] < 10
    made = load_model(tmp_path / "run" / "video.safetensors")
    assert made.config.overlaid and made.overlay.gates.weight.any(), "what was added learns"
    before = load_model("mini").state_dict()
    assert any(not torch.equal(value, before[name]) for name, value in made.state_dict().items())


def test_a_part_of_the_time_is_kept_for_the_evaluation(tmp_path):
    assert plan(tmp_path, 12).left_to_train == pytest.approx(10, abs=0.1)
    assert plan(tmp_path, 4).vae.stretch == pytest.approx(3, abs=0.1)
    assert plan(tmp_path, 12, evaluate=0).video.stretch == pytest.approx(12, abs=0.1)
    assert plan(tmp_path).left_to_train is None and plan(tmp_path, 0).left_to_train == 0


def write_weights(out, value=0.0):
    notes = {str(number): "x" for number in range(20)}  # in another order in every file
    for name in ("vae", "video"):
        path = plan(out).weights(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: torch.full((2, 3), value, dtype=torch.float16)}, path, notes)


def test_a_decoder_may_stay_as_it_is(tmp_path):
    asked = replace(plan(tmp_path), vae_minutes=0)
    assert asked.models == ["video"] and plan(tmp_path).models == ["vae", "video"]
    assert asked.weights("vae") == asked.code and plan(tmp_path).weights("vae") != asked.code


def test_an_evaluation_waits_for_a_call_with_time_left(tmp_path, capsys):
    write_weights(tmp_path)
    assert scored(plan(tmp_path, evaluate=0)) is None and not capsys.readouterr().err
    assert scored(plan(tmp_path, stretch=0)) is None
    assert "same command again evaluates them" in capsys.readouterr().err


def test_the_same_weights_are_evaluated_once(tmp_path):
    write_weights(tmp_path)
    found = {"of": asked(plan(tmp_path)), "clips": 2}
    (tmp_path / "evaluation.json").write_text(json.dumps(found))
    write_weights(tmp_path)  # other files, the same content
    assert scored(plan(tmp_path, stretch=0)) == found
    write_weights(tmp_path, 1.0)
    assert scored(plan(tmp_path, stretch=0)) is None


def test_what_is_said_rests_on_the_interval():
    row = {"person_psnr": 18.0, "person_ssim": 0.5, "perceptual": 0.03, "psnr": 20.0}
    before = {**row, "person_psnr": 17.0, "perceptual": 0.02}
    gains = {"person_psnr": [1.0, 0.5, 1.5], "person_ssim": [0.01, -0.1, 0.1], "perceptual": [-0.01, -0.02, -0.001]}
    rivals = dict.fromkeys(("shuffled_pose", "repeat_reference", "vae_only"), row)
    found = summary({"model": row, "against": before, **rivals, "margins": {"against": gains}, "clips": 8})
    assert found["before"] == {"person_psnr": 17.0, "person_ssim": 0.5, "perceptual": 0.02}
    said = verdict(found).splitlines()
    assert "8 held-out people" in said[0] and "18.00, before 17.00: better (gain 1, 95 %: 0.5 to 1.5)" in said[1]
    assert "no clear difference" in said[2] and "worse" in said[3]
    assert "too few clips to tell" in verdict({**found, "clips": 2})


@pytest.mark.long
def test_the_whole_command(tmp_path):
    command = [sys.executable, "-m", "tools.train_bundled", "--out", str(tmp_path), "--size", "64", "--clips", "64"]
    command += ["--workers", "1", "--vae-minutes", "0.05", "--video-minutes", "0.05", "--batch", "4", "--crops", "2"]
    command += ["--evaluate", "2"]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout.splitlines()[-1])
        assert result["shards"] == 1 and len(result["pieces"]) == 3
        assert result["evaluation"] == json.loads((tmp_path / "evaluation.json").read_text())
    assert result["evaluation"]["clips"] == 2 and (tmp_path / "evaluation" / "page.html").is_file()
    assert (
        result["evaluation"]["now"] != result["evaluation"]["before"]
        and "person_psnr" in result["evaluation"]["better_by"]
    )
    assert load_vae(join(tmp_path / "pieces", "vae.safetensors", tmp_path / "vae.safetensors")).config.width == 192

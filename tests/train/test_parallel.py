"""Two processes train as one does, whether they split the films, the tokens of a film or the weights."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from humandit.errors import HumanDiTError
from humandit.train.groups import groups_of
from humandit.train.ranks import run_ranks
from humandit.train.recipe import LoRA, Recipe
from humandit.train.state import RunFolder
from humandit.video.config import DiTConfig
from tests.weights.checkpoints import stock, write

from .films import build, light_vae
from .parallel_worker import LORA_WAYS, RANK, STEPS, Plan, of_films, trained, two_processes

pytestmark = pytest.mark.slow

WAYS = {"averaged": "muon", "sequence": "muon", "sharded": "muon", "both": "adamw"}
WAYS |= {name: f"lora {how.get('optimizer', 'muon')}" for name, how in LORA_WAYS.items()}
"""How two processes share the work, and which training of one they are compared with."""


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """By optimiser, and whether it trains a LoRA, what one process makes of the same films."""
    out = tmp_path_factory.mktemp("alone")
    made = {name: trained(0, Plan(out / name, optimizer=name)) for name in ("muon", "adamw")}
    narrow = {f"lora {n}": trained(0, Plan(out / f"lora-{n}", optimizer=n, lora=LoRA(RANK))) for n in made}
    return made | narrow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    trained(0, Plan(folder / "made-by-one", steps=2))
    run_ranks(two_processes, 2, folder)
    return folder


def of(folder, name):
    return torch.load(folder / f"{name}-0.pt", weights_only=True)


def worst(these, those):
    """Largest difference of same-named tensors, relative to the largest value of each."""
    assert set(these) == set(those)
    return max(((these[n] - those[n]).abs().max() / those[n].abs().max().clamp(min=1e-3)).item() for n in those)


@pytest.mark.parametrize(("name", "like"), WAYS.items())
def test_two_processes_train_as_one(alone, folder, name, like):
    one, two = alone[like], of(folder, name)
    assert len(two["losses"]) == STEPS and two["losses"] == pytest.approx(one["losses"], rel=1e-5)
    for first_or_last in (0, 1):
        assert worst(two["gradients"][first_or_last], one["gradients"][first_or_last]) < 1e-5
    assert worst(two["weights"], one["weights"]) < 1e-5 and worst(two["mean"], one["mean"]) < 1e-5


def test_a_fault_would_be_seen(alone, folder):
    deaf, same = of(folder, "one-way"), of(folder, "same-films")
    assert deaf["losses"][0] == pytest.approx(alone["muon"]["losses"][0], rel=1e-5)  # forwards it is right
    assert worst(deaf["gradients"][0], alone["muon"]["gradients"][0]) > 0.1
    assert same["losses"][0] != pytest.approx(alone["muon"]["losses"][0], rel=1e-3)
    assert worst(same["gradients"][0], alone["muon"]["gradients"][0]) > 0.1


def test_one_goes_on_from_two_and_two_from_one(alone, folder):
    one = alone["muon"]
    two = of(folder, "made-by-one")
    assert two["losses"] == pytest.approx(one["losses"][2:], rel=1e-5)
    assert worst(two["weights"], one["weights"]) < 1e-5 and worst(two["mean"], one["mean"]) < 1e-5
    again = trained(0, Plan(folder / "made-by-two"))
    assert again["losses"] == pytest.approx(one["losses"][2:], rel=1e-5)
    assert worst(again["weights"], one["weights"]) < 1e-5 and worst(again["mean"], one["mean"]) < 1e-5


def test_groups_are_of_one_size(folder):
    assert "cannot be made of 2" in (folder / "refusal-0").read_text()
    with pytest.raises(HumanDiTError, match="multiple of 2"):
        groups_of(2)


@pytest.mark.parametrize("lora", [None, LoRA(RANK)], ids=["whole", "lora"])
def test_the_video_model_learns_alike_on_two_processes(tmp_path, lora):
    build(tmp_path / "shards")
    config = DiTConfig(heads=2, head_dim=16, layers=1, time_dim=16, text_dim=None, rope_base=(4, 4), prediction="x0")
    one = Recipe(
        tmp_path / "shards", light_vae(tmp_path / "vae.safetensors"), tmp_path / "one", config=config, steps=2, batch=2,
        sides=(32, 48), frames=(9, 17), optimizer="adamw", checkpointing=True, precision="fp32", compile=False,
        prefix_errors=0.5, samples=1, save_minutes=0, heldout=0.3,
    )  # fmt: skip
    if lora is not None:
        base = tmp_path / "tiny-5b.safetensors"
        write({name: 4 * value for name, value in stock("5b").items()})(base)
        one = replace(one, start=base, config=None, prompt="none", lora=lora, samples=0, save_minutes=60)
    two = replace(one, out=tmp_path / "two", shard=True, sequence=2)
    two.out.mkdir()
    of_films(0, one)
    run_ranks(of_films, 2, two)
    first, second = (RunFolder(recipe.out).load() for recipe in (one, two))
    assert worst(second["model"], first["model"]) < 1e-5
    assert worst(second["averaged"]["values"], first["averaged"]["values"]) < 1e-5
    measured = torch.load(one.out / "measured-0.pt", weights_only=True)
    assert measured and torch.load(two.out / "measured-0.pt", weights_only=True) == pytest.approx(measured, rel=1e-5)
    assert {path.name for path in one.out.iterdir()} <= {path.name for path in two.out.iterdir()}
    assert "--no-compile" in (two.out / "refused-compile").read_text()
    assert "Choose adamw" in (two.out / "refused-optimizer").read_text()

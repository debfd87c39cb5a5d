"""Recipes in files: every field by its name and kind, nothing silently ignored; and a run that does not change them."""

from dataclasses import replace
from pathlib import Path

import pytest

from humandit.cli import main
from humandit.errors import HumanDiTError
from humandit.train.recipe import LoRA, Recipe
from humandit.train.recipe_file import read_recipe_file, read_settings
from humandit.types import TOKEN_BUDGET
from humandit.video.config import MINI

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))
PLACES = {"data": Path("data"), "vae": "mini", "out": Path("out"), "start": "mini"}


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return read_recipe_file(path)


def test_every_recipe_of_the_pack_can_be_read():
    assert [path.stem for path in RECIPES] == ["5b-full-8x80gb", "5b-lora-24gb", "mini", "paper"]
    read = {path.stem: Recipe(**{**PLACES, **read_recipe_file(path)}) for path in RECIPES}
    assert read["mini"].config == MINI and read["mini"].lr == 1.5e-3 and read["mini"].lora is None
    assert read["5b-lora-24gb"].lora == LoRA(64, 64.0) and read["5b-lora-24gb"].optimizer == "adamw8bit"
    paper = read["paper"]
    assert (paper.budget, paper.lr, paper.sequence, paper.frames) == (TOKEN_BUDGET, 5e-5, 8, (17, 249))
    assert all(read[name].text_mask and read[name].checkpointing for name in read if name != "mini")


def test_values_come_in_the_kind_of_their_field(tmp_path):
    found = written(
        tmp_path / "r.yaml",
        "lr: 5e-5\nminutes: 3\nsides: [64, 128]\nlora: {rank: 4}\nstart: a/b.safetensors\nvae: mini",
    )
    assert found == {"lr": 5e-5, "minutes": 3.0, "sides": (64, 128), "lora": LoRA(4), "start": Path("a/b.safetensors"),
                     "vae": "mini"}  # fmt: skip
    assert read_settings(["batch=4", "lora=null", "config=mini"]) == {"batch": 4, "lora": None, "config": MINI}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learning_rate: 1", "unknown key 'learning_rate'"),
        ("bacth: 4", r"unknown key 'bacth'. Did you mean batch\?"),
        ("lora: {rnak: 4}", r"lora: unknown key 'rnak'. Did you mean rank\?"),
        ("batch: 4.5", "batch should be a whole number, got 4.5"),
        ("batch: true", "batch should be a whole number, got True"),
        ("compile: 1", "compile should be true or false, got 1"),
        ("sides: 64", "sides should be 2 whole numbers, got 64"),
        ("sides: [64]", "sides should be 2 whole numbers"),
        ("optimizer: sgd", "optimizer should be muon or adamw or adamw8bit, got 'sgd'"),
        ("config: huge", "config should be one of mini, 5b, 1.5-5b or null, got 'huge'"),
        ("lr: fast", "lr should be a number, got 'fast'"),
        ("- a\n- b", "lines 'name: value', got list"),
        ("a: [", "is no YAML"),
        ("", "lines 'name: value', got NoneType"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, text, words):
    with pytest.raises(HumanDiTError, match=words):
        written(tmp_path / "r.yaml", text)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lr": 2.0}, "lr lies from 0 to 1, got 2.0"),
        ({"pose_dropout": 1.5}, "a share of the examples, from 0 to 1, got 1.5"),
        ({"steps": 0}, "steps lies from 1 to inf, got 0"),
        ({"sides": (100, 128)}, "sides are the least and the greatest, multiples of 16"),
        ({"frames": (17, 9)}, r"8k\+1 from 9 on, got 17 and 9"),
        ({"config": None, "start": None}, "needs a config"),
        ({"lora": LoRA(), "start": None}, "lies beside trained weights"),
    ],
)
def test_values_out_of_range_are_refused(change, words):
    with pytest.raises(HumanDiTError, match=words):
        Recipe(**{**PLACES, **change})


def test_a_run_that_goes_on_names_what_has_changed():
    before = Recipe(**PLACES)
    assert not before.changed(before.to_dict()) and not before.changed({})
    free = replace(before, minutes=3.0, out=Path("b"), data=Path("c/data"), compile=False, samples=3, save_minutes=1.0)
    assert not free.changed(before.to_dict())
    assert not replace(before, start=Path("a.safetensors")).changed(before.to_dict())
    beside = replace(before, lora=LoRA())
    assert replace(beside, start=Path("b/a.safetensors")).changed(beside.to_dict()) == [
        "start was mini and is a.safetensors"
    ]
    words = replace(before, lr=1e-4, sides=(64, 64)).changed(before.to_dict())
    assert words == ["sides was [128, 128] and is [64, 64]", "lr was 0.0015 and is 0.0001"]


def test_the_command_says_what_is_wrong_with_a_recipe(tmp_path, capsys):
    (tmp_path / "r.yaml").write_text("bacth: 4")
    line = ["train", "video", "--out", str(tmp_path / "run"), "--recipe", str(tmp_path / "r.yaml")]
    assert main(line) == 2
    assert "Did you mean batch?" in capsys.readouterr().err
    assert main([*line[:4], "--recipe", str(tmp_path / "none.yaml")]) == 2
    assert "There is no recipe" in capsys.readouterr().err
    assert main([*line[:4], "--set", "lr"]) == 2
    assert "A setting is NAME=VALUE" in capsys.readouterr().err
    assert main(["train", "vae", "--out", str(tmp_path), "--steps", "3"]) == 2
    assert "are for the video model" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()

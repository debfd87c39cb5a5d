"""Prompts in files, and inside a model's file."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from humandit.commands import weights
from humandit.errors import InvalidWeights
from humandit.video.config import MINI
from humandit.video.model import HumanDiT
from humandit.weights.load import load_model
from humandit.weights.prompt import keep_prompt, read_prompt, save_prompt
from humandit.weights.save import save_model
from tests.weights.checkpoints import FOLDER_CONFIG, config_of, random_like, stock

WORDS = torch.arange(5 * 12).reshape(1, 5, 12) / 7


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    return save_prompt(tmp_path / "empty.safetensors", WORDS)


def test_what_was_saved_is_read(prompt: Path) -> None:
    assert torch.equal(read_prompt(prompt), WORDS)
    with pytest.raises(InvalidWeights, match=r"one text's tokens \[1, L, D\], got \[2, 5, 12\]"):
        save_prompt(prompt, WORDS.expand(2, -1, -1))
    save_file(stock("5b"), prompt)
    with pytest.raises(InvalidWeights, match="no saved prompt. Save one by HumanDiT Save Prompt"):
        read_prompt(prompt)


def test_inside_a_stock_model(tmp_path: Path, prompt: Path) -> None:
    """With its config from the neighbour, which the new file carries along; in the old one's type."""
    state = {name: value.bfloat16() for name, value in stock("Fun").items()}
    save_file({f"model.diffusion_model.{name}": value for name, value in state.items()}, tmp_path / "fun.safetensors")
    (tmp_path / "config.json").write_text(json.dumps(FOLDER_CONFIG))
    out = keep_prompt(tmp_path / "fun.safetensors", prompt, tmp_path / "away" / "kept.safetensors")
    before, after = load_model(tmp_path / "fun.safetensors"), load_model(out)
    assert before.config.rope_base == (4, 6) and after.config == replace(before.config, stored_words=5)
    assert torch.equal(after.empty_prompt, WORDS.bfloat16().float())
    assert load_file(out)["proj_out.weight"].dtype == torch.bfloat16
    assert all(torch.equal(value, after.state_dict()[name]) for name, value in before.state_dict().items())


def test_inside_a_model_of_ours_by_the_command(tmp_path: Path, prompt: Path) -> None:
    model = HumanDiT(config_of("5b"))
    model.load_state_dict(random_like(model.state_dict()))
    save_model(tmp_path / "ours.safetensors", model, model.config, "video", {"licence": "mine"})
    parser = argparse.ArgumentParser()
    weights.add_arguments(parser)
    names = [str(tmp_path / f"{name}.safetensors") for name in ("ours", "empty", "kept")]
    said = weights.run(parser.parse_args(["keep", *names]))
    assert said["looks_like"] == "a HumanDiT video model" and said["licence"] == "mine" and said["problems"] == []
    kept = load_model(names[2])
    assert kept.config.stored_words == 5 and torch.equal(kept.empty_prompt, WORDS)


def test_a_prompt_of_another_text_encoder(tmp_path: Path) -> None:
    wide = save_prompt(tmp_path / "wide.safetensors", torch.zeros(1, 5, 768))
    save_file(stock("5b"), tmp_path / "five.safetensors")
    with pytest.raises(InvalidWeights, match="reads tokens of 12 numbers, the prompt's tokens have 768.*T5-XXL"):
        keep_prompt(tmp_path / "five.safetensors", wide, tmp_path / "out.safetensors")
    save_model(tmp_path / "mini.safetensors", HumanDiT(MINI), MINI, "video")
    with pytest.raises(InvalidWeights, match="reads no text"):
        keep_prompt(tmp_path / "mini.safetensors", wide, tmp_path / "out.safetensors")
    assert not (tmp_path / "out.safetensors").exists()

"""The verb ``weights`` as the command line calls it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from humandit.commands import weights
from humandit.errors import InvalidWeights


def call(*words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    weights.add_arguments(parser)
    result = weights.run(parser.parse_args(words))
    json.dumps(result)
    return result


def test_list_names_the_bundled_weights_and_what_can_be_fetched() -> None:
    listed = {(entry["name"], entry["kind"]) for entry in call("list", "--json")["weights"]}
    assert {("mini", "video"), ("mini", "vae"), ("pose", "pose")} <= listed


def test_inspect_a_lora(tmp_path: Path) -> None:
    path = tmp_path / "style.safetensors"
    save_file({"blocks.0.lora_A.weight": torch.zeros(2, 4), "blocks.0.lora_B.weight": torch.zeros(4, 2)}, path)
    found = call("inspect", str(path), "--json")
    assert (found["looks_like"], found["kind"], found["folder"]) == ("a LoRA", "other", "loras")
    assert found["parameters"] == 16


def test_inspect_refuses_a_pickle(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    torch.save({"w": torch.zeros(1)}, path)
    with pytest.raises(InvalidWeights, match="Pickles can run code"):
        call("inspect", str(path))


def test_sizes_are_the_published_ones_and_ours_apart() -> None:
    sizes = call("sizes", "--json")["sizes"]
    billions = {name: entry["billions"] for name, entry in sizes.items() if name != "mini"}
    assert billions == {
        "CogVideoX-5b": 5.5703,
        "CogVideoX-5b-I2V": 5.5705,
        "CogVideoX-Fun-V1.1-5b-Pose": 5.5705,
        "CogVideoX1.5-5B": 5.5707,
        "CogVideoX1.5-5B-I2V": 5.5716,
    }
    assert sizes["CogVideoX-5b"]["own"] == (512 * 4 + 4) * 3072
    assert sizes["CogVideoX1.5-5B"]["own"] == (512 * 8 + 8) * 3072
    assert "5.5703 B and 6.30 M of HumanDiT" in call("sizes")["CogVideoX-5b"]

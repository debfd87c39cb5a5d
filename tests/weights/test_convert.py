"""Pickles of other programs become safetensors, and nothing in them runs."""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from humandit.commands import weights
from humandit.errors import InvalidWeights
from humandit.weights.header import read_header
from humandit.weights.load import load_model
from tests.weights.checkpoints import VARIANTS, State, lora, stock, vctrl


def convert(source: Path, out: Path, *words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    weights.add_arguments(parser)
    return json.loads(json.dumps(weights.run(parser.parse_args(["convert", str(source), str(out), *words, "--json"]))))


def paddle(state: State, half: bool = False) -> dict[str, Any]:
    """The dictionary that Paddle pickles: [in, out] matrices, bfloat16 as whole numbers, and its table of names."""
    arrays = {}
    for name, value in state.items():
        value = value.T if value.ndim == 2 and name.endswith(".weight") else value
        bits = value.contiguous().to(torch.bfloat16).view(torch.int16).numpy().view(np.uint16)
        arrays[name] = bits if half else value.contiguous().numpy()
    return {**arrays, "StructuredToParameterName@@": {name: f"linear_{i}.w_0" for i, name in enumerate(state)}}


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("half", [False, True])
def test_vctrl_of_paddle(tmp_path: Path, protocol: int, half: bool) -> None:
    state, source = vctrl(), tmp_path / "model_state.pdparams"
    source.write_bytes(pickle.dumps(paddle(state, half), protocol=protocol))
    found = convert(source, tmp_path / "vctrl.safetensors", "--as", "vctrl")
    assert (found["looks_like"], found["folder"]) == ("a PP-VCtrl side network", "controlnet")
    assert found["left_out"] == ["StructuredToParameterName@@"]
    done = load_file(tmp_path / "vctrl.safetensors")
    assert set(done) == set(state)
    for name, value in state.items():
        assert torch.equal(done[name], value.to(torch.bfloat16) if half else value), name
    notes = read_header(tmp_path / "vctrl.safetensors").metadata
    assert notes["source"] == "model_state.pdparams"
    assert notes["source_sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert notes["licence"] == "Apache-2.0" and len(notes["converted"]) == 10


def test_pairs_of_name_and_array(tmp_path: Path) -> None:
    """Paddle writes a parameter beside other objects as its own name and its array."""
    pairs = {name: (f"w_{i}", value) for i, (name, value) in enumerate(paddle(vctrl()).items()) if "@@" not in name}
    (tmp_path / "m.pdparams").write_bytes(pickle.dumps(collections.OrderedDict(pairs)))
    convert(tmp_path / "m.pdparams", tmp_path / "m.safetensors", "--as", "vctrl")
    assert torch.equal(
        load_file(tmp_path / "m.safetensors")["cond_patch_embed.proj.bias"], vctrl()["cond_patch_embed.proj.bias"]
    )


def to_sat(state: State) -> State:
    """A stock transformer under the names of CogVideoX's authors."""
    simple = {
        "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
        "ofs_embedding.linear_1": "ofs_embed.0", "ofs_embedding.linear_2": "ofs_embed.2",
        "patch_embed.proj": "mixins.patch_embed.proj", "patch_embed.text_proj": "mixins.patch_embed.text_proj",
        "norm_final": "transformer.final_layernorm", "norm_out.norm": "mixins.final_layer.norm_final",
        "norm_out.linear": "mixins.final_layer.adaLN_modulation.1", "proj_out": "mixins.final_layer.linear",
        "patch_embed": "mixins.pos_embed",
    }  # fmt: skip
    block = {
        "norm1.norm": "input_layernorm", "norm2.norm": "post_attention_layernorm", "attn1.to_out.0": "attention.dense",
        "ff.net.0.proj": "mlp.dense_h_to_4h", "ff.net.2": "mlp.dense_4h_to_h",
    }  # fmt: skip
    out = {"mixins.pos_embed.freqs_sin": torch.zeros(3), "transformer.word_embeddings.weight": torch.zeros(1, 2)}
    for name, value in state.items():
        layer, _, end = name.rpartition(".")
        if layer in simple:
            out[f"{simple[layer]}.{end}"] = value
            continue
        _, n, rest = layer.split(".", 2)
        parts = f"transformer_blocks.{n}."
        if rest in block:
            out[f"transformer.layers.{n}.{block[rest]}.{end}"] = value
        elif rest in ("attn1.norm_q", "attn1.norm_k"):
            kind = "query" if rest.endswith("q") else "key"
            out[f"mixins.adaln_layer.{kind}_layernorm_list.{n}.{end}"] = value
        elif rest == "attn1.to_q":
            joined = [state[f"{parts}attn1.{part}.{end}"] for part in ("to_q", "to_k", "to_v")]
            out[f"transformer.layers.{n}.attention.query_key_value.{end}"] = torch.cat(joined)
        elif rest == "norm1.linear":
            one, two = (state[f"{parts}{norm}.linear.{end}"].chunk(2) for norm in ("norm1", "norm2"))
            out[f"mixins.adaln_layer.adaLN_modulations.{n}.1.{end}"] = torch.cat([one[0], two[0], one[1], two[1]])
    return out


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "5b-I2V"])
@pytest.mark.parametrize("old", [False, True])
def test_sat_checkpoints(tmp_path: Path, variant: str, old: bool) -> None:
    state, source = stock(variant), tmp_path / "mp_rank_00_model_states.pt"
    inside = {"model.diffusion_model." + name: value for name, value in to_sat(state).items()}
    wrapped = {"module": {**inside, "conditioner.w": torch.zeros(1)}, "dp_world_size": 1}
    torch.save(wrapped, source, _use_new_zipfile_serialization=not old)
    found = convert(source, tmp_path / "m.safetensors", "--as", "cogvideox")
    assert set(found["left_out"]) == {
        "dp_world_size", "conditioner.w", "model.diffusion_model.mixins.pos_embed.freqs_sin",
        "model.diffusion_model.transformer.word_embeddings.weight",
    }  # fmt: skip
    done = load_file(tmp_path / "m.safetensors")
    assert set(done) == set(state)
    assert all(torch.equal(done[name], value) for name, value in state.items())
    assert load_model(tmp_path / "m.safetensors").config.in_channels == state["patch_embed.proj.weight"].shape[1] or (
        "1.5" in variant
    )


def test_learned_positions_of_sat(tmp_path: Path) -> None:
    """5b-I2V's table, at its true plane of 30 x 45 tokens."""
    state = stock("5b-I2V", rope_base=(30, 45), learned_positions=(226, 2), heads=1)
    torch.save(to_sat(state), tmp_path / "m.pt")
    assert convert(tmp_path / "m.pt", tmp_path / "m.safetensors")["looks_like"] == "a CogVideoX-5b-I2V transformer"
    assert torch.equal(
        load_file(tmp_path / "m.safetensors")["patch_embed.pos_embedding"], state["patch_embed.pos_embedding"]
    )


@pytest.mark.parametrize("name", ["m.bin", "m.ckpt", "m.pth"])
def test_old_pytorch_files(tmp_path: Path, name: str) -> None:
    torch.save({"state_dict": stock("Fun"), "global_step": 7}, tmp_path / name)
    found = convert(tmp_path / name, tmp_path / "m.safetensors", "--licence", "CC0-1.0")
    assert (found["left_out"], found["notes"]["licence"]) == (["global_step"], "CC0-1.0")
    assert load_model(tmp_path / "m.safetensors").config.control_channels == 16


def test_a_lora(tmp_path: Path) -> None:
    torch.save(lora("transformer.", ("lora_A.weight", "lora_B.weight")), tmp_path / "lora.bin")
    assert convert(tmp_path / "lora.bin", tmp_path / "m.safetensors")["folder"] == "loras"
    assert all(name.startswith("transformer.transformer_blocks.0.") for name in load_file(tmp_path / "m.safetensors"))


class Evil:
    """Runs a command where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.mark}",)


class Reader:
    """Reads a file where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, ("__import__('pathlib').Path('/etc/hostname').read_text()",)


@pytest.mark.parametrize("name", ["m.pdparams", "m.pt", "old.pt", "m.bin"])
@pytest.mark.parametrize("nested", [False, True])
def test_a_malicious_pickle_is_refused_and_nothing_runs(tmp_path: Path, name: str, nested: bool) -> None:
    mark, source = tmp_path / "it-ran", tmp_path / name
    bad: Any = {"sample_patch_embed.proj.weight": Evil(mark)} if nested else Evil(mark)
    if name == "m.pdparams":
        source.write_bytes(pickle.dumps(bad))
    else:
        torch.save(bad, source, _use_new_zipfile_serialization=name != "old.pt")
    with pytest.raises(InvalidWeights, match=r"wants to run \w+\.system.*Nothing of it was run, and nothing written"):
        convert(source, tmp_path / "m.safetensors")
    assert not mark.exists() and not (tmp_path / "m.safetensors").exists()


def test_other_tricks_of_pickles(tmp_path: Path) -> None:
    tricks = {
        "builtins.eval": pickle.dumps({"w": Reader()}),
        "numpy.f2py.crackfortran": b"\x80\x02cnumpy.f2py.crackfortran\nmyeval\n(S'1'\ntR.",
        "points to something outside": b"\x80\x02Vhttp://example.org\nQ.",
        "damaged pickle": b"\x80\x04\x95",
        "no dictionary of arrays, but int": pickle.dumps(3),
        "w is str": pickle.dumps({"w": "text"}),
        "w is ndarray": pickle.dumps({"w": np.array([{}], dtype=object)}),
    }
    for i, (said, content) in enumerate(tricks.items()):
        source = tmp_path / f"{i}.pdparams"
        source.write_bytes(content)
        with pytest.raises(InvalidWeights, match=said):
            convert(source, tmp_path / "m.safetensors")
    assert not (tmp_path / "m.safetensors").exists()


def test_what_cannot_be_converted_is_said(tmp_path: Path) -> None:
    source, out = tmp_path / "m.pt", tmp_path / "m.safetensors"
    with pytest.raises(InvalidWeights, match="there is no"):
        convert(source, out)
    for bad, said in (
        ({"w": torch.zeros(2)}, "no model known here"),
        ([torch.zeros(2)], "no dictionary of tensors, but list"),
        ({"w": torch.zeros(2), "note": "x"}, "note of it are none"),
        ({n: t for n, t in stock("5b").items() if n != "norm_final.bias"}, r"1 missing \(norm_final.bias\)"),
    ):
        torch.save(bad, source)
        with pytest.raises(InvalidWeights, match=said):
            convert(source, out)
    torch.save(stock("5b"), source)
    with pytest.raises(InvalidWeights, match="should be vctrl, but its tensors are those of a CogVideoX-5b"):
        convert(source, out, "--as", "vctrl")
    with pytest.raises(InvalidWeights, match="does not end with .safetensors"):
        convert(source, tmp_path / "m.bin")
    source.write_bytes(source.read_bytes()[:-500])
    with pytest.raises(InvalidWeights, match="cannot be read as a PyTorch file"):
        convert(source, out)
    source.write_bytes(b"hello, this is no weight file")
    with pytest.raises(InvalidWeights, match="starts like none of them"):
        convert(source, out)
    save_file(to_sat(stock("5b")), tmp_path / "sat.safetensors")
    convert(tmp_path / "sat.safetensors", out)
    with pytest.raises(InvalidWeights, match="exists already"):
        convert(tmp_path / "sat.safetensors", out)

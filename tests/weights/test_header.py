"""What is no safetensors file is refused, and named."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from humandit.errors import InvalidWeights
from humandit.weights.header import read_header


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "whole.safetensors"
    save_file({"a": torch.zeros(3, 5, dtype=torch.float16), "b": torch.ones(7)}, path, metadata={"licence": "CC0"})
    return path


def test_names_shapes_types_and_metadata(whole: Path) -> None:
    header = read_header(whole)
    assert {name: (t.dtype, t.shape) for name, t in header.tensors.items()} == {
        "a": ("F16", (3, 5)),
        "b": ("F32", (7,)),
    }
    assert header.parameters == 22
    assert header.dtypes == ("F16", "F32")
    assert header.metadata == {"licence": "CC0"}


@pytest.mark.parametrize("keep", [1, 9, 40, -1, -20])
def test_a_truncated_file_is_named(whole: Path, keep: int) -> None:
    whole.write_bytes(whole.read_bytes()[:keep])
    with pytest.raises(InvalidWeights, match="truncated|no weight file|text file"):
        read_header(whole)


def test_extra_bytes_are_refused(whole: Path) -> None:
    whole.write_bytes(whole.read_bytes() + b"x")
    with pytest.raises(InvalidWeights, match="longer than its header"):
        read_header(whole)


def torch_zip(path: Path) -> None:
    torch.save({"w": torch.zeros(2)}, path)


def old_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps({"state_dict": {}}, protocol=4))


CASES = {
    "zip of pickles": torch_zip,
    "a Python pickle": old_pickle,
    "web page": lambda path: path.write_bytes(b"\n<!DOCTYPE html><html><head><title>Sign in</title>"),
    "Git LFS pointer": lambda path: path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00"),
    "GGUF": lambda path: path.write_bytes(b"GGUF" + bytes(100)),
    "text file": lambda path: path.write_text("nothing but words, really, for more than eight bytes"),
    "is empty": lambda path: path.write_bytes(b""),
    "no weight file": lambda path: path.write_bytes(bytes(range(200, 256)) * 4),
    "damaged": lambda path: path.write_bytes((4).to_bytes(8, "little") + b"{abc" + bytes(8)),
    "damaged .*header": lambda path: path.write_bytes((14).to_bytes(8, "little") + b'{"a": [1, 2] }'),
}


@pytest.mark.parametrize("said", CASES)
def test_other_files_are_named(tmp_path: Path, said: str) -> None:
    path = tmp_path / "model.safetensors"
    CASES[said](path)
    with pytest.raises(InvalidWeights, match=said):
        read_header(path)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidWeights, match="missing"):
        read_header(tmp_path / "none.safetensors")
    with pytest.raises(InvalidWeights, match="folder"):
        read_header(tmp_path)

"""The header of a safetensors file: names, types and shapes of its tensors, read without touching the tensors.

Format: 8 bytes little-endian header length, that many bytes of JSON, then the data. See safetensors' README.
Every other kind of file is refused here, named by its first bytes: pickles can run code and are never opened.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InvalidWeights

MAX_HEADER = 100_000_000
"""Bytes; the limit of the reference implementation."""

PICKLE = (
    "Pickles can run code and are never loaded. Turn it into safetensors, without running anything in it: "
    "python -m humandit weights convert FILE OUT.safetensors"
)
"""What to do about a pickle."""
FOREIGN = (
    (b"PK\x03\x04", "a PyTorch file (zip of pickles)", PICKLE),
    (b"\x80", "a Python pickle (old PyTorch, or Paddle)", PICKLE),
    (b"GGUF", "a GGUF file", "Use the safetensors file of the same model."),
    (b"version https://git-lfs", "a Git LFS pointer of a few lines, not the file itself", "Run `git lfs pull`."),
    (b"\x89HDF", "an HDF5 file", "Use the safetensors file of the same model."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first."),
)
"""(first bytes, what such a file is, what to do about it)."""


@dataclass(frozen=True)
class Tensor:
    """One entry of the header: ``dtype`` as safetensors spells it ("F16", "BF16", …) and the shape."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        total = 1
        for side in self.shape:
            total *= side
        return total


@dataclass(frozen=True)
class Header:
    """Everything a safetensors file says about itself before its data."""

    path: Path
    tensors: dict[str, Tensor]
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        return sum(t.count for t in self.tensors.values())

    @property
    def dtypes(self) -> tuple[str, ...]:
        """Types of the tensors, the one with most parameters first."""
        sizes: dict[str, int] = {}
        for t in self.tensors.values():
            sizes[t.dtype] = sizes.get(t.dtype, 0) + t.count
        return tuple(sorted(sizes, key=lambda name: -sizes[name]))


def read_header(path: str | Path) -> Header:
    """The header of ``path``.

    Raises:
        InvalidWeights: no such file, not a safetensors file (says what it is instead), or cut short.
    """
    path = Path(path)
    if not path.is_file():
        what = "a folder" if path.is_dir() else "missing"
        raise InvalidWeights(f"Expected a .safetensors file, but {path} is {what}. Give the path of a weight file.")
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(64)
        length = int.from_bytes(start[:8], "little")
        if len(start) < 9 or start[8:9] != b"{":
            raise InvalidWeights(_not_safetensors(path, start, size))
        if length > MAX_HEADER or 8 + length > size:
            raise InvalidWeights(_cut(path, size, 8 + length))
        file.seek(8)
        raw = file.read(length)
    try:
        entries = json.loads(raw)
        header = _parse(path, entries)
        end = max((info["data_offsets"][1] for name, info in entries.items() if name != "__metadata__"), default=0)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise InvalidWeights(f"{path.name} has a damaged safetensors header ({error}). Fetch it again.") from error
    if 8 + length + end != size:
        raise InvalidWeights(_cut(path, size, 8 + length + end))
    return header


def _parse(path: Path, entries: dict) -> Header:
    tensors = {
        name: Tensor(str(info["dtype"]), tuple(int(side) for side in info["shape"]))
        for name, info in entries.items()
        if name != "__metadata__"
    }
    return Header(path, tensors, {str(k): str(v) for k, v in entries.get("__metadata__", {}).items()})


def _cut(path: Path, size: int, expected: int) -> str:
    word = "truncated" if size < expected else "longer than its header says"
    return f"{path.name} is {word}: expected {expected:,} bytes, got {size:,}. Fetch or copy it again."


def _not_safetensors(path: Path, start: bytes, size: int) -> str:
    if size == 0:
        return f"{path.name} is empty. Expected a safetensors file; fetch or copy it again."
    for magic, what, remedy in FOREIGN:
        if start.startswith(magic):
            return f"Expected a safetensors file, but {path.name} is {what}. {remedy}"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        return f"Expected a safetensors file, but {path.name} is a web page: the download failed. Fetch it again."
    what = "a text file" if _is_text(start) else "no weight file we know"
    return f"Expected a safetensors file, but {path.name} is {what}. Give the path of a .safetensors file."


def _is_text(start: bytes) -> bool:
    try:
        return start[:60].decode("utf-8", "strict").isprintable() or b"\n" in start
    except UnicodeDecodeError:
        return False

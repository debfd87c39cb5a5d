"""Where a model's tensors lie: a bundled name, one file, a sharded model's index, or a folder."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from ..errors import InvalidWeights
from .header import Header, Tensor, read_header
from .registry import find, names


def headers(source: str | Path, kind: str) -> list[Header]:
    """Headers of the file or files that ``source`` stands for."""
    entry = find(str(source), kind)
    if entry is not None and entry.path is not None:
        if not entry.here:
            raise InvalidWeights(
                f"The bundled {entry.name} {kind} weights are missing: expected {entry.path}. Install the pack again."
            )
        return [read_header(entry.path)]
    path = Path(source)
    if not path.exists():
        known = ", ".join(names(kind)) or "none"
        raise InvalidWeights(f"Expected a weight file or a bundled name ({known}), but there is no {source}.")
    if path.is_dir():
        return _folder(path)
    return _shards(path) if path.name.endswith(".index.json") else [read_header(path)]


def _folder(path: Path) -> list[Header]:
    indexes, files = sorted(path.glob("*.safetensors.index.json")), sorted(path.glob("*.safetensors"))
    if len(indexes) == 1:
        return _shards(indexes[0])
    if len(files) != 1:
        raise InvalidWeights(f"Expected one model in the folder {path}, got {len(files)} .safetensors. Name the file.")
    return [read_header(files[0])]


def _shards(index: Path) -> list[Header]:
    try:
        files = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise InvalidWeights(f"{index.name} is no index of a sharded model ({error!r}). Fetch it again.") from error
    return [read_header(index.with_name(Path(name).name)) for name in files]


def joined(parts: list[Header]) -> Header:
    """One header with the tensors of all parts and the first part's path and metadata."""
    tensors: dict[str, Tensor] = {}
    for part in parts:
        tensors.update(part.tensors)
    return Header(parts[0].path, tensors, parts[0].metadata)


def read_tensors(
    parts: list[Header], prefix: str, dtype: torch.dtype, device: torch.device | str
) -> dict[str, torch.Tensor]:
    """All tensors of ``parts`` without ``prefix``, floating-point ones as ``dtype``."""
    from safetensors import SafetensorError, safe_open

    state = {}
    for part in parts:
        try:
            with safe_open(part.path, framework="pt", device=str(device)) as file:
                for name in part.tensors:
                    tensor = file.get_tensor(name)
                    state[name.removeprefix(prefix)] = tensor.to(dtype) if tensor.is_floating_point() else tensor
        except SafetensorError as error:
            raise InvalidWeights(f"{part.path.name} cannot be read ({error}). Fetch it again.") from error
    return state

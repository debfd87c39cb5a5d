"""Where a model's tensors lie: a bundled name, one file, a part of a sharded model, its index, or a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidWeights
from ..video.patch import TABLES, table_type
from .eight_bit import check_readable, scale_name, scaled, without_scales
from .header import PICKLE, Header, Tensor, read_header
from .registry import find, names

if TYPE_CHECKING:
    import torch

PARTS = re.compile(r"(?P<stem>.+)-(?P<part>\d{5})-of-(?P<count>\d{5})\.safetensors")
"""File name of a part of a sharded model."""
SUBFOLDERS = {"video": "transformer", "vae": "vae"}
"""Kind -> where diffusers' pipelines keep it."""


def headers(source: str | Path, kind: str = "video") -> list[Header]:
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
        return _folder(path, kind)
    if path.name.endswith(".index.json"):
        return _indexed(path)
    return _parts(path) if PARTS.fullmatch(path.name) else [read_header(path)]


def _folder(path: Path, kind: str) -> list[Header]:
    inside = path / SUBFOLDERS.get(kind, ".")
    if inside.is_dir() and inside != path:
        return _folder(inside, "")
    indexes, files = sorted(path.glob("*.safetensors.index.json")), sorted(path.glob("*.safetensors"))
    if len(indexes) == 1:
        return _indexed(indexes[0])
    if files and len({found["stem"] if (found := PARTS.fullmatch(f.name)) else f.name for f in files}) == 1:
        return headers(files[0])
    pickles = sorted(file.name for end in ("bin", "pt", "pth", "ckpt", "pdparams") for file in path.glob(f"*.{end}"))
    if not files and pickles:
        raise InvalidWeights(f"{path} holds only pickles ({', '.join(pickles)}). {PICKLE}")
    raise InvalidWeights(f"Expected one model in the folder {path}, got {len(files)} .safetensors. Name the file.")


def _indexed(index: Path) -> list[Header]:
    try:
        files = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise InvalidWeights(f"{index.name} is no index of a sharded model ({error!r}). Fetch it again.") from error
    return _all_of([index.with_name(Path(name).name) for name in files])


def _parts(path: Path) -> list[Header]:
    """All parts of the model that ``path`` is one of; they lie beside it."""
    found = PARTS.fullmatch(path.name)
    if found is None:
        return [read_header(path)]
    count = int(found["count"])
    stem = found["stem"]
    return _all_of([path.with_name(f"{stem}-{part + 1:05}-of-{count:05}.safetensors") for part in range(count)])


def _all_of(files: list[Path]) -> list[Header]:
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise InvalidWeights(
            f"{len(missing)} of the {len(files)} parts of this model are missing in {files[0].parent}: "
            f"{', '.join(missing)}. Fetch them into that folder."
        )
    return [read_header(file) for file in files]


def joined(parts: list[Header]) -> Header:
    """One header with the tensors of all parts and the first part's path and metadata."""
    tensors: dict[str, Tensor] = {}
    for part in parts:
        tensors.update(part.tensors)
    return Header(parts[0].path, tensors, parts[0].metadata)


def read_tensors(
    parts: list[Header], prefix: str, dtype: torch.dtype, device: torch.device | str
) -> dict[str, torch.Tensor]:
    """All tensors of ``parts`` without ``prefix``, floating-point ones as ``dtype``, tables never in eight bits; of
    eight-bit ones with scales the product."""
    everything = joined(parts).tensors
    check_readable(parts[0].path.name, everything)
    own = without_scales(everything)
    scales = {scale for name in own if (scale := scale_name(name, everything))}
    factors = dict(_stream(parts, scales, device))
    state = {}
    for name, tensor in _stream(parts, set(own), device):
        factor = factors.get(scale_name(name, factors) or "")
        bare = name.removeprefix(prefix)
        kind = (table_type(dtype) or dtype) if bare in TABLES else dtype
        state[bare] = tensor if factor is None and not tensor.is_floating_point() else scaled(tensor, factor, kind)
    return state


def _stream(parts: list[Header], wanted: set[str], device: torch.device | str) -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors of those names, one after the other."""
    from safetensors import SafetensorError, safe_open

    for part in parts:
        try:
            with safe_open(part.path, framework="pt", device=str(device)) as file:
                for name in part.tensors:  # in the file's order, which a disk reads fastest
                    if name in wanted:
                        yield name, file.get_tensor(name)
        except SafetensorError as error:
            raise InvalidWeights(f"{part.path.name} cannot be read ({error}). Fetch it again.") from error

"""One file of another program, whole or not at all, to one safetensors file that says where it came from."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ...errors import InvalidWeights
from ..families import Family, identify, strip_prefix
from ..header import Header, Tensor
from ..load import check_video
from ..save import write_whole
from .foreign import read_foreign
from .kinds import WORDS
from .sat import from_sat, is_sat


@dataclass(frozen=True)
class Converted:
    """What :func:`convert` wrote.

    Attributes:
        path: the new file.
        looks_like: the family its tensors belong to.
        folder: folder under ComfyUI's ``models`` where it belongs.
        tensors, parameters: how many.
        left_out: entries of the source that belong to no weight of the model (positions that are computed, a text
            encoder's, …).
        notes: the metadata: where it came from and when.
    """

    path: Path
    looks_like: str
    folder: str
    tensors: int
    parameters: int
    left_out: tuple[str, ...]
    notes: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON values."""
        return {**vars(self), "path": str(self.path), "left_out": list(self.left_out), "notes": dict(self.notes)}


def convert(source: str | Path, out: str | Path, kind: str = "any", licence: str = "") -> Converted:
    """Write the tensors of ``source`` to the safetensors file ``out``, under diffusers' names.

    Args:
        source: PyTorch's .pt, .pth, .bin or .ckpt (SAT's too), Paddle's .pdparams, or a safetensors file.
        out: a new file.
        kind: one of :data:`~.kinds.KINDS`: what the file must turn out to be.
        licence: of the weights, for the metadata; the family's published one if empty.

    Raises:
        InvalidWeights: it holds anything but arrays, lacks tensors, or is another model than ``kind`` says.
    """
    source, out = Path(source), Path(out)
    _check_target(source, out)
    found, left_out = read_foreign(source)
    if is_sat(found):
        found, more = from_sat(found)
        left_out = (*left_out, *more)
    family = _check_kind(source, found, kind)
    state = strip_prefix(found)[1] if family.kind == "video" else found  # a LoRA's prefix is part of its names
    notes = _provenance(source, licence or ("" if family.licence == "unknown" else family.licence))
    write_whole(out, dict(state), notes)
    parameters = sum(value.numel() for value in state.values())
    return Converted(out, family.name, family.folder, len(state), parameters, left_out, notes)


def _check_target(source: Path, out: Path) -> None:
    if not source.is_file():
        raise InvalidWeights(f"Expected a weight file, but there is no {source}.")
    if out.suffix != ".safetensors" or out.exists():
        state = "exists already" if out.exists() else "does not end with .safetensors"
        raise InvalidWeights(f"Expected the name of a new .safetensors file to write, but {out} {state}.")


def _check_kind(source: Path, state: Mapping[str, torch.Tensor], kind: str) -> Family:
    """The family of ``state``, which must be what the user says, and whole."""
    entries = {name: Tensor("F32", tuple(value.shape)) for name, value in state.items()}
    family = identify(entries)
    if kind in WORDS and WORDS[kind] not in family.name:
        raise InvalidWeights(f"{source.name} should be {kind}, but its tensors are those of {family.name}.")
    if not family.folder:
        raise InvalidWeights(f"The tensors of {source.name} belong to no model known here; nothing was written.")
    if family.kind == "video":
        check_video(Header(source, entries))
    return family


def _provenance(source: Path, licence: str) -> dict[str, str]:
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    notes = {
        "source": source.name,
        "source_sha256": digest.hexdigest(),
        "converted": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "converted_by": "humandit weights convert",
    }
    return {**notes, "licence": licence} if licence else notes

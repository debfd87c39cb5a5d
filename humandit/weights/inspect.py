"""What a weight file is, found out from its tensors; nothing is loaded, nothing is run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InvalidWeights
from .families import UNKNOWN, Family, identify
from .header import Header
from .lora import target
from .registry import CONFIG_KEY, KIND_KEY, KINDS
from .sources import headers, joined


@dataclass(frozen=True)
class WeightReport:
    """What is known about one weight file.

    Attributes:
        path: the file.
        kind: "video", "vae" or "motion" if this project can load it, else "other".
        looks_like: the model family, in words.
        parameters: numbers in all tensors together.
        tensors: how many tensors.
        dtype: storage types, the most used first, e.g. "F16" or "BF16, F32".
        licence: from the file's own metadata, else of the family's published weights, else "unknown".
        folder: folder under ComfyUI's ``models`` where such a file belongs; "" if unknown.
        problems: sentences, each with what to do; empty for a file that loads.
        config: the model's config from the metadata; None if it carries none.
    """

    path: Path
    kind: str
    looks_like: str
    parameters: int
    tensors: int
    dtype: str
    licence: str
    folder: str
    problems: tuple[str, ...]
    config: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {**vars(self), "path": str(self.path), "problems": list(self.problems)}


def inspect_file(path: str | Path) -> WeightReport:
    """Report on a file, or on the model in a folder; a part of a sharded model stands for the whole.

    Raises:
        InvalidWeights: it is no safetensors file, or a damaged one, or parts of it are missing.
    """
    return report(joined(headers(Path(path))))


def report(header: Header) -> WeightReport:
    """The same for a header already read."""
    family = identify(header.tensors)
    kind, problems = _kind(header, family)
    config = None
    try:
        config = config_of(header)
    except InvalidWeights as error:
        problems.append(str(error))
    if kind == "other":
        problems.append(f"HumanDiT cannot load {family.name} as a model. {family.instead}".rstrip())
    if kind in ("video", "motion") and config is None and "HumanDiT" in family.name:
        problems.append(f"Its metadata has no {CONFIG_KEY}. Save it again with HumanDiT's own saving.")
    return WeightReport(
        path=header.path,
        kind=kind,
        looks_like=_words(kind, family) + _for(header, family),
        parameters=header.parameters,
        tensors=len(header.tensors),
        dtype=", ".join(header.dtypes),
        licence=header.metadata.get("licence") or header.metadata.get("license") or family.licence,
        folder=family.folder,
        problems=tuple(problems),
        config=config,
    )


def config_of(header: Header) -> dict[str, Any] | None:
    """The config in the metadata, or None if there is none."""
    text = header.metadata.get(CONFIG_KEY)
    if text is None:
        return None
    try:
        config = json.loads(text)
    except ValueError as error:
        raise InvalidWeights(f"The {CONFIG_KEY} of {header.path.name} is no JSON ({error}). Save it again.") from error
    if not isinstance(config, dict):
        raise InvalidWeights(f"The {CONFIG_KEY} of {header.path.name} is no JSON object. Save it again.")
    return config


def _kind(header: Header, family: Family) -> tuple[str, list[str]]:
    """The tensors decide; the metadata speaks only for tensors that no family claims."""
    said = header.metadata.get(KIND_KEY)
    if family is UNKNOWN and said in KINDS:
        return said, []
    if said is not None and said != family.kind:
        return family.kind, [f"Its metadata says {said!r}, but its tensors are those of {family.name}."]
    return family.kind, []


def _words(kind: str, family: Family) -> str:
    return f"a HumanDiT {kind} model" if family is UNKNOWN and kind in KINDS else family.name


def _for(header: Header, family: Family) -> str:
    """What a LoRA is for, where its layers tell."""
    model = target(header.tensors) if family.name == "a LoRA" else ""
    return f" for {model}" if model else ""

"""The file that training leaves for others: one safetensors that the loaders take, and that says how it came to be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import HumanDiTError
from ..media.write import whole_file
from ..video.config import DiTConfig
from ..video.model import HumanDiT, zero_start
from ..video.plan.autoencoders import SMALL
from ..video.plan.memory import format_of
from ..weights.header import read_header
from ..weights.inspect import report
from ..weights.load import read_model
from ..weights.lora import merged
from ..weights.save import save_model, write_whole
from ..weights.sources import headers, joined, read_tensors
from .data_report import data_report
from .lora import is_low_rank, lora_entries
from .recipe import Recipe

FULL, LORA = "video.safetensors", "lora.safetensors"
"""In the folder of a run: all weights, or what lies beside those it started from."""
BEST = "best-"
"""In front of the name of those that did best on held-out films."""
RECIPE_KEY, DATA_KEY, BASE_KEY = "humandit_recipe", "humandit_data", "humandit_base"
"""safetensors metadata: JSON of the recipe, of the data's figures, and of the weights that training started from."""
SCRATCH_LICENCE = "Apache-2.0"
"""Of weights that start at random."""


def weights_name(model: nn.Module) -> str:
    """Name of the file of a run's weights."""
    return LORA if is_low_rank(model) else FULL


def about_run(recipe: Recipe, step: int, minutes: float, latent_scale: float) -> dict[str, str]:
    """Metadata: recipe, data, base and its licence, which holds for what was made from it."""
    base = about_base(recipe.start)
    return {
        "licence": base.get("licence", SCRATCH_LICENCE),
        "trained": f"{step} steps, {minutes:.0f} minutes",
        "latent_scale": str(latent_scale),
        RECIPE_KEY: json.dumps(recipe.to_dict()),
        DATA_KEY: json.dumps(data_report(recipe.data)),
        **({BASE_KEY: json.dumps(base)} if base else {}),
    }


def about_base(start: Path | str | None) -> dict[str, Any]:
    """Name, family, size and licence of the weights that training started from; {} where it started at random."""
    if start is None:
        return {}
    found = report(joined(headers(start, "video")))
    name = start if start == "mini" else Path(start).name
    return {"name": name, "is": found.looks_like, "parameters": found.parameters, "licence": found.licence}


def save_weights(
    folder: Path, model: nn.Module, config: DiTConfig, values: Mapping[str, Tensor], notes: Mapping[str, str]
) -> Path:
    """The weights of a run as a file in ``folder``, whole or not at all: small models in fp16, large ones in bf16.

    Args:
        model: as it is trained; what it does not train is taken from it.
        config: its sizes.
        values: name -> value of what it trains, averaged as a rule; whole, where a run has split them over processes.
        notes: see :func:`about_run`.
    """
    path, dtype = folder / weights_name(model), _storage(config)
    if is_low_rank(model):
        return write_whole(path, lora_entries(model, values), notes, dtype)
    return save_model(path, {**model.state_dict(), **values}, config, "video", notes, dtype)


def _storage(config: DiTConfig) -> torch.dtype:
    return torch.float16 if format_of("default", config) == "fp32" else torch.bfloat16


def export_run(run: Path, out: Path, base: Path | str | None = None, last: bool = False) -> dict[str, Any]:
    """Take a run's weights out of its folder: those that did best on held-out films, where a run keeps them.

    Args:
        run: folder of the run.
        out: the file to write.
        last: take the newest all the same.
        base: the weights that a LoRA was trained beside: ``out`` is then the whole model, changed.

    Returns:
        The file, what it is, and what its metadata tell.

    Raises:
        HumanDiTError: no weights in ``run``; a ``base`` for a run that has none.
        InvalidWeights: a ``base`` that the LoRA does not fit.
    """
    source = _weights_of(run, last)
    if base is None:
        with whole_file(out) as part:
            shutil.copyfile(source, part)
    elif source.name.endswith(LORA):
        _merged(source, base, out)
    else:
        raise HumanDiTError(f"{run} trained all weights: there is nothing to merge. Leave the base out.")
    header = read_header(out)
    told = {"licence": header.metadata.get("licence", ""), "trained": header.metadata.get("trained", "")}
    return {
        "weights": str(out),
        "from": source.name,
        "is": report(header).looks_like,
        "megabytes": round(out.stat().st_size / 1e6),
        **told,
    }


def _weights_of(run: Path, last: bool) -> Path:
    names = [name for name in (FULL, LORA) if (run / name).is_file()]
    if not names:
        raise HumanDiTError(
            f"There are no weights in {run}: expected {FULL} or {LORA}, which training writes with every checkpoint."
        )
    newest = max((run / name for name in names), key=lambda path: path.stat().st_mtime)
    best = newest.with_name(BEST + newest.name)
    return best if best.is_file() and not last else newest


def _merged(lora: Path, base: Path | str, out: Path) -> None:
    """The whole model, each of its layers changed as ``lora`` says."""
    changes = [read_header(lora)]
    large = joined(headers(base, "video")).parameters >= SMALL
    config, state = read_model(base, torch.bfloat16 if large else torch.float32)
    state = zero_start(state, HumanDiT(config, device="meta"))
    changed = merged(state, read_tensors(changes, "", torch.float32, "cpu"))
    notes = {name: value for name, value in changes[0].metadata.items() if name != "format"}
    save_model(out, changed, config, "video", notes, _storage(config))

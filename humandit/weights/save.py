"""Write a model to one safetensors file that says what it is; whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..errors import InvalidWeights
from .eight_bit import shrunk
from .registry import CONFIG_KEY, KIND_KEY, KINDS


def save_model(
    path: str | Path,
    module: nn.Module | Mapping[str, torch.Tensor],
    config: Any,
    kind: str,
    metadata: Mapping[str, str] | None = None,
    dtype: torch.dtype | None = None,
) -> Path:
    """Save ``module``'s state dict with its config in the metadata.

    Args:
        path: the file to write. It appears only when it is complete; a crash leaves the old one.
        module: what is saved; or its state dict, where a module of it would take memory twice.
        config: a dataclass or dict that builds the module again. A video model's is a ``DiTConfig``, a motion
            model's a ``MotionConfig``; a VAE's dict
            may name its class under "class" ("LightVAE" if absent, else "AutoencoderKLCogVideoX").
        kind: "video", "vae" or "motion".
        metadata: more strings to keep, for example "licence" and how it was trained.
        dtype: storage type of the floating-point tensors, e.g. float16; int8 stores matrices in eight bits with a scale
            per row and the others as float16; None keeps theirs.
    """
    if kind not in KINDS:
        raise InvalidWeights(f"The kind of a weight file is one of {', '.join(KINDS)}, got {kind!r}.")
    values = dict(config) if isinstance(config, Mapping) else asdict(config)
    notes = {**(metadata or {}), KIND_KEY: kind, CONFIG_KEY: json.dumps(values)}
    state = module.state_dict() if isinstance(module, nn.Module) else module
    if dtype is torch.int8:
        return write_whole(path, shrunk(state), notes)
    return write_whole(path, state, notes, dtype)


def write_whole(
    path: str | Path,
    tensors: Mapping[str, torch.Tensor],
    metadata: Mapping[str, str],
    dtype: torch.dtype | None = None,
) -> Path:
    """A safetensors file of ``tensors``, floating-point ones as ``dtype`` if given; it appears only when complete."""
    from safetensors.torch import save_file

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        save_file({name: _stored(t, dtype) for name, t in tensors.items()}, part, metadata=dict(metadata))
        part.chmod(0o644)  # the writer of safetensors makes files that only their owner may read
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _stored(tensor: torch.Tensor, dtype: torch.dtype | None) -> torch.Tensor:
    """Own contiguous CPU memory: safetensors refuses tensors that share storage."""
    target = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
    return tensor.detach().to("cpu", target, copy=True).contiguous()

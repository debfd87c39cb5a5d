"""Pickled weight files, opened so that nothing in them can run: arrays come out, everything else is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ...errors import InvalidWeights
from .paddle import read_paddle

ZIP = b"PK\x03\x04"
PICKLE = b"\x80"
OLD_TORCH = bytes.fromhex("6cfc9c46f9206aa85019")
"""The number that starts PyTorch's files of before 1.6, as a pickle writes it."""
WRAPPERS = ("module", "model", "state_dict", "ema", "weights")
"""Keys under which training programs keep the weights, beside their own affairs."""
Found = tuple[dict[str, torch.Tensor], tuple[str, ...]]
"""Name -> tensor, and the names of what was left out."""


def read_foreign(path: Path) -> Found:
    """The tensors in a weight file of another program.

    Raises:
        InvalidWeights: not such a file, or one with anything but arrays among its weights.
    """
    with path.open("rb") as file:
        start = file.read(64)
    if start.startswith(ZIP) or (start.startswith(PICKLE) and OLD_TORCH in start):
        return _weights(path, _torch(path))
    if start.startswith(PICKLE):
        return read_paddle(path)
    if start[8:9] == b"{":
        from safetensors.torch import load_file

        from ..header import read_header

        read_header(path)
        return load_file(path), ()
    raise InvalidWeights(
        f"Expected a PyTorch, SAT or Paddle weight file, but {path.name} starts like none of them. Fetch it again."
    )


def _torch(path: Path) -> Any:
    """PyTorch's file, by its own reader that knows tensors only."""
    import pickle

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        named = re.search(r"GLOBAL ([\w.]+)|([\w.]+) was not an allowed global", str(error))
        what = (named[1] or named[2]) if named else str(error).splitlines()[0]
        raise InvalidWeights(
            f"{path.name} wants to run {what}, which is no array. Nothing of it was run, and nothing written. "
            "Ask its author for safetensors, or for a file of tensors alone."
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InvalidWeights(f"{path.name} cannot be read as a PyTorch file ({first}). Fetch it again.") from error


def _weights(path: Path, loaded: Any) -> Found:
    """The dictionary of tensors inside what training programs wrap round it."""
    left: tuple[str, ...] = ()
    while isinstance(loaded, Mapping):
        inside = next((key for key in WRAPPERS if isinstance(loaded.get(key), Mapping)), None)
        if inside is None:
            break
        left = (*left, *(str(key) for key in loaded if key != inside))
        loaded = loaded[inside]
    if not isinstance(loaded, Mapping) or not loaded:
        raise InvalidWeights(f"{path.name} holds no dictionary of tensors, but {type(loaded).__name__}.")
    strange = [str(name) for name, value in loaded.items() if not isinstance(value, torch.Tensor)]
    if strange:
        raise InvalidWeights(
            f"{path.name} should hold tensors alone, but {', '.join(strange[:5])} of it are none. "
            "Save its weights alone."
        )
    return {str(name): value for name, value in loaded.items()}, left

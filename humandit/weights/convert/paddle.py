"""Paddle's ``.pdparams``: a pickled dictionary of NumPy arrays, read by an unpickler that knows nothing else.

Paddle keeps a linear layer's weight as [in, out], the transpose of PyTorch's, and bfloat16 as 16-bit whole numbers.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...errors import InvalidWeights

ARRAYS = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.numeric", "_frombuffer"),
    ("numpy._core.numeric", "_frombuffer"),
}
"""What a pickled array is made of; none of it reaches beyond its own bytes."""
PLAIN = {("collections", "OrderedDict"), ("builtins", "tuple"), ("_codecs", "encode")}
"""Containers, and how the oldest pickles write bytes."""
NAME_TABLE = "StructuredToParameterName@@"
"""Paddle's entry that is no weight: its own names of the parameters."""


class ArraysOnly(pickle.Unpickler):
    """An unpickler for arrays in dictionaries. It is refused before it is looked up, so nothing is even imported."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ARRAYS | PLAIN:
            raise InvalidWeights(f"wants to run {module}.{name}, which is no array")
        return super().find_class(module, name)

    def persistent_load(self, pid: Any) -> Any:
        raise InvalidWeights(f"points to something outside of it ({pid!r})")


def read_paddle(path: Path) -> tuple[dict[str, torch.Tensor], tuple[str, ...]]:
    """Name -> tensor as PyTorch keeps it, and what was left out.

    Raises:
        InvalidWeights: anything but arrays in it; nothing of it has run then.
    """
    loaded = _unpickled(path)
    if not isinstance(loaded, dict) or not loaded:
        raise InvalidWeights(f"{path.name} holds no dictionary of arrays, but {type(loaded).__name__}.")
    state = {str(name): _tensor(path, str(name), value) for name, value in loaded.items() if name != NAME_TABLE}
    return state, (NAME_TABLE,) if NAME_TABLE in loaded else ()


def _unpickled(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return ArraysOnly(file, encoding="latin1").load()
    except InvalidWeights as error:
        raise InvalidWeights(
            f"{path.name} {error}. Nothing of it was run, and nothing written. "
            "Fetch the weights from their own authors."
        ) from error
    except Exception as error:  # a damaged pickle can raise anything
        raise InvalidWeights(
            f"{path.name} is a damaged pickle ({type(error).__name__}: {error}). Fetch it again."
        ) from error


def _tensor(path: Path, name: str, value: Any) -> torch.Tensor:
    """One entry: an array, or Paddle's pair of the parameter's own name and the array."""
    if isinstance(value, tuple) and len(value) == 2:
        value = value[1]
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub":
        raise InvalidWeights(f"{path.name} should hold arrays of numbers alone, but {name} is {type(value).__name__}.")
    tensor = _numbers(value)
    return tensor.T.contiguous() if tensor.ndim == 2 and name.endswith(".weight") else tensor


def _numbers(array: np.ndarray) -> torch.Tensor:
    array = np.ascontiguousarray(array).reshape(array.shape)
    if array.dtype == np.uint16:
        return torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16)
    return torch.from_numpy(array.copy())

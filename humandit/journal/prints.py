"""What makes two jobs the same: a print of everything that can change a frame."""

from __future__ import annotations

import enum
import functools
import hashlib
import os
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

WEIGHT_BYTES = 16_384
"""Bytes that are read of every weight: other training changes all of it, and 5 B numbers take too long."""
STRETCHES = 16
"""In so many places, evenly spread: weights may still lie on the disk, where single numbers cost a page each."""
CODE = ("diffusion/**/*.py", "video/**/*.py", "pose/*.py", "pose/background/*.py", "types.py")
"""Parts of the library that make frames from poses."""


def fingerprint(value: Any, most: int | None = None) -> str:
    """64 hex digits that are the same in every process for equal values, and differ otherwise.

    Takes numbers, texts, arrays, tensors, containers, dataclasses, modules, functions with what they close over, and
    objects by their attributes. What cannot be looked into is never equal, not even to itself in another process.

    Args:
        most: of larger tensors only about so many bytes count.
    """
    digest = hashlib.sha256()
    for piece in _pieces(value, most, ()):
        digest.update(len(piece).to_bytes(8, "little"))
        digest.update(piece)
    return digest.hexdigest()


def weights_print(weights: Any) -> str:
    """Print of a model, or of what holds weights, by their names, shapes, formats and a sample of their numbers."""
    return fingerprint(weights, WEIGHT_BYTES)


def code_print(*more: Path) -> str:
    """Print of the library's code that makes frames, and of ``more`` files of the caller."""
    root = Path(__file__).parents[1]
    files = [path for part in CODE for path in root.glob(part)]
    return fingerprint({f"{path.parent.name}/{path.name}": path.read_bytes() for path in (*files, *more)})


def _pieces(value: Any, most: int | None, above: tuple[int, ...]) -> Iterable[bytes]:
    """A value as bytes that no other value has. ``above``: the objects that it lies in."""
    kind = type(value).__qualname__.encode()
    if isinstance(value, Tensor):
        yield from (b"tensor", str(value.dtype).encode(), str(tuple(value.shape)).encode(), _numbers(value, most))
    elif isinstance(value, np.ndarray) and value.dtype != object:
        yield from (b"array", str(value.dtype).encode(), str(value.shape).encode(), value.tobytes())
    elif isinstance(value, bytes):
        yield from (b"bytes", value)
    elif value is None or isinstance(value, (bool, int, float, complex, str, enum.Enum, Path, np.generic)):
        yield from (kind, repr(value).encode())
    elif isinstance(value, (torch.dtype, torch.device, torch.Size, type, types.BuiltinFunctionType)):
        yield from (kind, str(value).encode())
    elif id(value) in above:
        yield from (b"above", str(above.index(id(value))).encode())
    else:
        yield kind
        yield from _inside(value, most, (*above, id(value)))


def _inside(value: Any, most: int | None, above: tuple[int, ...]) -> Iterable[bytes]:
    """The parts of a value that has some."""
    parts = _parts(value)
    yield str(len(parts)).encode()
    for part in parts:
        yield from _pieces(part, most, above)


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        pairs = ((fingerprint(key), key, part) for key, part in value.items())
        return [part for _, *pair in sorted(pairs, key=lambda pair: pair[0]) for part in pair]
    if isinstance(value, (set, frozenset)):
        return sorted(map(fingerprint, value))
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, nn.Module):
        return [value.state_dict()]
    if isinstance(value, types.MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, types.FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return [value.__code__, value.__defaults__, value.__kwdefaults__, cells]
    if isinstance(value, types.CodeType):
        return [value.co_name, value.co_code, value.co_consts, value.co_names]
    if isinstance(value, functools.partial):
        return [value.func, value.args, value.keywords]
    return [vars(value)] if hasattr(value, "__dict__") else [os.urandom(32)]


def _numbers(tensor: Tensor, most: int | None) -> bytes:
    """Bytes of a tensor's numbers, or of some of them: on any device, of any format."""
    flat = tensor.detach().contiguous().reshape(-1).view(torch.uint8)
    if most is not None and len(flat) > most:
        length, last = most // STRETCHES, len(flat) - most // STRETCHES
        starts = (last * place // (STRETCHES - 1) for place in range(STRETCHES))
        flat = torch.cat([flat[start : start + length] for start in starts])
    return flat.cpu().numpy().tobytes()

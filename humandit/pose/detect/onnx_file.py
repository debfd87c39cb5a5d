"""What an ONNX file takes and gives, read from its header: nothing is loaded, nothing is run.

Field numbers: onnx/onnx, ``onnx/onnx.proto`` (ModelProto, GraphProto, ValueInfoProto, TensorShapeProto, TensorProto).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import InvalidWeights, MissingDependency

Shape = tuple[int | None, ...]
"""Sizes of the axes; None for one that the caller may choose."""
Span = tuple[int, int]
"""First byte of a message and the byte after its last."""


@dataclass(frozen=True)
class OnnxFile:
    """The header of one file.

    Attributes:
        path: the file.
        inputs, outputs: name -> shape, in the file's order.
        weights: names of the tensors inside.
    """

    path: Path
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    weights: frozenset[str]

    def __str__(self) -> str:
        return f"inputs {_words(self.inputs)} and outputs {_words(self.outputs)}"


def read_onnx(path: str | Path) -> OnnxFile:
    """The header of an ONNX file of any size.

    Raises:
        MissingDependency: there is no such file.
        InvalidWeights: the file is no ONNX model.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingDependency(
            f"There is no pose net {path}. Check the path, or get one: python -m humandit weights list"
        )
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            graph = _first(data, (0, len(data)), 7)
            weights = frozenset(_text(data, _first(data, span, 8)) for span in _all(data, graph, 5))
            inputs = dict(_value(data, span) for span in _all(data, graph, 11))
            outputs = dict(_value(data, span) for span in _all(data, graph, 12))
    except (ValueError, IndexError, LookupError) as error:
        raise InvalidWeights(f"Expected an ONNX model, but {path.name} is none ({error or 'cut short'}).") from error
    return OnnxFile(path, {name: shape for name, shape in inputs.items() if name not in weights}, outputs, weights)


def _value(data: mmap.mmap, span: Span) -> tuple[str, Shape]:
    """Name and shape of one input or output; without a declared shape the empty tuple."""
    name = _text(data, _first(data, span, 1))
    tensor = _first(data, _first(data, span, 2), 1)
    shape = next(_all(data, tensor, 2), (0, 0))
    return name, tuple(_size(data, axis) for axis in _all(data, shape, 1))


def _size(data: mmap.mmap, span: Span) -> int | None:
    fixed = next((value for number, value in _fields(data, span) if number == 1 and isinstance(value, int)), 0)
    return fixed or None


def _text(data: mmap.mmap, span: Span) -> str:
    return data[span[0] : span[1]].decode("utf-8")


def _first(data: mmap.mmap, span: Span, number: int) -> Span:
    found = next(_all(data, span, number), None)
    if found is None:
        raise LookupError(f"part {number} is missing")
    return found


def _all(data: mmap.mmap, span: Span, number: int) -> Iterator[Span]:
    """Every message, text or byte string of one field."""
    return (value for found, value in _fields(data, span) if found == number and isinstance(value, tuple))


def _fields(data: mmap.mmap, span: Span) -> Iterator[tuple[int, int | Span]]:
    """Number and value of every field: whole numbers as they are, everything longer as its place."""
    at, stop = span
    while at < stop:
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == 2:
            length, at = _varint(data, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError(f"unknown field type {wire}")
        if at + length > stop:
            raise ValueError("cut short")
        yield number, (at, at + length)
        at += length


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    """A whole number of seven bits per byte, and the place after it."""
    value = 0
    for step in range(10):
        byte = data[at + step]
        value |= (byte & 127) << (7 * step)
        if byte < 128:
            return value, at + step + 1
    raise ValueError("number without end")


def _words(values: dict[str, Shape]) -> str:
    shapes = (f"{name} [{', '.join('?' if size is None else str(size) for size in v)}]" for name, v in values.items())
    return ", ".join(shapes) or "none"

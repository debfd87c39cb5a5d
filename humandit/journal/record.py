"""One finished segment as a file: there whole, with its checksum in its name, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from ..errors import HumanDiTError

NAME = re.compile(r"segment-(\d{5,})-([0-9a-f]{16})\.safetensors")
"""Number from 1, and the first digits of the content's SHA-256."""

PART = ".part-"
"""How files begin that are being written."""


class Damaged(HumanDiTError):
    """A file of the journal whose content is not what was written."""


@dataclass(frozen=True, eq=False)
class Record:
    """What is kept of a segment.

    Attributes:
        prefix: the latent it started from, [1, C, h, w].
        latents: [F, C, h, w], in the layout and number format of the denoiser that made them.
    """

    prefix: Tensor
    latents: Tensor


def records(folder: Path) -> dict[int, Path]:
    """Index of a segment -> its file; of several the newest."""
    found = sorted((path.stat().st_mtime_ns, path) for path in folder.iterdir() if NAME.fullmatch(path.name))
    return {index_of(path): path for _, path in found}


def index_of(path: Path) -> int:
    """Index, from 0, of the segment in a file of :func:`records`."""
    return int(path.name.split("-")[1]) - 1


def write(folder: Path, index: int, record: Record) -> Path:
    """Write a segment's file and return its path. It is on the disk, whole, when this returns.

    Raises:
        OSError: the disk is full or cannot be written; nothing is left behind.
    """
    content = save({"prefix": record.prefix.contiguous().cpu(), "latents": record.latents.contiguous().cpu()})
    path = folder / f"segment-{index + 1:05}-{_checksum(content)}.safetensors"
    with whole(path) as handle:
        handle.write(content)
    return path


def read(path: Path) -> Record:
    """Read a segment's file.

    Raises:
        Damaged: the content does not have the checksum in the file's name, or cannot be read at all.
    """
    try:
        content = path.read_bytes()
        if path.name.split("-")[2].partition(".")[0] != _checksum(content):
            raise Damaged(f"{path.name} is damaged: its checksum is another.")
        return Record(**load(content))
    except (OSError, SafetensorError, TypeError) as problem:
        raise Damaged(f"{path.name} cannot be read: {problem}.") from problem


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes its place at ``path`` when the block ends: content first, then the name."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=PART)
    part = Path(name)
    try:
        with os.fdopen(number, "wb") as handle:  # closing may fail as well, when the disk is full
            yield handle
            handle.flush()
            os.fsync(number)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _settle(path.parent)


def sweep(folder: Path) -> None:
    """Remove what a process that was killed had half written."""
    for path in folder.glob(f"{PART}*"):
        path.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """The new name too must be on the disk. Windows cannot, and need not, do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]

"""Which of the files in a folder belongs to which detector: by its usual name, else by its signature."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from ...errors import InvalidWeights, MissingDependency
from .onnx_file import read_onnx
from .signature import KINDS, kind

PERSON = "person net"
NAMES = {
    "dwpose": ("dw-*.onnx",),
    "rtmw": ("rtmw-*.onnx",),
    "rtmpose": ("rtmpose-*.onnx",),
    "vitpose": ("vitpose*.onnx",),
    PERSON: ("yolox*.onnx", "rtmdet*.onnx", "yolov10*.onnx"),
}
"""Detector -> usual names of its files, lower case."""
TAKES = {"dwpose": "simcc", "rtmw": "simcc", "rtmpose": "simcc", "vitpose": "heatmap", PERSON: "person"}
"""Detector -> the kind of net it takes."""


def choose(role: str, folders: Sequence[Path]) -> Path:
    """What :func:`search` finds.

    Raises:
        MissingDependency: it finds nothing.
    """
    found = search(role, folders)
    if found is None:
        seen = [f"{path.name} ({KINDS[what].split(' (')[0]})" for folder in folders for path, what in _nets(folder)]
        raise MissingDependency(
            f"No file for {role} in {' and '.join(str(folder) for folder in folders)}: expected {KINDS[TAKES[role]]}, "
            f"found {', '.join(seen) or 'none'}. Name a file, or get one: python -m humandit weights list"
        )
    return found


def search(role: str, folders: Sequence[Path]) -> Path | None:
    """The one ONNX file that fits ``role`` (a key of ``NAMES``) in the first folder that has any; None without one.

    Raises:
        InvalidWeights: several fit equally well.
    """
    for folder in folders:
        fitting = _fitting(role, [path for path, found in _nets(folder) if found == TAKES[role]])
        if len(fitting) > 1:
            names = ", ".join(path.name for path in fitting)
            raise InvalidWeights(f"Several files in {folder} fit {role}: {names}. Name one of them.")
        if fitting:
            return fitting[0]
    return None


def _nets(folder: Path) -> list[tuple[Path, str]]:
    """Every ONNX file in a folder and below, with its kind."""
    return [(path, _kind(path)) for path in sorted(folder.rglob("*.onnx"))]


def _fitting(role: str, paths: Sequence[Path]) -> list[Path]:
    """Those with the usual name; without any, those that have no other detector's usual name."""
    named = [path for path in paths if _named(path, role)]
    return named or [path for path in paths if not any(_named(path, other) for other in NAMES)]


def _named(path: Path, role: str) -> bool:
    return any(fnmatch(path.name.lower(), pattern) for pattern in NAMES[role])


def _kind(path: Path) -> str:
    try:
        return kind(read_onnx(path))
    except InvalidWeights:  # a damaged neighbour is not the file that was asked for
        return "other"

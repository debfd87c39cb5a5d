"""``humandit weights list``: what weights are known."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...weights.public import PublicFile, PublicSet
    from ...weights.registry import Entry

POSE = "pose"
"""The nets of the mediapipe detector."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: it lists everything."""


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Every set of weights, its licence, and where a copy belongs."""
    from ...weights.public import SETS
    from ...weights.registry import ENTRIES

    if args.json:
        public = [_public_facts(entry, file) for entry in SETS for file in entry.files]
        return {"weights": [*(_facts(entry) for entry in ENTRIES), *public]}
    known = {f"{entry.name} ({entry.kind})": _line(entry) for entry in ENTRIES}
    return {**known, **{f"{entry.name} ({entry.kind})": _public_line(entry) for entry in SETS}}


def _facts(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "here": entry.here if entry.path else None,
        "megabytes": round(entry.path.stat().st_size / 1e6, 1) if entry.path and entry.here else None,
        "licence": entry.licence,
        "origin": entry.origin,
        "folder": f"models/{entry.folder}",
    }


def _line(entry: Entry) -> str:
    here = "" if entry.path is None else "here, " if entry.here else "MISSING, "
    return f"{here}{entry.licence}; {entry.origin}; a copy of your own goes to models/{entry.folder}"


def _public_facts(entry: PublicSet, file: PublicFile) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "here": (home(entry) / file.name).is_file(),
        "megabytes": megabytes(file),
        "licence": file.licence,
        "origin": file.url,
        "folder": "models/humandit_pose" if entry.kind == POSE else str(home(entry)),
        "file": file.name,
        "checksum": file.content.sha256 or "unverified",
    }


def _public_line(entry: PublicSet) -> str:
    files = "; ".join(file_line(file) for file in entry.files)
    place = "models/humandit_pose" if entry.kind == POSE else home(entry)
    return f"{entry.what}. {files}; get it, or put your own into {place}"


def home(entry: PublicSet) -> Path:
    """The folder of the cache that the set's files go to."""
    from ...pose.detect.nets import cache_folder
    from ...wheels import cache_root

    return cache_folder() if entry.kind == POSE else cache_root() / entry.kind


def file_line(file: PublicFile) -> str:
    """One line about a file that can be fetched."""
    size = megabytes(file)
    checksum = "checksum known" if file.verified else "unverified: no public checksum"
    return (
        f"{file.name} ({'size unknown' if size is None else f'{size} MB'}, {file.licence}, {checksum}) from {file.url}"
    )


def megabytes(file: PublicFile) -> float | None:
    """Of the download, where it is known."""
    size = file.fetched.size or file.content.size
    return round(size / 1e6, 1) if size else None

"""``humandit weights``: what weights are known, what a file holds, and fetching the pose nets."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..weights.public import PublicFile, PublicSet
    from ..weights.registry import Entry


POSE = "pose"
"""The nets of the mediapipe detector."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The three actions and their options."""
    from ..weights.public import SETS

    actions = parser.add_subparsers(dest="action", required=True)
    shown = actions.add_parser("list", help="weights that are known, and whether the bundled ones are here")
    inspect = actions.add_parser("inspect", help="say what a weight file is, from its tensors")
    inspect.add_argument("file", type=Path, metavar="FILE")
    get = actions.add_parser("get", help="fetch weights that the pack does not bring along")
    names = (POSE, *(entry.name for entry in SETS))
    get.add_argument("name", choices=names, help="pose: the nets of the mediapipe detector; others: see weights list")
    get.add_argument("--to", type=Path, metavar="FOLDER", help="default: the cache")
    get.add_argument("--yes", action="store_true", help="do not ask: the licence is accepted")
    for action in (shown, inspect, get):
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Do what the parsed arguments say; the dictionary is the command's result."""
    return {"list": _list, "inspect": _inspect, "get": _get}[args.action](args)


def _list(args: argparse.Namespace) -> dict[str, Any]:
    from ..weights.public import SETS
    from ..weights.registry import ENTRIES

    if args.json:
        public = [_public_facts(entry, file) for entry in SETS for file in entry.files]
        return {"weights": [*(_facts(entry) for entry in ENTRIES), *public]}
    known = {f"{entry.name} ({entry.kind})": _line(entry) for entry in ENTRIES}
    return {**known, **{f"{entry.name} ({POSE})": _public_line(entry) for entry in SETS}}


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


def _inspect(args: argparse.Namespace) -> dict[str, Any]:
    from ..weights.inspect import inspect_file

    return inspect_file(args.file).to_dict()


def _public_facts(entry: PublicSet, file: PublicFile) -> dict[str, Any]:
    from ..pose.detect.nets import cache_folder

    return {
        "name": entry.name,
        "kind": POSE,
        "here": (cache_folder() / file.name).is_file(),
        "megabytes": _megabytes(file),
        "licence": file.licence,
        "origin": file.url,
        "folder": "models/humandit_pose",
        "file": file.name,
        "checksum": file.content.sha256 or "unverified",
    }


def _public_line(entry: PublicSet) -> str:
    files = "; ".join(_file_line(file) for file in entry.files)
    return f"{entry.what}. {files}; get it, or put your own into models/humandit_pose"


def _file_line(file: PublicFile) -> str:
    size = _megabytes(file)
    checksum = "checksum known" if file.verified else "unverified: no public checksum"
    return (
        f"{file.name} ({'size unknown' if size is None else f'{size} MB'}, {file.licence}, {checksum}) from {file.url}"
    )


def _megabytes(file: PublicFile) -> float | None:
    size = file.fetched.size or file.content.size
    return round(size / 1e6, 1) if size else None


def _get(args: argparse.Namespace) -> dict[str, Any]:
    from ..pose.detect.nets import LICENCE, NETS, cache_folder, fetch_nets
    from ..weights.download import fetch
    from ..weights.public import find_set

    entry = find_set(args.name)
    if entry is None:
        return {"folder": str(fetch_nets(args.to)), "files": sorted(NETS.files), "licence": LICENCE}
    folder = args.to or cache_folder()
    missing = [file for file in entry.files if not (folder / file.name).is_file()]
    if missing and not args.yes:
        _ask(entry, missing, folder)
    for file in entry.files:
        fetch(file, folder, lambda here, all_, name=file.name: _progress(name, here, all_))
    return {
        "folder": str(folder),
        "files": [file.name for file in entry.files],
        "licence": ", ".join(dict.fromkeys(file.licence for file in entry.files)),
        "unverified": [file.name for file in entry.files if not file.verified],
    }


def _ask(entry: PublicSet, missing: list[PublicFile], folder: Path) -> None:
    """Show what would come, and go on only after a yes."""
    from ..errors import HumanDiTError

    lines = [_file_line(file) for file in missing]
    if not sys.stdin.isatty():
        raise HumanDiTError(
            f"Nobody is here to accept the licence of {'; '.join(lines)}. Add --yes to accept it and "
            f"download to {folder}."
        )
    print(f"{entry.what}, to {folder}:", *lines, sep="\n  ", file=sys.stderr)
    if input("Accept the licence and download? [y/N] ").strip().lower() not in ("y", "yes"):
        raise HumanDiTError("Nothing was downloaded: the licence was not accepted.")


def _progress(name: str, here: int, expected: int | None) -> None:
    total = f" of {expected / 1e6:.0f}" if expected else ""
    end = "\n" if here == expected else "\r"
    print(f"{name}: {here / 1e6:.0f}{total} MB", end=end, file=sys.stderr, flush=True)

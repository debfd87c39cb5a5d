"""``humandit weights``: what weights are known, what a file holds, and fetching the pose nets."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..weights.registry import Entry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The three actions and their options."""
    actions = parser.add_subparsers(dest="action", required=True)
    shown = actions.add_parser("list", help="weights that are known, and whether the bundled ones are here")
    inspect = actions.add_parser("inspect", help="say what a weight file is, from its tensors")
    inspect.add_argument("file", type=Path, metavar="FILE")
    get = actions.add_parser("get", help="fetch weights that the pack does not bring along")
    get.add_argument("name", choices=("pose",), help="pose: the pose nets")
    get.add_argument("--to", type=Path, metavar="FOLDER", help="default: the cache")
    for action in (shown, inspect, get):
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Do what the parsed arguments say; the dictionary is the command's result."""
    return {"list": _list, "inspect": _inspect, "get": _get}[args.action](args)


def _list(args: argparse.Namespace) -> dict[str, Any]:
    from ..weights.registry import ENTRIES

    if args.json:
        return {"weights": [_facts(entry) for entry in ENTRIES]}
    return {f"{entry.name} ({entry.kind})": _line(entry) for entry in ENTRIES}


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


def _get(args: argparse.Namespace) -> dict[str, Any]:
    from ..pose.detect.nets import LICENCE, NETS, fetch_nets

    return {"folder": str(fetch_nets(args.to)), "files": sorted(NETS.files), "licence": LICENCE}

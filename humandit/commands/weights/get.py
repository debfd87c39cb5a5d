"""``humandit weights get``: nets that the pack does not bring along."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .list import POSE, file_line, home

if TYPE_CHECKING:
    from ...weights.public import PublicFile, PublicSet


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What, and where to."""
    from ...weights.public import SETS

    names = (POSE, *(entry.name for entry in SETS))
    parser.add_argument(
        "name", choices=names, help="pose: the nets of the mediapipe detector; others: see weights list"
    )
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="default: the cache")
    parser.add_argument("--yes", action="store_true", help="do not ask: the licence is accepted")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Fetch what is missing, after a yes, into a folder."""
    from ...pose.detect.nets import LICENCE, NETS, fetch_nets
    from ...weights.download import fetch
    from ...weights.public import find_set

    entry = find_set(args.name)
    if entry is None:
        return {"folder": str(fetch_nets(args.to)), "files": sorted(NETS.files), "licence": LICENCE}
    folder = args.to or home(entry)
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
    from ...errors import HumanDiTError

    lines = [file_line(file) for file in missing]
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

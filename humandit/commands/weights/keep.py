"""``humandit weights keep``: a prompt inside a model's file, so that nobody loads a text encoder to leave it out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The model, the prompt, and the new file."""
    parser.add_argument(
        "source", type=Path, metavar="MODEL", help="a .safetensors file of a model, a part, or a folder"
    )
    parser.add_argument("prompt", type=Path, metavar="PROMPT", help="a file of HumanDiT Save Prompt: the empty prompt")
    parser.add_argument("out", type=Path, metavar="OUT", help="a new .safetensors file")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """What the new file is."""
    from ...weights.inspect import inspect_file
    from ...weights.prompt import keep_prompt

    return inspect_file(keep_prompt(args.source, args.prompt, args.out)).to_dict()

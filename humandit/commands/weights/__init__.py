"""``humandit weights``: one action, one file."""

from __future__ import annotations

import argparse
from typing import Any

from ..actions import add_actions, run_action

ACTIONS = {
    "list": "weights that are known, and whether the bundled ones are here",
    "inspect": "say what a weight file is, from its tensors",
    "sizes": "how many parameters each video model has, and how many of them are HumanDiT's own",
    "convert": "turn other programs' weight files into safetensors, without running anything in them",
    "keep": "put a prompt, the empty one as a rule, into a model's file, which then needs no text encoder for it",
    "get": "fetch weights that the pack does not bring along",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every action with its own options."""
    add_actions(parser, __name__, ACTIONS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Do what the parsed arguments say; the dictionary is the command's result."""
    return run_action(args, __name__)

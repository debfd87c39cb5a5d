"""``humandit pose``: one action, one file."""

from __future__ import annotations

import argparse
from typing import Any

from ..actions import add_actions, run_action

ACTIONS = {
    "detect": "find people's poses in a film or picture",
    "draw": "draw poses as the stick figures that public pose models expect",
    "convert": "turn pose files into one another",
    "evaluate": "score detector and adapters on people whose poses are known",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every action with its own options."""
    add_actions(parser, __name__, ACTIONS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Do what the parsed arguments say; the dictionary is the command's result."""
    return run_action(args, __name__)

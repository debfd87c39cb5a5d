"""``humandit motion``: one action, one file."""

from __future__ import annotations

import argparse
from typing import Any

from ..actions import add_actions, run_action

ACTIONS = {
    "generate": "let the person in a picture move on, for as long as you like",
    "refine": "bridge from a picture into a film's motion, and mend the faults in it",
    "evaluate": "score generation and refinement against simple rivals on held-out motion",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every action with its own options."""
    add_actions(parser, __name__, ACTIONS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Do what the parsed arguments say; the dictionary is the command's result."""
    return run_action(args, __name__)

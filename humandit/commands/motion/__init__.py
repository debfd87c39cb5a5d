"""``humandit motion``: one action, one file."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

ACTIONS = {
    "evaluate": "score generation and refinement against simple rivals on held-out motion",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every action with its own options."""
    actions = parser.add_subparsers(dest="action", required=True)
    for name, text in ACTIONS.items():
        child = actions.add_parser(name, help=text, description=text)
        import_module(f"{__package__}.{name}").add_arguments(child)
        child.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Do what the parsed arguments say; the dictionary is the command's result."""
    return import_module(f"{__package__}.{args.action}").run(args)

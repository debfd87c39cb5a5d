"""Verbs with several actions: one action, one file of the verb's package."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib import import_module
from typing import Any


def add_actions(parser: argparse.ArgumentParser, package: str, actions: Mapping[str, str]) -> None:
    """Every action (name -> help) with the options of its file, and ``--json``."""
    parsers = parser.add_subparsers(dest="action", required=True)
    for name, text in actions.items():
        child = parsers.add_parser(name, help=text, description=text)
        import_module(f"{package}.{name}").add_arguments(child)
        child.add_argument("--json", action="store_true", help="print the result as JSON")


def run_action(args: argparse.Namespace, package: str) -> dict[str, Any]:
    """Do what the parsed arguments say; the dictionary is the command's result."""
    return import_module(f"{package}.{args.action}").run(args)

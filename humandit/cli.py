"""The command line: one verb, one file in :mod:`humandit.commands`."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from typing import Any

from .errors import HumanDiTError

VERBS = {
    "animate": "picture + film -> video",
    "draft": "picture + film -> a draft in seconds, without a model",
    "plan": "what a film will cost: segments, time, memory",
    "pose": "detect, convert and draw poses",
    "motion": "motion from a still, and poses made whole",
    "weights": "list, inspect and get weights",
    "evaluate": "score a model on held-out clips, or films against films",
    "bench": "measure speed",
    "data": "make training data",
    "train": "train own weights",
}


def parser_for(verb: str | None) -> argparse.ArgumentParser:
    """The parser; only the chosen verb's module is imported."""
    parser = argparse.ArgumentParser(prog="python -m humandit", description="Pose-guided long human video.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, text in VERBS.items():
        child = verbs.add_parser(name, help=text, description=text)
        if name == verb:
            import_module(f"{__package__}.commands.{name}").add_arguments(child)
            if not any("--json" in action.option_strings for action in child._actions):
                child.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run a verb. Exit code 0, or 2 with one line on stderr for input that cannot be used."""
    words = sys.argv[1:] if arguments is None else arguments
    verb = next((word for word in words if word in VERBS), None)
    args = parser_for(verb).parse_args(words)
    try:
        result = import_module(f"{__package__}.commands.{args.verb}").run(args)
    except HumanDiTError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    if result is not None:
        show(result, args.json)
    return 0


def show(result: dict[str, Any], as_json: bool) -> None:
    """One JSON line, or one readable line per value."""
    if as_json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name}: {value}")

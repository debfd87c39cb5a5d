"""``humandit bench``: one action, one file."""

from __future__ import annotations

import argparse
from typing import Any

from ..actions import add_actions, run_action

ACTIONS = {
    "dit": "one forward of the video DiT beside diffusers' CogVideoX transformer",
    "sample": "a whole sampling with every preset beside diffusers' CogVideoX pipeline",
    "switches": "what every switch of the presets gains and costs alone",
    "memory": "peak memory of short and long chains",
    "import": "what the pack adds to the start of ComfyUI",
    "drift": "the plain chain of many segments beside every answer to drift",
    "ablation": "the paper's ablation at small scale: prefix or channels, short or long films",
    "attention": "which attention is the fastest on this device; the answer is remembered",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every action with its own options."""
    add_actions(parser, __name__, ACTIONS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Do what the parsed arguments say; the dictionary is the command's result."""
    return run_action(args, __name__)

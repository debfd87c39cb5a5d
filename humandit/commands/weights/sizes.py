"""``humandit weights sizes``: parameters of each video model, counted on the modules themselves without memory."""

from __future__ import annotations

import argparse
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: it counts all."""


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Model -> parameters of the stock transformer in billions, and HumanDiT's own in millions."""
    from ...weights.sizes import VIDEO_MODELS, count

    sizes = {name: count(config) for name, config in VIDEO_MODELS.items()}
    if args.json:
        return {"sizes": {name: size.to_dict() for name, size in sizes.items()}}
    return {name: size.in_words() for name, size in sizes.items()}

"""One line to whoever watches a training."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """To the terminal, beside the curves' own lines."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201

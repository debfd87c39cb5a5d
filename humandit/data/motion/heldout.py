"""Which files of somebody's own are kept from training: told by the name alone, the same on every machine."""

from __future__ import annotations

from hashlib import sha1

HELD_OUT = 10
"""One file out of so many is held out."""


def is_held_out(name: str) -> bool:
    """Whether the file of that name is kept from training."""
    return int(sha1(name.encode(), usedforsecurity=False).hexdigest(), 16) % HELD_OUT == 0

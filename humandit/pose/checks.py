"""Checks of single values out of pose files, with words for the user."""

from __future__ import annotations

from typing import Any

from ..errors import InvalidPose


def side(value: Any, name: str) -> int:
    """A canvas side in pixels, 1 to 1,000,000."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 1e6:
        raise InvalidPose(f"{name} has a canvas side of {short(value)}; expected pixels, at least 1.")
    return int(value)


def speed(value: Any) -> float:
    """Frames per second, more than 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise InvalidPose(f"fps must be a number greater than 0, got {short(value)}.")
    return float(value)


def kind(value: Any) -> str:
    """What a value is, in a word."""
    return "nothing" if value is None else type(value).__name__


def short(value: Any) -> str:
    """A value as it may stand in an error: no page of text, no number of a thousand digits."""
    if isinstance(value, list | tuple | dict) or (isinstance(value, int) and abs(value) > 10**20):
        return f"a {kind(value)} that cannot be one"
    text = repr(value)
    return text if len(text) < 80 else text[:77] + "..."

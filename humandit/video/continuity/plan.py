"""Where segments begin and end: one behind the other, overlapping, or with seams where the person moves little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...errors import HumanDiTError
from ...types import TIME_SCALE

STEP = 2 * TIME_SCALE
"""Frames by which segments can be shorter or longer."""
KEY_FRAMES = STEP + 1
"""Frames of the short segment whose last one is a key frame."""


@dataclass(frozen=True)
class Span:
    """``length`` frames from ``start`` on: 8k+1, the first one given."""

    start: int
    length: int

    @property
    def last(self) -> int:
        return self.start + self.length - 1


def plan_spans(frames: int, longest: int, overlap: int, speed: Callable[[int], float] | None = None) -> list[Span]:
    """Spans over the new frames 1 … ``frames``, each ``overlap`` frames into the one before.

    Args:
        frames: new frames of the film.
        longest: frames of a span, 8k+1; the last is as short as it can be.
        overlap: frames, at most half the new ones of a span.
        speed: how fast the person moves at a frame; spans are then up to half shorter, to end where that is least.

    Raises:
        HumanDiTError: an overlap that leaves too little.
    """
    if overlap > (longest - 1) // 2:
        raise HumanDiTError(
            f"Segments of {longest} frames can overlap by {(longest - 1) // 2} at most, got {overlap}. Use longer "
            "segments or a smaller overlap."
        )
    half = -(-(longest - 1) // 2 // STEP) * STEP
    shortest = longest - 1 if speed is None else max(half, (overlap // STEP + 1) * STEP)
    spans = [_span(0, frames, range(longest - 1, shortest - 1, -STEP), speed)]
    while spans[-1].last < frames:
        spans.append(_span(spans[-1].last - overlap, frames, range(longest - 1, shortest - 1, -STEP), speed))
    return spans


def _span(start: int, frames: int, lasts: range, speed: Callable[[int], float] | None) -> Span:
    """``lasts``: number of the last frame, from ``start``; longest first, which wins where frames are as slow."""
    left = frames - start
    if left <= lasts[0]:
        return Span(start, -(-left // STEP) * STEP + 1)
    return Span(start, (lasts[0] if speed is None else min(lasts, key=lambda last: speed(start + last))) + 1)

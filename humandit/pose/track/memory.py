"""What is known about somebody so far: where they were seen, how they move, what they look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..detect.boxes import Box
from ..detect.protocol import Sighting
from .looks import Looks, unlike
from .person import THUMBNAIL

ALIKE = 0.3
"""Colour distance up to which two sightings may show one person."""
SCRAP, SCRAP_ALIKE = 0.25, 0.5
"""A piece shorter than this share of the film is joined to somebody even if its colours are farther off."""
BRIEF = 0.1
"""People seen in less than this share of the film, or in fewer than three frames, are dropped as errors."""
LEARN = 0.1
"""Share of a clear sighting in a person's remembered colours."""
GLIDE = 4
"""Frames for which somebody out of sight is expected to go on along their way."""


@dataclass
class Track:
    """One person as the film goes by; the one thing in this room that changes.

    Attributes:
        seen: a sighting or None per frame so far. looks: remembered colours. last: frame of the latest sighting.
        speed: [2] px per frame. best: worth of the thumbnail's sighting.
    """

    seen: list[Sighting | None]
    looks: Looks
    last: int
    speed: np.ndarray = field(default_factory=lambda: np.zeros(2))
    best: float = 0.0
    thumbnail: np.ndarray = field(default_factory=lambda: np.zeros((THUMBNAIL, THUMBNAIL, 3), np.uint8))

    @property
    def latest(self) -> Sighting:
        found = self.seen[self.last]
        assert found is not None
        return found

    def expected(self, now: int) -> Box:
        """Where the person should be: on along their way for a few frames, then standing."""
        box = self.latest.near
        step = self.speed * min(now - self.last, GLIDE)
        return replace(box, x=box.x + step[0], y=box.y + step[1])

    def note(self, sighting: Sighting, look: Looks, frame: np.ndarray, now: int, alone: bool) -> None:
        """Remember a sighting of frame ``now``; colours only while nobody stands in the way."""
        if now > self.last:
            before = self.latest.near
            step = np.array([sighting.near.x - before.x, sighting.near.y - before.y]) / (now - self.last)
            self.speed = 0.7 * self.speed + 0.3 * step
        self.seen[now], self.last = sighting, now
        if alone and unlike(self.looks, look) < ALIKE:
            self.looks = self.looks.mixed(look, LEARN)
        worth = sighting.sure * (1.0 if alone else 0.5)
        if worth > self.best + 0.02:
            self.best, self.thumbnail = worth, sighting.near.crop(frame, THUMBNAIL)


def joined(tracks: Sequence[Track]) -> list[Track]:
    """Pieces that look alike and are never seen together are one person, most alike first."""
    pieces = list(tracks)
    while True:
        pairs = [
            (unlike(a.looks, b.looks), i, j)
            for i, a in enumerate(pieces)
            for j, b in enumerate(pieces[:i])
            if unlike(a.looks, b.looks) < (SCRAP_ALIKE if _scrap(a) or _scrap(b) else ALIKE) and not _together(a, b)
        ]
        if not pairs:
            return pieces
        _, i, j = min(pairs)
        later = pieces.pop(i)
        pieces[j].seen = [a or b for a, b in zip(pieces[j].seen, later.seen, strict=True)]
        if later.best > pieces[j].best:
            pieces[j].best, pieces[j].thumbnail = later.best, later.thumbnail


def lasting(track: Track) -> bool:
    """Whether somebody was seen for long enough to be somebody."""
    frames = len(track.seen)
    return sum(s is not None for s in track.seen) >= min(max(3, BRIEF * frames), frames)


def _scrap(piece: Track) -> bool:
    """Too short to be somebody on its own: half covered people look like nobody."""
    return sum(s is not None for s in piece.seen) < SCRAP * len(piece.seen)


def _together(one: Track, other: Track) -> bool:
    return any(a is not None and b is not None for a, b in zip(one.seen, other.seen, strict=True))

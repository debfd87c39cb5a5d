"""Frame by frame: each frame's sightings are given to the people known so far, all at once.

Position leads while people stand apart; the colours of their clothes decide when paths cross or someone returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ...errors import InvalidMedia, InvalidPose
from ...types import Canvas
from ..detect.boxes import Box
from ..detect.protocol import Detector, Sighting, checked, nobody, sequence
from .looks import Looks, looks_of, unlike
from .memory import Track, joined, lasting
from .person import Person

SEARCH = 4
"""Frames between searches of the whole picture while everybody is in sight."""
MOTION, COLOUR = 1.0, 1.5
"""Weights of distance (body sizes) and of colour (0..1) when sightings are given to people."""
REACH = 0.5
"""Body sizes that somebody can be away from where they were expected, right after the last sight of them."""
CROWD = 0.35
"""Body sizes up to which people may cover each other: no colours are learnt there, and nobody new appears."""
STRANGER, UNHEARD_OF = 0.42, 0.65
"""Colour distances from which a sighting is somebody else: the second one right after the last sight of a person whom
nobody else is more like, for people turn and skirts swing."""
MOMENT = 3
"""Frames that count as right after."""
FORGET = 12
"""Frames after which a lost person may turn up anywhere."""
MOST = 8
"""People that are kept unless more are asked for."""


def track(
    detector: Detector,
    frames: Iterable[np.ndarray],
    fps: float,
    most: int = MOST,
    on_frame: Callable[[int], None] | None = None,
) -> list[Person]:
    """Everybody in a film, the largest first.

    Args:
        detector: any; its single-person ``detect`` is not used.
        frames: uint8 RGB [H, W, 3] each, all of one size.
        fps: frames per second, stored with the poses.
        most: people to keep at most, 1 or more.
        on_frame: called with the number of frames done; may raise to stop.

    Raises:
        NoPersonFound: nobody in any frame, or nobody for longer than an instant.
    """
    if most < 1:
        raise InvalidPose(f"At least 1 person must be kept, got {most}.")
    tracks: list[Track] = []
    size = tuple[int, ...]()
    count = 0
    for count, frame in enumerate(frames, 1):  # noqa: B007
        size = checked(frame, size)
        _step(tracks, detector, frame, count - 1)
        if on_frame:
            on_frame(count)
    if not count:
        raise InvalidMedia("Pose detection needs at least one frame, got none.")
    people = [_person(t, Canvas(size[1], size[0]), fps) for t in joined(tracks) if lasting(t)]
    if not people:
        raise nobody(count)
    return sorted(people, key=lambda p: -p.size * p.present.mean())[:most]


def _person(found: Track, canvas: Canvas, fps: float) -> Person:
    present = np.array([s is not None for s in found.seen])
    return Person(sequence(found.seen, canvas, fps), present, found.thumbnail)


def _step(tracks: list[Track], detector: Detector, frame: np.ndarray, now: int) -> None:
    """Look, give every sighting to somebody, and start a track for each newcomer."""
    active = [t for t in tracks if now - t.last <= FORGET]
    everybody = bool(active) and all(t.last == now - 1 for t in active)
    found = detector.people(frame, [t.expected(now) for t in active], search=now % SEARCH == 0 or not everybody)
    looks = [looks_of(frame, sighting) for sighting in found]
    owners = _owners(tracks, found, looks, now)
    for t in tracks:
        t.seen.append(None)
    for sighting, look, owner in zip(found, looks, owners, strict=True):
        alone = all(other is sighting or _apart(sighting.near, other.near) >= CROWD for other in found)
        if owner is None:
            if any(_apart(sighting.near, t.expected(now)) < CROWD for t in active):
                continue  # part of one body, part of another: nobody new
            owner = Track([None] * now + [sighting], look, now)
            tracks.append(owner)
        owner.note(sighting, look, frame, now, alone)


def _owners(tracks: Sequence[Track], found: Sequence[Sighting], looks: Sequence[Looks], now: int) -> list[Track | None]:
    """For each sighting the person it belongs to, or None: the cheapest assignment as a whole."""
    from scipy.optimize import linear_sum_assignment

    if not tracks or not found:
        return [None] * len(found)
    unalike = np.array([[unlike(t.looks, look) for t in tracks] for look in looks])
    cost = np.array(
        [
            [_cost(t, s, colour, now, best=bool(colour == row.min())) for t, colour in zip(tracks, row, strict=True)]
            for s, row in zip(found, unalike, strict=True)
        ]
    )
    possible = np.isfinite(cost)
    rows, columns = linear_sum_assignment(np.where(possible, cost, 1e6))
    owners: list[Track | None] = [None] * len(found)
    for row, column in zip(rows, columns, strict=True):
        if possible[row, column]:
            owners[row] = tracks[column]
    return owners


def _cost(person: Track, sighting: Sighting, colour: float, now: int, best: bool) -> float:
    """Of giving a sighting to a person; infinite where they cannot be the same.

    Args:
        colour: how unlike the two are. best: whether nobody else is more like the sighting.
    """
    gone = now - person.last
    if colour > (UNHEARD_OF if best and gone <= MOMENT else STRANGER):
        return np.inf
    if gone > FORGET:
        return MOTION * REACH + COLOUR * colour
    away = _apart(sighting.near, person.expected(now))
    if away > REACH * np.sqrt(gone):
        return np.inf
    return MOTION * away + COLOUR * colour


def _apart(one: Box, other: Box) -> float:
    """Distance of two boxes' centres in sides of the larger one."""
    return float(np.hypot(one.x - other.x, one.y - other.y)) / max(one.size, other.size, 1.0)

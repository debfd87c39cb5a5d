"""Several people through a film: who is who in every frame.

Each frame's sightings are given to the people known so far, all at once, by where they are expected and by the
colours of their clothes. Position leads while people stand apart; colours decide when paths cross or someone returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import InvalidMedia, InvalidPose
from ..types import Canvas
from . import skeleton as coco
from .detect.boxes import Box
from .detect.protocol import Detector, Sighting, checked, nobody, sequence
from .looks import Looks, looks_of, unlike
from .sequence import PoseSequence

SEARCH = 4
"""Frames between searches of the whole picture while everybody is in sight."""
MOTION, COLOUR = 1.0, 1.5
"""Weights of distance (body sizes) and of colour (0..1) when sightings are given to people."""
REACH = 0.5
"""Body sizes that somebody can be away from where they were expected, right after the last sight of them."""
CROWD = 0.35
"""Body sizes up to which people may cover each other: no colours are learnt there, and nobody new appears."""
STRANGER = 0.42
"""Colour distance from which a sighting is somebody else."""
ALIKE = 0.3
"""Colour distance up to which two pieces of a film may show one person."""
SCRAP, SCRAP_ALIKE = 0.25, 0.5
"""A piece shorter than this share of the film is joined to somebody even if its colours are farther off."""
FORGET = 12
"""Frames after which a lost person may turn up anywhere."""
BRIEF = 0.1
"""People seen in less than this share of the film, or in fewer than three frames, are dropped as errors."""
LEARN = 0.1
"""Share of a clear sighting in a person's remembered colours."""
THUMBNAIL = 96


@dataclass(frozen=True)
class Person:
    """One person of a film.

    Attributes:
        poses: one pose per frame of the film; all scores 0 where the person is not in sight.
        present: [T] bool.
        thumbnail: uint8 [96, 96, 3], the person where they were seen best.
    """

    poses: PoseSequence
    present: np.ndarray
    thumbnail: np.ndarray

    @property
    def size(self) -> float:
        """Mean height of the body's box in pixels over the frames that show it."""
        body, seen = self.poses.xy[:, coco.BODY_SLICE], self.poses.visible[:, coco.BODY_SLICE]
        heights = [np.ptp(xy[s, 1]) for xy, s in zip(body, seen, strict=True) if s.sum() > 1]
        return float(np.mean(heights)) if heights else 0.0


@dataclass
class _Track:
    """What is known about somebody so far."""

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


def track(
    detector: Detector,
    frames: Iterable[np.ndarray],
    fps: float,
    most: int = 8,
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
    tracks: list[_Track] = []
    size: tuple[int, ...] = ()
    count = 0
    for count, frame in enumerate(frames, 1):  # noqa: B007
        size = checked(frame, size)
        _step(tracks, detector, frame, count - 1)
        if on_frame:
            on_frame(count)
    if not count:
        raise InvalidMedia("Pose detection needs at least one frame, got none.")
    kept = [t for t in _joined(tracks) if _lasting(t, count)]
    people = [_person(t, Canvas(size[1], size[0]), fps) for t in kept]
    if not people:
        raise nobody(count)
    return sorted(people, key=lambda p: -p.size * p.present.mean())[:most]


def pick(people: Sequence[Person], which: str | int) -> Person:
    """One of the people: "largest", a number from 0 on, or "X,Y", a point of the first frame (shares of its sides)."""
    if which == "largest":
        return people[0]
    if isinstance(which, str) and "," in which:
        return _at(people, which)
    if not str(which).isdigit():
        raise InvalidPose(f'Expected "largest", a number or a point "X,Y" in 0..1 to pick a person, got {which!r}.')
    if int(which) >= len(people):
        raise InvalidPose(f"Person {which} was asked for, but there are {len(people)} (0 to {len(people) - 1}).")
    return people[int(which)]


def _at(people: Sequence[Person], point: str) -> Person:
    """The person nearest to a point of the first frame in which they are seen."""
    try:
        x, y = (float(part) for part in point.split(","))
    except ValueError as error:
        raise InvalidPose(f'A point is written "X,Y" with shares of the picture in 0..1, got {point!r}.') from error
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise InvalidPose(f"A point lies in 0..1 on both axes, got {point}.")

    def away(person: Person) -> float:
        size = person.poses.canvas
        first = int(person.present.argmax())
        seen = person.poses.visible[first]
        gaps = np.linalg.norm(person.poses.xy[first][seen] - (x * size.width, y * size.height), axis=-1)
        return float(gaps.min()) + size.square * first

    return min(people, key=away)


def _step(tracks: list[_Track], detector: Detector, frame: np.ndarray, now: int) -> None:
    """Look, give every sighting to somebody, and start a track for each newcomer."""
    active = [t for t in tracks if now - t.last <= FORGET]
    everybody = bool(active) and all(t.last == now - 1 for t in active)
    found = detector.people(frame, [_moved(t, now) for t in active], search=now % SEARCH == 0 or not everybody)
    looks = [looks_of(frame, sighting) for sighting in found]
    owners = _owners(tracks, found, looks, now)
    for t in tracks:
        t.seen.append(None)
    for sighting, look, owner in zip(found, looks, owners, strict=True):
        alone = all(other is sighting or not _touch(sighting, other) for other in found)
        if owner is None:
            if any(_apart(sighting.near, _moved(t, now)) < CROWD for t in active):
                continue  # part of one body, part of another: nobody new
            owner = _Track([None] * (now + 1), look, now)
            tracks.append(owner)
        _note(owner, sighting, look, frame, now, alone)


def _owners(
    tracks: Sequence[_Track], found: Sequence[Sighting], looks: Sequence[Looks], now: int
) -> list[_Track | None]:
    """For each sighting the person it belongs to, or None: the cheapest assignment as a whole."""
    from scipy.optimize import linear_sum_assignment

    if not tracks or not found:
        return [None] * len(found)
    cost = np.array([[_cost(t, s, look, now) for t in tracks] for s, look in zip(found, looks, strict=True)])
    possible = np.isfinite(cost)
    rows, columns = linear_sum_assignment(np.where(possible, cost, 1e6))
    owners: list[_Track | None] = [None] * len(found)
    for row, column in zip(rows, columns, strict=True):
        if possible[row, column]:
            owners[row] = tracks[column]
    return owners


def _cost(person: _Track, sighting: Sighting, look: Looks, now: int) -> float:
    """Of giving a sighting to a person; infinite where they cannot be the same."""
    colour = unlike(person.looks, look)
    gone = now - person.last
    if colour > STRANGER:
        return np.inf
    if gone > FORGET:
        return MOTION * REACH + COLOUR * colour
    expected = _moved(person, now)
    away = _apart(sighting.near, expected)
    if away > REACH * np.sqrt(gone):
        return np.inf
    return MOTION * away + COLOUR * colour


def _moved(person: _Track, now: int) -> Box:
    """Where the person is expected: on along their way for a few frames, then standing."""
    box = person.latest.near
    step = person.speed * min(now - person.last, 4)
    return replace(box, x=box.x + step[0], y=box.y + step[1])


def _note(person: _Track, sighting: Sighting, look: Looks, frame: np.ndarray, now: int, alone: bool) -> None:
    """Remember a sighting; colours only while nobody stands in the way."""
    before = person.seen[person.last] if person.seen else None
    if before is not None and now > person.last:
        gap = now - person.last
        step = np.array([sighting.near.x - before.near.x, sighting.near.y - before.near.y]) / gap
        person.speed = 0.7 * person.speed + 0.3 * step
    person.seen[now] = sighting
    person.last = now
    if alone and unlike(person.looks, look) < ALIKE:
        person.looks = person.looks.mixed(look, LEARN)
    worth = sighting.sure * (1.0 if alone else 0.5)
    if worth > person.best + 0.02:
        person.best, person.thumbnail = worth, sighting.near.crop(frame, THUMBNAIL)


def _touch(one: Sighting, other: Sighting) -> bool:
    """Whether two people are so near that they may cover each other."""
    return _apart(one.near, other.near) < CROWD


def _apart(one: Box, other: Box) -> float:
    """Distance of two boxes' centres in sides of the larger one."""
    return float(np.hypot(one.x - other.x, one.y - other.y)) / max(one.size, other.size, 1.0)


def _joined(tracks: Sequence[_Track]) -> list[_Track]:
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


def _scrap(piece: _Track) -> bool:
    """Too short to be somebody on its own: half covered people look like nobody."""
    return sum(s is not None for s in piece.seen) < SCRAP * len(piece.seen)


def _together(one: _Track, other: _Track) -> bool:
    return any(a is not None and b is not None for a, b in zip(one.seen, other.seen, strict=True))


def _lasting(person: _Track, frames: int) -> bool:
    seen = sum(s is not None for s in person.seen)
    return seen >= min(max(3, BRIEF * frames), frames)


def _person(person: _Track, canvas: Canvas, fps: float) -> Person:
    present = np.array([s is not None for s in person.seen])
    return Person(sequence(person.seen, canvas, fps), present, person.thumbnail)

"""One person of a film, and how an artist names the one they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import InvalidPose
from .. import skeleton as coco
from ..detect.boxes import Box
from ..sequence import PoseSequence

THUMBNAIL = 96
"""Side of a person's picture, pixels."""
MARGIN = 1.25
"""Side of that picture in body heights."""


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

    @classmethod
    def only(cls, poses: PoseSequence, frames: np.ndarray) -> Person:
        """The one person of a film [T, H, W, 3], their picture taken from the frame that shows most of them."""
        best = int(poses.score.sum(1).argmax())
        box = Box.around(poses.xy[best][poses.visible[best]]).grown(MARGIN)
        return cls(poses, np.asarray(poses.visible.any(1)), box.crop(frames[best], THUMBNAIL))


def pick(people: Sequence[Person], which: str | int) -> Person:
    """One of the people: "largest", a number from 0 on, or "X,Y", a point of the film in shares of its sides (0..1).

    Raises:
        InvalidPose: words that name nobody, or a number that nobody has.
    """
    word = str(which).strip()
    if word == "largest":
        return people[0]
    if "," in word:
        return _at(people, word)
    if not word.isdecimal():
        raise InvalidPose(f'Expected "largest", a number or a point "X,Y" in 0..1 to pick a person, got {which!r}.')
    if int(word) >= len(people):
        raise InvalidPose(f"Person {word} was asked for, but there are {len(people)} (0 to {len(people) - 1}).")
    return people[int(word)]


def _at(people: Sequence[Person], point: str) -> Person:
    """The person nearest to a point when first seen; who is there from the beginning comes first."""
    try:
        x, y = (float(part) for part in point.split(","))
    except ValueError as error:
        raise InvalidPose(f'A point is written "X,Y" with shares of the picture in 0..1, got {point!r}.') from error
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise InvalidPose(f"A point lies in 0..1 on both axes, got {point}.")

    def away(person: Person) -> float:
        canvas = person.poses.canvas
        first = int(person.present.argmax())
        seen = person.poses.visible[first]
        gaps = np.linalg.norm(person.poses.xy[first][seen] - (x * canvas.width, y * canvas.height), axis=-1)
        return float(gaps.min(initial=canvas.square)) + canvas.square * first

    return min(people, key=away)

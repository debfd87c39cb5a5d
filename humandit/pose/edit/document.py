"""An edit document: key frames and spans, as small differences to poses that stay as they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...errors import InvalidPose
from ...types import Canvas
from ..sequence import PoseSequence

SCHEMA = "humandit-edit/1"
KINDS = ("swap", "bad", "good", "hide")
"""What may happen over a span: left and right change places; what was seen is wrong and comes from the neighbours;
what was seen is right, however unsure the detector was; the joints are not drawn."""


@dataclass(frozen=True)
class Key:
    """One person's corrected frame.

    Attributes:
        person: number among the people of the film, added ones last.
        frame: from 0 on.
        before, after: neighbouring frames that the move blends into; 0 moves this frame alone.
        moved: joint -> (x, y) in pixels, added to where the joint was.
        placed: joint -> (x, y) in pixels, for a joint that was missing in this frame.
    """

    person: int
    frame: int
    before: int = 0
    after: int = 0
    moved: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    placed: Mapping[int, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """One of ``KINDS`` for a person's joints from frame ``first`` to ``last``, both included.

    ``joints`` are names of joints or of parts (see ``parts``).
    """

    person: int
    kind: str
    first: int
    last: int
    joints: tuple[str, ...] = ("all",)


@dataclass(frozen=True)
class Added:
    """A person more: the poses of person ``copy`` as they came, moved by ``shift`` pixels."""

    copy: int
    shift: tuple[float, float]


@dataclass(frozen=True)
class Edits:
    """Everything that is changed about the people of one film.

    Attributes:
        frames, fps, canvas, people, skeleton: of the film the edits were made for; fps is for the reader only.
        keys: corrected frames, at most one per person and frame.
        spans: marks over several frames.
        added: people more than the film has.
        removed: numbers of people who are left out.
    """

    frames: int
    canvas: Canvas
    fps: float = 12.5
    people: int = 1
    skeleton: str = "coco-wholebody"
    keys: tuple[Key, ...] = ()
    spans: tuple[Span, ...] = ()
    added: tuple[Added, ...] = ()
    removed: tuple[int, ...] = ()

    @property
    def everybody(self) -> int:
        """People to choose from, those added included."""
        return self.people + len(self.added)

    @property
    def anything(self) -> bool:
        """Whether anything is changed at all."""
        return bool(self.keys or self.spans or self.added or self.removed)

    def check(self, film: Sequence[PoseSequence]) -> None:
        """Refuse a film that these edits were not made for.

        Raises:
            InvalidPose: another length, canvas, skeleton or number of people.
        """
        first = film[0]
        made_for = f"{self.people} x {self.frames} frames of {self.canvas}"
        came = f"{len(film)} x {len(first)} frames of {first.canvas}"
        if made_for != came or self.skeleton != first.skeleton:
            raise InvalidPose(
                f"These edits belong to another film: they were made for {made_for}, and {came} came (people x "
                "frames). Connect the film they were made for, or open the editor and discard the edits."
            )

"""Top-down detection: a person net says where people are, a pose net is shown each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from ..sequence import VISIBLE
from .boxes import Box
from .persons import PersonNet
from .points import to_wholebody
from .protocol import Detector, Sighting, distinct
from .window import Window

FEWEST = 3
"""Body points that make a person."""
MARGIN = 1.1
"""A person is larger than the bounds of their keypoints."""


@runtime_checkable
class PoseNet(Protocol):
    """A net that finds the points of one person.

    Attributes:
        aspect: width / height of the picture it takes. device: what it really runs on.
    """

    aspect: float
    device: str

    def __call__(self, frame: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """[K, 2] pixels of the uint8 RGB frame, and [K] scores 0..1, of the person in the window."""
        ...


class TopDownDetector(Detector):
    """A pose net with a person net, or without one: then a search takes the whole frame for one person."""

    def __init__(self, name: str, pose: PoseNet, persons: PersonNet | None = None) -> None:
        self.name, self.pose, self.persons = name, pose, persons
        apart = persons is not None and persons.device != pose.device
        self.device = f"{pose.device}, people on {persons.device}" if apart and persons else pose.device

    def people(self, frame: np.ndarray, near: Sequence[Box] = (), search: bool = True) -> list[Sighting]:
        """See :class:`humandit.pose.detect.Detector`. A place of ``near`` that the search finds anew is its to say."""
        found = [window.box for window in self._everywhere(frame)] if search else []
        old = [box for box in near if not any(box.near(other) for other in found)]
        return distinct(s for box in (*found, *old) if (s := self._in(frame, box)) is not None)

    def _everywhere(self, frame: np.ndarray) -> list[Window]:
        if self.persons is None:
            height, width = frame.shape[:2]
            return [Window.around(np.array([0, 0, width, height]), self.pose.aspect)]
        return [Window.around(box[:4], self.pose.aspect) for box in self.persons(frame)]

    def _in(self, frame: np.ndarray, box: Box) -> Sighting | None:
        """The person in one place, or None where the net sees nobody."""
        if not box.usable:
            return None
        xy, score = self.pose(frame, Window.of(box, self.pose.aspect))
        part = to_wholebody(xy, score, (frame.shape[1], frame.shape[0]))
        seen = part.score >= VISIBLE
        if seen[:17].sum() < FEWEST:
            return None
        bounds = np.concatenate([part.xy[seen].min(0), part.xy[seen].max(0)])
        return Sighting(part.xy, part.score, self._following(bounds))

    def _following(self, bounds: np.ndarray) -> Box:
        middle, half = (bounds[:2] + bounds[2:]) / 2, np.maximum((bounds[2:] - bounds[:2]) / 2 * MARGIN, 1)
        return Window.around(np.concatenate([middle - half, middle + half]), self.pose.aspect).box

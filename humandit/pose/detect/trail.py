"""What following a person hands on from frame to frame: where the body was, and its hands and face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from .boxes import Box
from .steady import Steady

UP = np.pi / 2
"""Angle of a line that points up in its crop, radians."""


@dataclass(frozen=True)
class Trail(Box):
    """A body's box that remembers its hands and face, so that they need no search while they stay in sight.

    Attributes:
        parts: name -> box around the part; its centre is measured from the body's own point for it (wrist, nose), so
            that a part which moves with its limb is still inside.
        steady: the two points that the box was laid through.
    """

    parts: Mapping[str, Box] = field(default_factory=dict, compare=False)
    steady: Steady | None = field(default=None, compare=False)

    @classmethod
    def from_box(cls, box: Box) -> Trail:
        """The trail itself, or one that starts here."""
        return box if isinstance(box, Trail) else cls(box.x, box.y, box.size, box.angle)

    def moved(self, seen: np.ndarray) -> Trail:
        """On to where a body's two steering points [2, 2] are seen now: middle of the hips, and how far it reaches."""
        steady = self.steady.step(seen, _between(seen).size) if self.steady else Steady.start(seen)
        return Trail(**vars(body_box(steady.xy)), parts=self.parts, steady=steady)

    def with_parts(self, boxes: Mapping[str, Box], roots: Mapping[str, np.ndarray]) -> Trail:
        """Remembers the parts' boxes, in pixels of the frame, and forgets all others; ``roots`` are [2] each."""
        away = {name: replace(b, x=b.x - roots[name][0], y=b.y - roots[name][1]) for name, b in boxes.items()}
        return replace(self, parts=away)

    def part(self, name: str, root: np.ndarray) -> Box | None:
        """Where the part should be now that its body point is at ``root`` [2]; None if it was not seen."""
        away = self.parts.get(name)
        return away and replace(away, x=away.x + float(root[0]), y=away.y + float(root[1]))


def body_box(points: np.ndarray) -> Box:
    """The body net's crop through its two steering points [2, 2]."""
    return _between(points).grown(1.25)


def _between(points: np.ndarray) -> Box:
    return Box.between(points[0], points[1], UP)


def turned(points: np.ndarray, angle: float) -> Box:
    """Bounds of [N, 2] points along axes turned by ``angle``, as a square with their longer side."""
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])  # rows of points times this: back to upright axes
    upright = Box.around(points @ turn)
    x, y = np.array([upright.x, upright.y]) @ turn.T
    return Box(float(x), float(y), upright.size, angle)

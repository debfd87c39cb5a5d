"""The hands at the ends of a body's arms: looked for where they were, or where the arm says."""

from __future__ import annotations

import numpy as np

from .boxes import Box
from .net import Net
from .trail import UP, Trail, turned
from .wholebody import Part

SEEN = 0.5
"""Presence from which the hand net's answer counts."""
WRIST_SEEN = 0.1
"""Visibility of a wrist from which its hand is searched."""
POINTS = {"left": (15, 19, 17), "right": (16, 20, 18)}
"""BlazePose wrist, index and little finger of each hand."""
PALM = (0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18)
"""Hand points that stay together whatever the fingers do: the next box is laid around them."""


class HandFinder:
    """Finds the hand of one arm: a net that places the crop, skipped while the hand is followed, one for its points."""

    def __init__(self, side: str, recrop: Net, hand: Net) -> None:
        self.side, self.recrop, self.hand = side, recrop, hand

    def __call__(self, frame: np.ndarray, body: Part, trail: Trail) -> Part | None:
        """21 points, or None where no hand is seen."""
        root = POINTS[self.side][0]
        if body.score[root] < WRIST_SEEN:
            return None
        wrist = body.xy[root]
        followed = self._points(frame, trail.part(self.side, wrist), wrist)
        return followed or self._points(frame, self._search(frame, body), wrist)

    def _search(self, frame: np.ndarray, body: Part) -> Box | None:
        """The hand's box from the arm alone."""
        wrist, index, little = body.xy[list(POINTS[self.side])]
        box = Box.between((2 * index + little) / 3, wrist, -UP).grown(2.7, -0.1)
        if not box.usable:
            return None
        raw = self.recrop(box.crop(frame, self.recrop.side, True))[0].reshape(2, 2)
        centre, low = box.place(raw / self.recrop.side)
        return Box.between(centre, low, -UP).grown(1.0, -0.1)

    def _points(self, frame: np.ndarray, box: Box | None, wrist: np.ndarray) -> Part | None:
        """The hand inside a box, if there is one and it is this arm's."""
        if box is None or not box.usable:
            return None
        raw, presence, *_ = self.hand(box.crop(frame, self.hand.side, True))
        if presence[0] < SEEN:
            return None
        xy = box.place(raw.reshape(21, 3)[:, :2] / self.hand.side)
        if np.linalg.norm(xy[0] - wrist) > box.size / 2:  # another hand than this arm's
            return None
        return Part(xy, np.full(21, float(presence[0])))


def hand_box(hand: Part) -> Box:
    """Where to look for a hand in the next frame."""
    angle = Box.between(hand.xy[0], hand.xy[[5, 9, 9, 13]].mean(0), UP).angle
    return turned(hand.xy[list(PALM)], angle).grown(2.0, -0.1)


def one_place_one_hand(hands: dict[str, Part | None], body: Part) -> dict[str, Part | None]:
    """Where both searches ended on the same hand, it stays with the arm whose wrist is nearer."""
    left, right = hands["left"], hands["right"]
    if left is None or right is None:
        return hands
    size = max(np.ptp(left.xy, axis=0).max(), np.ptp(right.xy, axis=0).max())
    if np.linalg.norm(left.xy.mean(0) - right.xy.mean(0)) > 0.25 * size:
        return hands
    left_gap = np.linalg.norm(left.xy[0] - body.xy[POINTS["left"][0]])
    right_gap = np.linalg.norm(right.xy[0] - body.xy[POINTS["right"][0]])
    loser = "left" if left_gap > right_gap else "right"
    return {**hands, loser: None}

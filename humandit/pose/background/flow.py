"""Following points from frame to frame by pyramidal Lucas-Kanade (Bouguet, 2001), there and back.

A point that is lost, or that the person covers, is carried along by the motion that the others share. It is shown
again when its surroundings look as they did; after ``PATIENCE`` frames its place goes to a new corner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .corners import View, corners

THERE_AND_BACK = 1.0
"""Pixels at full size that a point may miss itself by when it is followed forward and back again."""
LEAST = 0.3
"""The same, pixels, on the smallest frames."""
WINDOW, PATCH = 21, 15
"""Sides of what is compared from frame to frame, and of what is remembered, pixels at full size."""
STRAY = 4.0
"""Pixels at full size per frame by which a point may leave the common motion; more belongs to something that moves."""
ALIKE, AGAIN = 0.4, 0.75
"""Correlation with what is remembered that a point must keep, and that a lost one must reach."""
REACH = 4
"""Pixels at full size around its expected place in which a lost point is looked for."""
PATIENCE, REFILL = 24, 8
"""Frames that a lost point is waited for, and frames between looks for new corners."""
FEW = 0.25
"""Share of the points under which a scene is taken for a new one (a cut), or new corners are looked for at once."""
SMALLEST = 11
"""Side, pixels, under which windows and patches tell nothing."""


@dataclass(frozen=True)
class LucasKanade:
    """The tracker that needs nothing but the frames."""

    def follow(self, views: Iterator[View], count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """See :class:`.track.Tracker`."""
        scene = None
        for view in views:
            scene = first_scene(view, count) if scene is None else scene.followed(view)
            yield scene.xy, scene.visible


@dataclass(frozen=True)
class Scene:
    """What is known after a frame.

    Attributes:
        view: the frame. number: of the frame, from 0.
        xy: [B, 2] px. visible: [B] bool. away: [B] frames since each point was seen, PATIENCE for an empty place.
        patches: [B, p, p] float32, each point's surroundings when it was found.
    """

    view: View
    number: int
    xy: np.ndarray
    visible: np.ndarray
    away: np.ndarray
    patches: np.ndarray

    def followed(self, view: View) -> Scene:
        """The same points in the next frame."""
        xy, sound = there_and_back(self.view, view, self.xy)
        sound &= self.visible
        sound &= sound.sum() >= FEW * self.visible.sum()
        shared, told = common_motion(self.xy[sound], xy[sound], view.unit)
        expected = self.xy @ shared[:, :2].T + shared[:, 2]
        stray = np.linalg.norm(xy - expected, axis=-1) > STRAY * view.unit
        sound &= ~(stray & told)
        xy = np.where(sound[:, None], xy, expected).astype(np.float32)
        visible = sound & view.open(xy)
        for i in np.flatnonzero(visible):
            visible[i] = likeness(view, self.patches[i], xy[i]) >= ALIKE
        for i in np.flatnonzero(~sound & (self.away < PATIENCE) & view.open(xy)):
            again = found_again(view, self.patches[i], xy[i])
            if again is not None and view.open(again[None])[0]:
                xy[i], visible[i] = again, True
        away = np.where(visible, 0, np.minimum(self.away + 1, PATIENCE))
        return Scene(view, self.number + 1, xy, visible, away, self.patches).refilled()

    def refilled(self) -> Scene:
        """With new corners in the places of points that were given up; at once where little is left to follow."""
        lonely = self.visible.sum() < FEW * len(self.visible)
        free = np.flatnonzero(self.away >= (2 if lonely else PATIENCE))
        if not len(free) or (self.number % REFILL and not lonely):
            return self
        new = corners(self.view, len(free), self.xy[self.visible])
        chosen = free[: len(new)]
        xy, visible, away, patches = self.xy.copy(), self.visible.copy(), self.away.copy(), self.patches.copy()
        xy[chosen], visible[chosen], away[chosen] = new, True, 0
        patches[chosen] = [patch(self.view, point) for point in new] or patches[chosen]
        return Scene(self.view, self.number, xy, visible, away, patches)


def first_scene(view: View, count: int) -> Scene:
    """The first frame with its corners."""
    side = odd(PATCH * view.unit)
    empty, nowhere = np.zeros(count, bool), np.zeros((count, 2), np.float32)
    return Scene(
        view, 0, nowhere, empty, np.full(count, PATIENCE), np.zeros((count, side, side), np.float32)
    ).refilled()


def there_and_back(before: View, after: View, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points [B, 2] followed into the next frame, and [B] bool: those that come back to where they were."""
    import cv2

    side = odd(WINDOW * before.unit)
    settings = {"winSize": (side, side), "maxLevel": 4, "criteria": (3, 30, 0.01)}
    start = xy.reshape(-1, 1, 2).astype(np.float32)
    ahead, went, _ = cv2.calcOpticalFlowPyrLK(before.grey, after.grey, start, start.copy(), **settings)
    back, came, _ = cv2.calcOpticalFlowPyrLK(after.grey, before.grey, ahead, ahead.copy(), **settings)
    off = np.linalg.norm((back - start).reshape(-1, 2), axis=-1)
    sound = (went[:, 0] > 0) & (came[:, 0] > 0) & (off <= max(THERE_AND_BACK * before.unit, LEAST))
    return np.where(sound[:, None], ahead.reshape(-1, 2), xy), sound


def common_motion(before: np.ndarray, after: np.ndarray, unit: float) -> tuple[np.ndarray, bool]:
    """[2, 3] shift, turn and scale that most points [n, 2] share, and whether there were enough points to tell."""
    import cv2

    if len(before) >= 4:
        shared, _ = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=2 * unit)
        if shared is not None:
            return shared, True
    shift = np.median(after - before, axis=0) if len(before) else np.zeros(2)
    return np.concatenate([np.eye(2), shift[:, None]], axis=1), False


def patch(view: View, point: np.ndarray) -> np.ndarray:
    """[p, p] float32: the surroundings of a point [2] px, sampled between pixels."""
    import cv2

    side = odd(PATCH * view.unit)
    return cv2.getRectSubPix(view.grey, (side, side), tuple(map(float, point))).astype(np.float32)


def likeness(view: View, remembered: np.ndarray, point: np.ndarray) -> float:
    """Correlation -1..1 of a point's surroundings with what is remembered."""
    import cv2

    return float(cv2.matchTemplate(patch(view, point), remembered, cv2.TM_CCOEFF_NORMED)[0, 0])


def found_again(view: View, remembered: np.ndarray, near: np.ndarray) -> np.ndarray | None:
    """Where ``remembered`` lies around ``near`` [2] px, to the pixel, or None where nothing looks like it."""
    import cv2

    reach = max(round(REACH * view.unit), 2)
    side = len(remembered) + 2 * reach
    around = cv2.getRectSubPix(view.grey, (side, side), tuple(map(float, near))).astype(np.float32)
    _, best, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(around, remembered, cv2.TM_CCOEFF_NORMED))
    return near + np.array([x - reach, y - reach], np.float32) if best >= AGAIN else None


def odd(pixels: float) -> int:
    """The odd number nearest to ``pixels``, at least ``SMALLEST``."""
    return max(int(pixels) // 2 * 2 + 1, SMALLEST)

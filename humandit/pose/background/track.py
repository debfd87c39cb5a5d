"""A film's background points: found beside the person in the first frame, then followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, repeat, zip_longest
from typing import Protocol, runtime_checkable

import numpy as np

from ...errors import InvalidMedia, InvalidPose
from ...types import Canvas
from ..raster import MAX_BACKGROUND
from ..sequence import PoseSequence
from .corners import BLOCK, View
from .flow import SMALLEST, LucasKanade
from .person import person_masks, widened
from .points import BackgroundPoints

MARGIN = 10
"""Pixels at full size by which the person's mask grows: half of what the tracker looks at around a point. Nearer, the
person's own outline makes corners with what is behind it."""
ENOUGH = 0.05
"""Share of the points that must be in sight on average: a few for a moment tell nothing of the camera."""
NOTHING = (
    "Hardly any background points were found in {} frame{}: what is beside the person is plain or out of focus, or the "
    "person covers everything. Use a still camera instead, or leave the background off."
)


@runtime_checkable
class Tracker(Protocol):
    """What follows points."""

    def follow(self, views: Iterator[View], count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Places [count, 2] px and visibility [count] bool for every view; looks at one after the other."""
        ...


def track_background(
    frames: Iterable[np.ndarray],
    fps: float,
    masks: Iterable[np.ndarray] | None = None,
    poses: PoseSequence | None = None,
    count: int = MAX_BACKGROUND,
    tracker: Tracker | None = None,
    on_frame: Callable[[int], None] = lambda done: None,
) -> BackgroundPoints:
    """Up to ``count`` points that stand still in the film's scene. Frames may be a stream; none is kept.

    Args:
        frames: uint8 RGB [H, W, 3] each, all of one size.
        fps: frames per second, stored with the result.
        masks: [H, W] bool for every frame, the person. Before them go no points.
        poses: instead of masks: one pose per frame, painted as a thick body. With neither, all is background.
        count: 1 to 20 points at a time.
        tracker: None follows by Lucas-Kanade.
        on_frame: called with the number of frames done; may raise to stop.

    Raises:
        InvalidMedia: frames or masks of different sizes or numbers, no frame, or next to nothing to follow in them.
        InvalidPose: a count outside 1..20.
    """
    if not 1 <= count <= MAX_BACKGROUND:
        raise InvalidPose(f"The background takes 1 to {MAX_BACKGROUND} points, got {count}.")
    xy, visible = [], []
    views = looked_at(frames, masks, poses)
    first = next(views, None)
    if first is None:
        raise InvalidMedia("Background tracking needs at least one frame, got none.")
    for places, seen in (tracker or LucasKanade()).follow(chain([first], views), count):
        xy.append(places)
        visible.append(seen)
        on_frame(len(xy))
    if np.mean(visible) < ENOUGH:
        raise InvalidMedia(NOTHING.format(len(xy), "s" * (len(xy) > 1)))
    return BackgroundPoints(np.stack(xy), np.stack(visible), first.canvas, fps)


def looked_at(
    frames: Iterable[np.ndarray], masks: Iterable[np.ndarray] | None, poses: PoseSequence | None
) -> Iterator[View]:
    """Every frame with the widened mask of its person, one at a time."""
    stream = iter(frames)
    first = next(stream, None)
    if first is None:
        return
    if first.ndim != 3 or first.shape[2] != 3 or first.dtype != np.uint8 or 0 in first.shape:
        raise InvalidMedia(f"Tracking needs uint8 RGB frames [H, W, 3], got {first.dtype} {list(first.shape)}.")
    canvas = Canvas(first.shape[1], first.shape[0])
    stream = chain([first], stream)
    if masks is None and poses is not None:
        masks = person_masks(poses.resized(canvas))
    nobody = repeat(np.zeros(first.shape[:2], bool))
    pairs = zip(stream, nobody, strict=False) if masks is None else zip_longest(stream, masks)
    for number, (frame, mask) in enumerate(pairs):
        yield _view(number, frame, mask, first.shape)


def _view(number: int, frame: np.ndarray | None, mask: np.ndarray | None, shape: tuple[int, ...]) -> View:
    if frame is None or mask is None:
        more, fewer = ("masks", "frames") if frame is None else ("frames", "masks")
        raise InvalidMedia(
            f"Every frame needs the mask (or pose) of its person, but after {number} there are more {more} and no "
            f"{fewer}. Give those of the same frames."
        )
    if frame.shape != shape or mask.shape != shape[:2]:
        raise InvalidMedia(
            f"Frames and masks must share one size: expected {shape[1]}x{shape[0]} as in frame 0, got frame {number} "
            f"{frame.shape[1]}x{frame.shape[0]} with a mask {list(mask.shape)}."
        )
    return _wide(View(frame, mask.astype(bool)))


def _wide(view: View) -> View:
    margin = max(round(MARGIN * view.unit), SMALLEST // 2 + BLOCK // 2)
    return replace(view, person=widened(view.person, margin)) if view.person.any() else view

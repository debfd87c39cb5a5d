"""What every pose detector offers: people in one frame, and from it the strongest person of a film."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import InvalidMedia, NoPersonFound
from ...types import Canvas
from .. import skeleton as coco
from ..sequence import PoseSequence
from .boxes import Box

SAME = 0.12
"""Mean distance of the body points, in sides of the box, under which two sightings are one person."""


@dataclass(frozen=True)
class Sighting:
    """One person in one frame.

    Attributes:
        xy: [133, 2] pixels of the frame. score: [133], 0..1; 0 marks what was not seen.
        near: where to look for this person in the next frame; a detector may remember more in it than a box.
    """

    xy: np.ndarray
    score: np.ndarray
    near: Box

    @property
    def sure(self) -> float:
        """Mean score of the 17 body points."""
        return float(self.score[coco.BODY_SLICE].mean())


class Detector(ABC):
    """Frames in, people's COCO-WholeBody keypoints out.

    Attributes:
        name: how it was asked for. device: what it really runs on.
    """

    name: str
    device: str

    @abstractmethod
    def people(self, frame: np.ndarray, near: Sequence[Box] = (), search: bool = True) -> list[Sighting]:
        """The people of one frame, nobody twice, surest first.

        Args:
            frame: uint8 RGB [H, W, 3].
            near: places to look, from the sightings of the frame before.
            search: also look everywhere; costs more.
        """

    def detect(
        self, frames: Iterable[np.ndarray], fps: float, on_frame: Callable[[int], None] | None = None
    ) -> PoseSequence:
        """Keypoints of the strongest person, followed from frame to frame and searched anew when lost.

        Args:
            frames: uint8 RGB [H, W, 3] each, all of one size.
            fps: frames per second, stored with the result.
            on_frame: called with the number of frames done; may raise to stop.

        Returns:
            As many poses as frames. A frame without a person has all scores 0.

        Raises:
            NoPersonFound: nobody in any frame.
        """
        seen: list[Sighting | None] = []
        size = tuple[int, ...]()
        for count, frame in enumerate(frames):
            size = checked(frame, size)
            last = seen[-1] if seen else None
            seen.append(self._one(frame, last))
            if on_frame:
                on_frame(count + 1)
        if not seen:
            raise InvalidMedia("Pose detection needs at least one frame, got none.")
        if not any(seen):
            raise nobody(len(seen))
        return sequence(seen, Canvas(size[1], size[0]), fps)

    def _one(self, frame: np.ndarray, last: Sighting | None) -> Sighting | None:
        """The person followed from the last frame; only where the trail is lost, the surest of the whole frame."""
        followed = self.people(frame, [last.near], search=False) if last else []
        return max(followed or self.people(frame), key=lambda s: s.sure, default=None)


def apart(one: Sighting, other: Sighting) -> float:
    """Mean distance of the 17 body points in sides of the larger box."""
    distance = np.linalg.norm(one.xy[coco.BODY_SLICE] - other.xy[coco.BODY_SLICE], axis=-1).mean()
    return float(distance) / max(one.near.size, other.near.size, 1.0)


def distinct(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Each person once, surest first."""
    kept: list[Sighting] = []
    for sighting in sorted(sightings, key=lambda s: -s.sure):
        if all(apart(sighting, other) > SAME for other in kept):
            kept.append(sighting)
    return kept


def sequence(seen: Sequence[Sighting | None], canvas: Canvas, fps: float) -> PoseSequence:
    """One pose per frame; a frame without a sighting keeps everything at the canvas's middle with score 0."""
    nowhere = np.full((coco.COUNT, 2), (canvas.width / 2, canvas.height / 2)), np.zeros(coco.COUNT)
    rows = [nowhere if s is None else (s.xy, s.score) for s in seen]
    return PoseSequence(np.stack([r[0] for r in rows]), np.stack([r[1] for r in rows]), canvas, fps)


def checked(frame: np.ndarray, size: tuple[int, ...]) -> tuple[int, ...]:
    """The frame's shape, which must be ``size`` unless that is still empty."""
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8 or 0 in frame.shape:
        raise InvalidMedia(f"Pose detection needs uint8 RGB frames [H, W, 3], got {frame.dtype} {list(frame.shape)}.")
    if size and frame.shape != size:
        raise InvalidMedia(f"Frames must share one size, got {list(frame.shape)} after {list(size)}.")
    return frame.shape


def nobody(frames: int) -> NoPersonFound:
    """The error for a film without people."""
    which = "the picture" if frames == 1 else f"{frames} frames (0 to {frames - 1})"
    return NoPersonFound(
        f"Nobody was found in {which}. Use a picture or film in which one person is clearly visible and fills much "
        "of the frame."
    )

"""``PoseSequence``: one person's keypoints over time. Every pose step takes one and returns a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import InvalidPose
from ..framing import Framing
from ..types import Canvas
from . import skeleton as coco

VISIBLE = 0.3
"""Score from which a keypoint counts as seen; the threshold of DWPose's own drawing."""

SKELETONS = {"coco-wholebody": coco.COUNT}


@dataclass(frozen=True)
class PoseSequence:
    """Keypoints of one person.

    Attributes:
        xy: [T, K, 2] float32, pixels of ``canvas``. Finite everywhere, also where the joint is missing.
        score: [T, K] float32 in 0..1. 0 marks a missing joint: it keeps a place but is never drawn.
        canvas: size of the frames that ``xy`` refers to.
        fps: frames per second, > 0.
        skeleton: name of the table that ``K`` follows; storage is always "coco-wholebody" (133).

    Raises:
        InvalidPose: shapes that disagree, non-finite numbers, scores outside 0..1, unknown skeleton.
    """

    xy: np.ndarray
    score: np.ndarray
    canvas: Canvas
    fps: float
    skeleton: str = "coco-wholebody"

    def __post_init__(self) -> None:
        object.__setattr__(self, "xy", np.ascontiguousarray(self.xy, np.float32))
        object.__setattr__(self, "score", np.ascontiguousarray(self.score, np.float32))
        count = SKELETONS.get(self.skeleton)
        if count is None:
            raise InvalidPose(f"Unknown skeleton {self.skeleton!r}; known are {', '.join(SKELETONS)}.")
        if self.xy.ndim != 3 or self.xy.shape[1:] != (count, 2) or self.score.shape != self.xy.shape[:2]:
            raise InvalidPose(
                f"{self.skeleton} needs xy [T, {count}, 2] and score [T, {count}], "
                f"got {list(self.xy.shape)} and {list(self.score.shape)}."
            )
        if not np.isfinite(self.xy).all() or not np.isfinite(self.score).all():
            raise InvalidPose("Keypoints must be finite numbers. Mark a missing joint by score 0, not by NaN.")
        if self.score.size and (self.score.min() < 0 or self.score.max() > 1):
            raise InvalidPose(f"Scores lie in 0..1, got {self.score.min():.3g}..{self.score.max():.3g}.")
        if not (np.isfinite(self.fps) and self.fps > 0):
            raise InvalidPose(f"fps must be greater than 0, got {self.fps}.")

    def __len__(self) -> int:
        return self.xy.shape[0]

    def __getitem__(self, frames: slice) -> PoseSequence:
        return replace(self, xy=self.xy[frames], score=self.score[frames])

    @property
    def visible(self) -> np.ndarray:
        """[T, K] bool: joints to draw."""
        return self.score >= VISIBLE

    @property
    def seconds(self) -> float:
        return len(self) / self.fps

    def concat(self, other: PoseSequence) -> PoseSequence:
        """This sequence followed by ``other``, which is brought to this one's canvas."""
        other = other.resized(self.canvas)
        return replace(self, xy=np.concatenate([self.xy, other.xy]), score=np.concatenate([self.score, other.score]))

    def resized(self, canvas: Canvas) -> PoseSequence:
        """The same poses on frames that were stretched to ``canvas``."""
        scale = np.array([canvas.width / self.canvas.width, canvas.height / self.canvas.height], np.float32)
        return replace(self, xy=self.xy * scale, canvas=canvas)

    def framed(self, framing: Framing) -> PoseSequence:
        """The same poses on the picture as ``framing`` places it."""
        return replace(self, xy=framing.points(self.resized(framing.source).xy), canvas=framing.canvas)

    def trimmed(self, start: int, frames: int | None = None) -> PoseSequence:
        """``frames`` poses from number ``start`` on (None: all that follow).

        Raises:
            InvalidPose: a range that the sequence does not hold.
        """
        stop = len(self) if frames is None else start + frames
        if not 0 <= start < stop <= len(self):
            raise InvalidPose(
                f"Frames {start} to {stop - 1} were asked for, but there are {len(self)} (0 to {len(self) - 1}). "
                "Choose an earlier start or fewer frames."
            )
        return self[start:stop]

    def resampled(self, fps: float) -> PoseSequence:
        """Linear resampling in time to ``fps``. A joint missing in either neighbour takes the lower score."""
        xy, score = resample(self.xy, self.score, self.fps, fps)
        return replace(self, xy=xy, score=score, fps=fps)

    @classmethod
    def stacked(cls, frames: Sequence[PoseSequence]) -> PoseSequence:
        """One sequence from several that share canvas and fps."""
        if not frames:
            raise InvalidPose("A pose sequence needs at least one frame, got none.")
        first = frames[0]
        return replace(
            first, xy=np.concatenate([f.xy for f in frames]), score=np.concatenate([f.score for f in frames])
        )


def resample(xy: np.ndarray, score: np.ndarray, fps: float, wanted: float) -> tuple[np.ndarray, np.ndarray]:
    """Points [T, K, 2] and scores [T, K] at ``wanted`` frames per second; see :meth:`PoseSequence.resampled`."""
    if wanted == fps or len(xy) < 2:
        return xy, score
    count = max(int(np.floor((len(xy) - 1) * wanted / fps + 1e-6)) + 1, 1)
    at = np.arange(count) * fps / wanted
    low = np.minimum(at.astype(int), len(xy) - 1)
    high = np.minimum(low + 1, len(xy) - 1)
    part = (at - low).astype(np.float32)[:, None]
    near = np.where(part < 0.5, low[:, None], high[:, None])[:, 0]
    both = (score[low] > 0) & (score[high] > 0)
    mixed = xy[low] * (1 - part[..., None]) + xy[high] * part[..., None]
    resampled = np.where(both[..., None], mixed, xy[near])
    return resampled, np.where(both, np.minimum(score[low], score[high]), score[near])

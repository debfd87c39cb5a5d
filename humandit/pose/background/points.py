"""Points of a scene over a film, and how they join the poses of the video that is made."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...errors import InvalidPose
from ...types import Canvas
from ..raster import Background
from ..sequence import PoseSequence, resample
from .person import covered, person_masks


@dataclass(frozen=True)
class BackgroundPoints(Background):
    """Points that stand still in a scene while the camera moves.

    A column is one point for as long as it stays visible; after a frame without, it may be another one.

    Attributes:
        xy: [T, B, 2] float32 in pixels of ``canvas``, B <= 20, finite also where invisible.
        visible: [T, B] bool.
        canvas: size of the film's frames.
        fps: frames per second, > 0.

    Raises:
        InvalidPose: shapes that disagree, more than 20 points, no frame, numbers that are not finite.
    """

    canvas: Canvas
    fps: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "xy", np.ascontiguousarray(self.xy, np.float32))
        object.__setattr__(self, "visible", np.ascontiguousarray(self.visible, bool))
        super().__post_init__()
        if not len(self):
            raise InvalidPose("Background points need at least one frame, got none.")
        if not np.isfinite(self.xy).all() or not (np.isfinite(self.fps) and self.fps > 0):
            raise InvalidPose(f"Background points and their fps must be finite and fps above 0, got fps {self.fps}.")

    def __len__(self) -> int:
        return self.xy.shape[0]

    def __getitem__(self, frames: slice | list[int]) -> BackgroundPoints:
        return replace(self, xy=self.xy[frames], visible=self.visible[frames])

    def resized(self, canvas: Canvas) -> BackgroundPoints:
        """The same points on frames that were stretched to ``canvas``."""
        scale = np.array([canvas.width / self.canvas.width, canvas.height / self.canvas.height], np.float32)
        return replace(self, xy=self.xy * scale, canvas=canvas)

    def filled(self, canvas: Canvas) -> BackgroundPoints:
        """The same points on frames that were scaled and cut around their middle to cover ``canvas``."""
        scale, shift = self.canvas.covering(canvas)
        return replace(self, xy=self.xy * scale + np.array(shift, np.float32), canvas=canvas)

    def resampled(self, fps: float) -> BackgroundPoints:
        """Linear in time between frames that both show a point, else as in the nearer frame."""
        xy, shown = resample(self.xy, self.visible.astype(np.float32), self.fps, fps)
        return replace(self, xy=xy, visible=shown > 0, fps=fps)


def shown_with(points: BackgroundPoints | None, poses: PoseSequence) -> Background | None:
    """The points for the pose images of ``poses`` [1 + T], whose frame 0 is the reference picture's pose.

    Frame 0 takes the places of the film's first frame. So the model was trained: its reference shows the scene that
    the points move with, and its camera is where the points of that frame are. The picture's own background then
    moves as the film's does. Where the person of the video stands, points are hidden, as they were in training.

    Raises:
        InvalidPose: fewer frames than the motion has.
    """
    if points is None:
        return None
    placed, frames = points.filled(poses.canvas).resampled(poses.fps), len(poses) - 1
    if len(placed) < frames:
        raise InvalidPose(
            f"The motion has {frames} frames at {poses.fps:g} fps, its background only {len(placed)}. Track the same "
            "frames as the poses come from, with the same fps, or make fewer frames."
        )
    times = [0, *range(frames)]
    xy = placed.xy[times]
    hidden = [covered(mask, at) for mask, at in zip(person_masks(poses), xy, strict=True)]
    return Background(xy, placed.visible[times] & ~np.stack(hidden))

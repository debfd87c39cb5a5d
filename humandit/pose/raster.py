"""Poses to pose images: one white pixel per keypoint, eight channels (paper §3.3).

Body, feet, face and hand keypoint i lies in channel i mod 7, background keypoints in channel 7. No limbs are
drawn and no heat maps: the paper's pose guider reads bare pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ..errors import InvalidPose, InvalidShape
from ..types import POSE_CHANNELS, POSE_SCALE, SIDE_STEP, Canvas
from . import skeleton as coco
from .moved import moved_picture
from .sequence import PoseSequence

MAX_BACKGROUND = 20
"""Background keypoints that channel eight holds at most (paper §3.3)."""
BODY_CHANNELS = POSE_CHANNELS - 1


@dataclass(frozen=True)
class Background:
    """Tracked points of the background.

    Attributes:
        xy: [T, B, 2] float32 in pixels of the poses' canvas, B <= 20.
        visible: [T, B] bool.
    """

    xy: np.ndarray
    visible: np.ndarray

    def __post_init__(self) -> None:
        if self.xy.ndim != 3 or self.xy.shape[2] != 2 or self.visible.shape != self.xy.shape[:2]:
            raise InvalidPose(f"Background points are xy [T, B, 2] with visible [T, B], got {list(self.xy.shape)}.")
        if self.xy.shape[1] > MAX_BACKGROUND:
            raise InvalidPose(f"At most {MAX_BACKGROUND} background points, got {self.xy.shape[1]}.")


def rasterize(poses: PoseSequence, canvas: Canvas, background: Background | None = None) -> torch.Tensor:
    """Pose images P [T, 4h, 4w, 8] uint8, 0 or 1, for frames of ``canvas`` (8h x 8w pixels).

    Missing joints, joints outside the canvas and the ears (paper App. A) leave no pixel.

    Raises:
        InvalidShape: a canvas whose sides are not multiples of 16.
    """
    if canvas.width % SIDE_STEP or canvas.height % SIDE_STEP:
        raise InvalidShape(f"Pose images need sides that are multiples of {SIDE_STEP}, got {canvas}.")
    placed = poses.resized(canvas)
    images = np.zeros((len(poses), canvas.height // POSE_SCALE, canvas.width // POSE_SCALE, POSE_CHANNELS), np.uint8)
    shown = placed.visible.copy()
    shown[:, list(coco.EXCLUDED)] = False
    _dot(images, placed.xy, shown, np.arange(coco.COUNT) % BODY_CHANNELS)
    if background is not None:
        scale = np.array([canvas.width / poses.canvas.width, canvas.height / poses.canvas.height], np.float32)
        _dot(images, background.xy * scale, background.visible, np.full(background.xy.shape[1], BODY_CHANNELS))
    return torch.from_numpy(images)


@dataclass(frozen=True)
class Raster:
    """Pose images that are drawn when they are asked for: ``raster[start:stop]`` is that part of :func:`rasterize`'s.

    Attributes, beside its arguments:
        picture: [H, W, 3] in 0..1 of the canvas, to be shown moved along its bones in four further channels; the images
            are float32 then. None for none.
        taken: the frame whose pose the picture shows.
    """

    poses: PoseSequence
    canvas: Canvas
    background: Background | None = None
    picture: torch.Tensor | None = None
    taken: int = 0

    def __len__(self) -> int:
        return len(self.poses)

    def __getitem__(self, frames: slice, /) -> torch.Tensor:
        shown = self.background
        part = None if shown is None else Background(shown.xy[frames], shown.visible[frames])
        dots = rasterize(self.poses[frames], self.canvas, part)
        if self.picture is None:
            return dots
        own = self.poses[slice(self.taken, self.taken + 1)].resized(self.canvas)
        return torch.cat([dots, moved_picture(self.picture, own, self.poses[frames].resized(self.canvas))], -1)


def _dot(images: np.ndarray, xy: np.ndarray, shown: np.ndarray, channels: np.ndarray) -> None:
    """Set pixel (x, y) // 2 of its channel for every point that is shown and inside."""
    column, row = np.floor(np.moveaxis(xy, -1, 0) / POSE_SCALE).astype(np.int64)
    inside = shown & (column >= 0) & (row >= 0) & (column < images.shape[2]) & (row < images.shape[1])
    frame, point = np.nonzero(inside)
    images[frame, row[frame, point], column[frame, point], channels[point]] = 1

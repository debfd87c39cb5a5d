"""Rotated square regions of a frame: how each net is shown its part of the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Box:
    """A square region.

    Attributes:
        x, y: centre in pixels.
        size: side in pixels.
        angle: radians, clockwise on the screen; 0 is upright.
    """

    x: float
    y: float
    size: float
    angle: float = 0.0

    @classmethod
    def between(cls, centre: np.ndarray, tip: np.ndarray, target: float) -> Box:
        """Centred on one point, reaching another, turned so that the line between them points to ``target``.

        ``target`` is the angle of the line inside the crop, radians, counter-clockwise from the x axis.
        """
        dx, dy = np.asarray(tip, np.float64) - centre
        turn = target - np.arctan2(-dy, dx)
        return cls(float(centre[0]), float(centre[1]), float(2 * np.hypot(dx, dy)), float(turn))

    @classmethod
    def around(cls, points: np.ndarray, angle: float = 0.0) -> Box:
        """Upright bounds of [N, 2] points as a square with their longer side, turned by ``angle``."""
        low, high = points.min(0), points.max(0)
        x, y = (low + high) / 2
        return cls(float(x), float(y), float((high - low).max()), angle)

    def grown(self, scale: float, shift_y: float = 0.0) -> Box:
        """Moved along its own vertical by ``shift_y`` of its size, then scaled."""
        move = shift_y * self.size
        return replace(
            self, x=self.x - np.sin(self.angle) * move, y=self.y + np.cos(self.angle) * move, size=self.size * scale
        )

    def place(self, unit_xy: np.ndarray) -> np.ndarray:
        """[..., 2] points of the crop (0..1) to pixels of the frame."""
        local = (np.asarray(unit_xy, np.float64) - 0.5) * self.size
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        x = self.x + cos * local[..., 0] - sin * local[..., 1]
        y = self.y + sin * local[..., 0] + cos * local[..., 1]
        return np.stack([x, y], -1)

    def near(self, other: Box) -> bool:
        """Whether both show about the same: centres within a third of a side, sides within a factor of 1.5."""
        apart = np.hypot(self.x - other.x, self.y - other.y)
        return bool(apart < other.size / 3 and 1 / 1.5 < self.size / other.size < 1.5)

    @property
    def usable(self) -> bool:
        return bool(np.isfinite([self.x, self.y, self.size, self.angle]).all() and 2 <= self.size < 1e5)

    def crop(self, frame: np.ndarray, side: int, repeat_edge: bool = False) -> np.ndarray:
        """[side, side, 3] uint8 of the frame inside this box; outside the frame black or the repeated edge."""
        import cv2

        box, shrink = self, int(self.size // (2 * side))
        if shrink > 1:  # averages before sampling, or thin limbs fall between the samples of a large frame
            small = (max(frame.shape[1] // shrink, 1), max(frame.shape[0] // shrink, 1))
            ratio = small[0] / frame.shape[1], small[1] / frame.shape[0]
            frame = cv2.resize(frame, small, interpolation=cv2.INTER_AREA)
            box = replace(self, x=self.x * ratio[0], y=self.y * ratio[1], size=self.size * ratio[0])
        corners = box.place(np.array([[0, 0], [1, 0], [0, 1]])).astype(np.float32)
        target = np.array([[0, 0], [side, 0], [0, side]], np.float32)
        border = cv2.BORDER_REPLICATE if repeat_edge else cv2.BORDER_CONSTANT
        return cv2.warpAffine(frame, cv2.getAffineTransform(corners, target), (side, side), borderMode=border)

    def put_back(self, crop: np.ndarray, width: int, height: int) -> np.ndarray:
        """[height, width] of a frame that is black but for ``crop`` [side, side], what :meth:`crop` would have cut."""
        import cv2

        side = crop.shape[0]
        corners = self.place(np.array([[0, 0], [1, 0], [0, 1]])).astype(np.float32)
        source = np.array([[0, 0], [side, 0], [0, side]], np.float32)
        return cv2.warpAffine(crop, cv2.getAffineTransform(source, corners), (width, height))

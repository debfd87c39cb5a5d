"""Upright parts of a frame with a fixed ratio of sides: how a top-down pose net is shown one person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .boxes import Box

PADDING = 1.25
"""Room around a person, as in the training of the public top-down nets (mmpose, GetBBoxCenterScale)."""


@dataclass(frozen=True)
class Window:
    """A part of the frame.

    Attributes:
        x, y: centre in pixels. width, height: sides in pixels.
    """

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, corners: np.ndarray, aspect: float, padding: float = PADDING) -> Window:
        """The smallest window of ``aspect`` (width / height) around a box [x0, y0, x1, y1], then padded."""
        x0, y0, x1, y1 = (float(value) for value in corners)
        height = max(y1 - y0, (x1 - x0) / aspect) * padding
        return cls((x0 + x1) / 2, (y0 + y1) / 2, height * aspect, height)

    @classmethod
    def of(cls, box: Box, aspect: float) -> Window:
        """The window that :attr:`box` stands for."""
        height = box.size / max(aspect, 1.0)
        return cls(box.x, box.y, height * aspect, height)

    @property
    def box(self) -> Box:
        """The square with the window's centre and longer side."""
        return Box(self.x, self.y, max(self.width, self.height))

    def place(self, unit_xy: np.ndarray) -> np.ndarray:
        """[..., 2] points of the window (0..1) to pixels of the frame."""
        size = self.width, self.height
        return np.asarray(unit_xy, np.float64) * size + (self.x, self.y) - np.array(size) / 2

    def crop(self, frame: np.ndarray, width: int, height: int, whole: bool) -> np.ndarray:
        """[height, width, 3] uint8 of the frame inside the window, black outside the frame.

        Args:
            frame: uint8 [H, W, 3].
            width, height: of the crop, pixels.
            whole: point 1 of the window lies on the crop's last pixel (UDP, as heat-map nets were trained);
                otherwise one pixel further (as SimCC nets were).
        """
        import cv2

        step = np.array([self.width / (width - whole), self.height / (height - whole)])
        start = self.place(np.zeros(2))
        shrink = int(step.min() // 2)
        if shrink > 1:  # averages before sampling, or thin limbs fall between the samples of a large frame
            small = max(frame.shape[1] // shrink, 1), max(frame.shape[0] // shrink, 1)
            ratio = np.array(small) / (frame.shape[1], frame.shape[0])
            frame = cv2.resize(frame, small, interpolation=cv2.INTER_AREA)
            step, start = step * ratio, (start + 0.5) * ratio - 0.5
        into_frame = np.array([[step[0], 0, start[0]], [0, step[1], start[1]]])
        return cv2.warpAffine(frame, into_frame, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)

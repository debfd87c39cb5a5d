"""Background points on top of their frames, for eyes."""

from __future__ import annotations

import numpy as np

from .points import BackgroundPoints

INSIDE, OUTSIDE = (255, 64, 64), (0, 0, 0)
"""RGB of a dot and of its rim."""
RADIUS = 4
"""Pixels on a frame of 512; grows with larger ones."""


def draw_points(frames: np.ndarray, points: BackgroundPoints) -> np.ndarray:
    """[T, H, W, 3] uint8: frames [T, H, W, 3] uint8 with a dot on every visible point."""
    import cv2

    pictures = frames.copy()
    radius = max(round(RADIUS * max(frames.shape[1:3]) / 512), 2)
    for picture, xy, visible in zip(pictures, points.xy, points.visible, strict=True):
        for point in xy[visible]:
            x, y = (int(value) for value in np.clip(np.round(point), -30_000, 30_000))
            cv2.circle(picture, (x, y), radius + 1, OUTSIDE, -1)
            cv2.circle(picture, (x, y), radius, INSIDE, -1)
    return pictures

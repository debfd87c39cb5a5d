"""From what a pose net gives to places and scores."""

from __future__ import annotations

import numpy as np

BLUR = 11
"""Cells of the Gaussian that smooths a heat map before its peak is measured (DARK, Zhang et al., CVPR 2020)."""
FLOOR = 1e-3
"""Smallest heat whose logarithm is taken."""


def simcc_points(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points of the crop (0..1) [K, 2] and scores [K] from one row per axis (SimCC, Li et al., ECCV 2022).

    The score is the lower of both peaks, as in mmpose. The nets were not trained to stay within 0..1 (RTMW's peaks
    reach about 10), the public code draws from 0.3 on: larger peaks count as 1.

    Args:
        x: [K, a W] of a crop W wide, y: [K, a H] of one H high.
    """
    unit = np.stack([x.argmax(1) / x.shape[1], y.argmax(1) / y.shape[1]], -1)
    return unit, np.clip(np.minimum(x.max(1), y.max(1)), 0, 1)


def heatmap_points(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points of the crop (0..1) [K, 2] and scores [K] from heat maps [K, h, w].

    A peak is placed between the cells by a parabola through the logarithm of the smoothed map, at most one cell away.
    Cell 0 lies on the crop's first pixel and the last cell on its last (UDP, Huang et al., CVPR 2020).
    """
    count, height, width = maps.shape
    flat = maps.reshape(count, -1)
    row, column = np.divmod(flat.argmax(1), width)
    shift = np.stack([_shift(heat, int(r), int(c)) for heat, r, c in zip(maps, row, column, strict=True)])
    unit = (np.stack([column, row], -1) + shift) / (max(width - 1, 1), max(height - 1, 1))
    return np.clip(unit, 0, 1), np.clip(flat.max(1), 0, 1)


def _shift(heat: np.ndarray, row: int, column: int) -> np.ndarray:
    """[x, y] cells from a peak's own cell to where the parabola has its top; 0 at the border and on flat maps."""
    import cv2

    height, width = heat.shape
    if not (0 < row < height - 1 and 0 < column < width - 1):
        return np.zeros(2)
    reach = BLUR // 2 + 1
    near = heat[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
    smooth = cv2.GaussianBlur(near.astype(np.float64), (BLUR, BLUR), 0, borderType=cv2.BORDER_CONSTANT)
    r, c = min(row, reach), min(column, reach)
    log = np.log(np.maximum(smooth[r - 1 : r + 2, c - 1 : c + 2], FLOOR * max(smooth[r, c], FLOOR)))
    slope = np.array([log[1, 2] - log[1, 0], log[2, 1] - log[0, 1]]) / 2
    bend_x, bend_y = log[1, 2] + log[1, 0] - 2 * log[1, 1], log[2, 1] + log[0, 1] - 2 * log[1, 1]
    twist = (log[2, 2] + log[0, 0] - log[2, 0] - log[0, 2]) / 4
    if bend_x >= 0 or bend_x * bend_y - twist**2 <= 1e-12:
        return np.zeros(2)
    return np.clip(-np.linalg.solve([[bend_x, twist], [twist, bend_y]], slope), -1, 1)

"""How blurred, blocky and noisy a picture is, told from the picture alone: simple measures, no net."""

from __future__ import annotations

import numpy as np

BLUR_WINDOW = 9
"""Pixels over which the picture is blurred again to see how much that changes."""
BLOCK = 8
"""Side of the blocks that JPEG and most film codecs work in, pixels."""


def grey(frame: np.ndarray) -> np.ndarray:
    """[H, W] float32, 0..255, of a uint8 RGB frame [H, W, 3]."""
    import cv2

    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)


def blurriness(picture: np.ndarray) -> float:
    """0 (crisp) to 1 (blurred): the share of neighbouring differences that blurring once more leaves as they are.

    Crete et al., "The blur effect" (SPIE 2007), of a grey picture [H, W]; a picture without any difference gives 1.
    """
    import cv2

    worst = 0.0
    for axis, size in ((0, (1, BLUR_WINDOW)), (1, (BLUR_WINDOW, 1))):
        again = cv2.blur(picture, size, borderType=cv2.BORDER_REFLECT)
        before, after = (np.abs(np.diff(p, axis=axis)) for p in (picture, again))
        total = float(before.sum())
        lost = float(np.maximum(before - after, 0).sum())
        worst = max(worst, 1 - lost / total if total > 0 else 1.0)
    return worst


def blockiness(picture: np.ndarray) -> float:
    """How much steeper differences are across the borders of 8 x 8 blocks than elsewhere, 0 (not at all) upwards.

    The grid may begin anywhere, for crops of films have lost it; [H, W] of at least 24 pixels a side.
    """
    if min(picture.shape) < 3 * BLOCK:
        return 0.0
    steps = []
    for axis in (0, 1):
        lines = np.abs(np.diff(picture, axis=axis)).mean(1 - axis)
        phases = np.array([lines[start::BLOCK].mean() for start in range(BLOCK)])
        rest = (phases.sum() - phases.max()) / (BLOCK - 1)
        steps.append((phases.max() - rest) / (rest + 1))
    return float(max(np.mean(steps), 0))


def noisiness(picture: np.ndarray) -> float:
    """Standard deviation of the noise, 0..255: of what a Laplacian leaves of lines and slopes, in the calmer half of
    the picture (Immerkaer, CVIU 1996)."""
    import cv2

    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    left = np.abs(cv2.filter2D(picture, -1, kernel))
    return float(np.quantile(left, 0.5)) / 6 / 0.6745

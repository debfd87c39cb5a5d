"""Pixels that nobody has seen: colours carried smoothly into a hole from around it."""

from __future__ import annotations

import numpy as np

FEWEST = 4
"""Side in pixels at which a pyramid ends."""


def spread_colours(picture: np.ndarray, known: np.ndarray) -> np.ndarray:
    """float32 [H, W, C]: known pixels as they are, the others filled smoothly from them, far holes from far around.

    Args:
        picture: [H, W, C], 0..255.
        known: [H, W] float32 in 0..1, how far each pixel counts. Without any, everything is grey.
    """
    weight = known.astype(np.float32)[..., None]
    if not (weight > 0).any():
        return np.full(picture.shape, 127.5, np.float32)
    return _pulled(picture.astype(np.float32) * weight, weight)


def _pulled(colour: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Colours times weights, and weights -> full colours: pull-push (Gortler et al., 1996)."""
    import cv2

    height, width = weight.shape[:2]
    own = colour / np.maximum(weight, 1e-6)
    if min(height, width) <= FEWEST or (weight >= 1).all():
        total = max(float(weight.sum()), 1e-6)
        return np.where(weight > 1e-3, own, colour.sum((0, 1)) / total).astype(np.float32)
    half = cv2.pyrDown(np.concatenate([colour, weight], -1))
    below = half[..., -1:]
    full = np.minimum(below * 2, 1)  # a half-seen pixel of the coarser picture is as good as a seen one
    coarse = _pulled(half[..., :-1] / np.maximum(below, 1e-6) * full, full)
    wide = cv2.pyrUp(coarse, dstsize=(width, height)).reshape(colour.shape)
    return own * weight + wide * (1 - weight)

"""The picture without the person."""

from __future__ import annotations

import numpy as np

from .patches import completed

BORDER = 1 / 100
"""Of the picture's longer side: how much wider than the person the hole is, as edges and hair bleed."""


def behind(picture: np.ndarray, person: np.ndarray) -> np.ndarray:
    """uint8 [H, W, 3]: what may be behind the person; far from them the picture itself.

    Args:
        picture: uint8 [H, W, 3].
        person: [H, W] float32 in 0..1; wherever it is above 0 the picture is replaced, with a soft border.
    """
    import cv2

    reach = max(round(BORDER * max(person.shape)), 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    hole = cv2.dilate((person > 0.02).astype(np.uint8), disc)
    filled = completed(picture, hole > 0)
    soft = cv2.GaussianBlur(cv2.erode(hole, disc).astype(np.float32), (0, 0), max(reach / 2, 0.5))
    share = np.clip(2 * soft, 0, 1)[..., None] * (hole > 0)[..., None]
    return np.clip(picture * (1 - share) + filled * share + 0.5, 0, 255).astype(np.uint8)

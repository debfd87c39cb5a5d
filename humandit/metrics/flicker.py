"""Flicker: change from frame to frame that the truth does not have."""

from __future__ import annotations

import numpy as np

from .image import unit


def flicker_frames(film: np.ndarray, truth: np.ndarray, before: np.ndarray) -> np.ndarray:
    """[T] mean |change of the film - change of the truth| from the frame before, 0..1.

    Motion that both show cancels; trembling, popping and a jump at a seam do not. A still picture has the flicker of
    the motion that it misses.

    Args:
        film: [T, H, W, 3].
        truth: [T, H, W, 3].
        before: [H, W, 3], the picture that both start from.
    """
    made, true = (np.diff(np.concatenate([unit(before)[None], unit(each)]), axis=0) for each in (film, truth))
    return np.abs(made - true).mean((1, 2, 3))

"""Motion kept inside its canvas by a slow shift, as a cameraman would follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence

TRUNK = [i for i, name in enumerate(coco.KEYPOINTS[:17]) if not name.endswith(("elbow", "wrist"))]
"""Head, shoulders, hips, knees and ankles: what must stay in view. A hand may leave it."""
MARGIN = 0.03
"""Of the canvas' shorter side: how far they stay away from the edge."""
PAN = 1.0
"""Seconds over which a shift comes and goes."""


def kept_inside(poses: PoseSequence) -> PoseSequence:
    """``poses`` shifted, frame by frame and slowly, so that head, trunk and legs stay inside the canvas.

    The first frame stays as it is; where it is nearer to an edge than the margin, or beyond it, the others may be as
    near. Shifts only: who comes so close that the canvas is too small for him leaves it on both sides alike.
    """
    shown = poses.visible[:, TRUNK]
    if not shown.any():
        return poses
    size, margin = (
        np.array([poses.canvas.width, poses.canvas.height]),
        MARGIN * min(poses.canvas.width, poses.canvas.height),
    )
    low, high = _box(poses.xy[:, TRUNK], shown)
    least, most = np.minimum(margin, low[0]), np.maximum(size - margin, high[0])
    shift = _slow(np.maximum(least - low, 0), poses.fps) - _slow(np.maximum(high - most, 0), poses.fps)
    return replace(poses, xy=poses.xy + shift[:, None])


def _box(xy: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[T, 2] each, the corners of what is shown; of the next frame that shows something where one shows nothing."""
    frames = np.flatnonzero(shown.any(1))
    at = frames[np.searchsorted(frames, np.arange(len(xy))).clip(0, len(frames) - 1)]
    low = np.where(shown[..., None], xy, np.inf)[at].min(1)
    return low, np.where(shown[..., None], xy, -np.inf)[at].max(1)


def _slow(needed: np.ndarray, fps: float) -> np.ndarray:
    """[T, 2] at least ``needed`` and smooth; 0 in the first frame, where nothing is needed."""
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d

    width = max(round(PAN * fps), 1)
    wide = maximum_filter1d(needed, 2 * width + 1, axis=0, mode="nearest")
    smooth = gaussian_filter1d(wide, width / 3, axis=0, mode="nearest", truncate=3.0)
    return smooth * np.clip(np.arange(len(needed)) / width, 0, 1)[:, None]

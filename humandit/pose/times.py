"""Poses of films without a steady speed: each pose has its own time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InvalidPose
from .sequence import PoseSequence

THINNEST = 100
"""Frames that a film may have, per pose that was seen, after it is brought to a steady speed; more are no seconds."""


def steady(poses: PoseSequence, times: Any, name: str = "the file") -> PoseSequence:
    """The poses at a steady ``poses.fps``, by straight lines between the poses as they were seen.

    Args:
        times: [T] seconds, each later than the one before.
        name: what to call the source in errors.

    A joint that one neighbour lacks is taken from the nearer pose; the weaker score counts where both show it.
    """
    seconds = _seconds(times, len(poses), name)
    if len(poses) < 2:
        return poses
    length = float(seconds[-1]) - float(seconds[0])
    count = length * poses.fps + 1
    if count > THINNEST * len(poses):
        raise InvalidPose(
            f"The times of {name} span {length:g} s, but there are only {len(poses)} poses for {poses.fps:g} fps. "
            "Are the times seconds?"
        )
    at = np.interp(np.arange(int(count + 1e-6)) / poses.fps + seconds[0], seconds, np.arange(len(poses)))
    low, high = np.floor(at).astype(int), np.ceil(at).astype(int)
    near = np.where(at - low < 0.5, low, high)
    both = (poses.score[low] > 0) & (poses.score[high] > 0)
    part = (at - low)[:, None, None]
    mixed = poses.xy[low] * (1 - part) + poses.xy[high] * part
    weaker = np.minimum(poses.score[low], poses.score[high])
    xy, score = np.where(both[..., None], mixed, poses.xy[near]), np.where(both, weaker, poses.score[near])
    return replace(poses, xy=xy, score=score)


def _seconds(times: Any, frames: int, name: str) -> np.ndarray:
    """[frames] float64, growing."""
    try:
        seconds = np.array(times)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidPose(f"The times of {name} are no list of seconds.") from error
    if seconds.dtype.kind not in "iuf" or seconds.shape != (frames,) or not (np.abs(seconds) < 1e12).all():
        raise InvalidPose(f"{name} needs one time in seconds per frame, {frames} in all, got {list(seconds.shape)}.")
    late = np.flatnonzero(np.diff(seconds.astype(np.float64)) <= 0)
    if late.size:
        raise InvalidPose(f"Times must grow from frame to frame; frame {late[0] + 1} of {name} is not later.")
    return seconds.astype(np.float64)

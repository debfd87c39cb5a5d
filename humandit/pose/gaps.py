"""Short gaps in a joint's track: filled between the frames that show it, and marked as filled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import InvalidPose
from .sequence import VISIBLE, PoseSequence

FILLED = VISIBLE
"""Score of a filled joint: just enough to be drawn, lower than any seen one, so that it can be told apart."""


def fill_gaps(poses: PoseSequence, max_gap: int) -> PoseSequence:
    """Interpolate joints that are unseen for at most ``max_gap`` frames between two frames that show them.

    Filled joints score ``FILLED``. Longer gaps, and those at either end of the film, stay as they are: nobody knows
    where the joint was.
    """
    if max_gap < 0:
        raise InvalidPose(f"The longest gap to fill must be 0 or more frames, got {max_gap}. 0 fills none.")
    seen = poses.visible
    xy, score = poses.xy.copy(), poses.score.copy()
    for joint in np.flatnonzero(seen.any(0) & ~seen.all(0)):
        shown = np.flatnonzero(seen[:, joint])
        for before, after in zip(shown[:-1], shown[1:], strict=True):
            if 1 < after - before <= max_gap + 1:
                part = ((np.arange(before + 1, after) - before) / (after - before))[:, None]
                xy[before + 1 : after, joint] = xy[before, joint] * (1 - part) + xy[after, joint] * part
                score[before + 1 : after, joint] = FILLED
    return replace(poses, xy=xy, score=score)

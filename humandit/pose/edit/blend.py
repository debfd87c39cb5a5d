"""How a move at key frames spreads into the frames around them.

A key holds exactly at its own frame and fades to either side along a smooth step. Where the next key of the same joint
comes sooner than the fade ends, the fade ends there, so that every key holds; two fades that meet add up to one, so
that two keys with one move hold it all the way between them.

The browser computes the same numbers in ``web/js/editor/blend.js``, in the same order, to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import skeleton as coco
from .document import Key


def weights(distance: np.ndarray, reach: int) -> np.ndarray:
    """Share of a move that arrives ``distance`` frames away from its key: 1 at the key, 0 beyond ``reach`` frames."""
    x = 1 - distance / (reach + 1)
    return np.where(distance <= reach, x * x * (3 - 2 * x), 0.0)


def moves(keys: Sequence[Key], frames: int) -> np.ndarray:
    """[T, K, 2] float64 pixels to add to the poses of the person whose ``keys`` these are."""
    field = np.zeros((frames, coco.COUNT, 2))
    ordered = sorted(keys, key=lambda key: key.frame)
    for joint in sorted({joint for key in ordered for joint in key.moved}):
        own = [key for key in ordered if joint in key.moved]
        for place, key in enumerate(own):
            before = own[place - 1].frame if place else None
            after = own[place + 1].frame if place + 1 < len(own) else None
            _spread(field[:, joint], key, np.array(key.moved[joint], np.float64), before, after)
    return field


def _spread(track: np.ndarray, key: Key, move: np.ndarray, before: int | None, after: int | None) -> None:
    """Add one key's move to a joint's ``track`` [T, 2]; ``before`` and ``after`` are the frames of its neighbours."""
    back = key.before if before is None else min(key.before, key.frame - before - 1)
    ahead = key.after if after is None else min(key.after, after - key.frame - 1)
    first, stop = max(key.frame - back, 0), min(key.frame + ahead + 1, len(track))
    shares = [weights(np.arange(key.frame - first, 0, -1), back), weights(np.arange(stop - key.frame), ahead)]
    track[first:stop] += np.concatenate(shares)[:, None] * move

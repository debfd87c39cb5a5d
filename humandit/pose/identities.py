"""Who is who in files that list several people per frame without naming them.

The order of a list is believed as long as it makes nobody jump. Where it does, or where the number of people changes,
everybody goes to the nearest body of before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import InvalidPose
from . import skeleton as coco

JUMP = 0.5
"""Body sizes that somebody moves between two frames at most; more, and the order of the list is doubted."""
REACH = 1.5
"""Body sizes beyond which a body is somebody new."""
MOST = 64
"""More different people than this are no people but flicker."""

Body = tuple[np.ndarray, np.ndarray]
"""Points [133, 2] and scores [133] of one person in one frame."""


def identities(frames: Sequence[Sequence[Body]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """One track per person, in the order in which they first appear.

    Args:
        frames: the bodies found in each frame.

    Returns:
        Per person xy [T, 133, 2] and score [T, 133], zeros where they are not in the list.
    """
    rows: list[dict[int, Body]] = []
    last: list[Body] = []
    before: list[int] = []
    for bodies in frames:
        seen = [body for body in bodies if (body[1] > 0).any()]
        _check_crowd(len(seen))
        before = _owners(seen, last, before)
        for owner, body in zip(before, seen, strict=True):
            last[owner : owner + 1] = [body]
        _check_crowd(len(last))
        rows.append(dict(zip(before, seen, strict=True)))
    nothing = np.zeros((coco.COUNT, 2)), np.zeros(coco.COUNT)
    tracks = [[row.get(person, nothing) for row in rows] for person in range(len(last))]
    return [(np.stack([xy for xy, _ in track]), np.stack([s for _, s in track])) for track in tracks]


def _check_crowd(people: int) -> None:
    if people > MOST:
        raise InvalidPose(
            f"More than {MOST} different people appear in these poses, which looks like flicker. Track the people "
            "while detecting, or take the strongest only."
        )


def _owners(seen: Sequence[Body], last: Sequence[Body], before: Sequence[int]) -> list[int]:
    """For each body its person: one of ``last`` (where everybody was seen last), or a new number behind them."""
    from scipy.optimize import linear_sum_assignment

    if len(seen) == len(before) and all(_apart(b, last[o]) <= JUMP for b, o in zip(seen, before, strict=True)):
        return list(before)
    cost = np.array([[_apart(body, known) for known in last] for body in seen]).reshape(len(seen), len(last))
    rows, columns = linear_sum_assignment(np.minimum(cost, 10 * REACH))
    owners = {row: column for row, column in zip(rows, columns, strict=True) if cost[row, column] <= REACH}
    new = iter(range(len(last), len(last) + len(seen)))
    return [int(owners[row]) if row in owners else next(new) for row in range(len(seen))]


def _apart(one: Body, other: Body) -> float:
    """Mean distance of the points that both show (or of their middles), in sizes of the larger body."""
    both = (one[1] > 0) & (other[1] > 0)
    here, there = one[0][one[1] > 0], other[0][other[1] > 0]
    size = max(np.ptp(here, axis=0).max(), np.ptp(there, axis=0).max(), 1e-6)
    if both.any():
        return float(np.linalg.norm(one[0][both] - other[0][both], axis=-1).mean() / size)
    return float(np.linalg.norm(here.mean(0) - there.mean(0)) / size)

"""Edits on the people of a film, always in one order: what is seen first, then where it is, then what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...errors import InvalidPose
from ..sequence import PoseSequence
from .blend import moves
from .document import Edits, Key, Span
from .spans import CERTAIN, confirmed, hidden, refilled, swapped


def apply(edits: Edits, film: Sequence[PoseSequence]) -> list[PoseSequence]:
    """The edited people, in the film's order, added ones last, without those who were removed.

    Raises:
        InvalidPose: edits of another film, or nobody is left.
    """
    edits.check(film)
    copies = [replace(film[one.copy], xy=film[one.copy].xy + np.array(one.shift, np.float32)) for one in edits.added]
    everybody = [
        edited(
            poses,
            [key for key in edits.keys if key.person == person],
            [span for span in edits.spans if span.person == person],
        )
        for person, poses in enumerate([*film, *copies])
        if person not in edits.removed
    ]
    if not everybody:
        raise InvalidPose("The edits leave nobody in the film. Open the editor and keep at least one person.")
    return everybody


def edited(poses: PoseSequence, keys: Sequence[Key], spans: Sequence[Span]) -> PoseSequence:
    """One person with their own keys and spans: swap, forget and fill, confirm, move, hide."""
    seen = confirmed(refilled(swapped(poses, spans), spans, keys), spans)
    return hidden(moved(seen, keys), spans)


def moved(poses: PoseSequence, keys: Sequence[Key]) -> PoseSequence:
    """Joints where their keys put them; a joint that was moved by hand is certain in the key's frame."""
    if not any(key.moved for key in keys):
        return poses
    score = poses.score.copy()
    for key in keys:
        score[key.frame, list(key.moved)] = CERTAIN
    return replace(poses, xy=poses.xy.astype(np.float64) + moves(keys, len(poses)), score=score)

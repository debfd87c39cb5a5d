"""Marks over several frames, on one person's poses: swapped sides, bad and good stretches, hidden joints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .. import skeleton as coco
from ..gaps import fill_gaps
from ..sequence import PoseSequence
from .document import Key, Span
from .parts import joints_of

CERTAIN = 1.0
"""Score of what a person has put there or called right."""
MIRROR = np.array(coco.MIRROR)


def swapped(poses: PoseSequence, spans: Sequence[Span]) -> PoseSequence:
    """Left and right change places over each "swap" span; a joint takes its partner of the other side along."""
    xy, score = poses.xy.copy(), poses.score.copy()
    for span in _of("swap", spans):
        joints = np.union1d(joints_of(span.joints), MIRROR[list(joints_of(span.joints))])
        for values in (xy, score):
            part = values[span.first : span.last + 1]
            part[:, joints] = part[:, MIRROR[joints]]
    return replace(poses, xy=xy, score=score)


def refilled(poses: PoseSequence, spans: Sequence[Span], keys: Sequence[Key]) -> PoseSequence:
    """What is seen in "bad" spans is forgotten, placed joints are put in, and the rest is filled between neighbours.

    A forgotten joint that no later or no earlier frame shows stays missing: nobody knows where it was.
    """
    bad = _mask(poses, "bad", spans)
    xy, score = poses.xy.copy(), np.where(bad, np.float32(0), poses.score)
    for key in keys:
        for joint, place in key.placed.items():
            xy[key.frame, joint], score[key.frame, joint], bad[key.frame, joint] = place, CERTAIN, False
    open_poses = replace(poses, xy=xy, score=score)
    if not bad.any():
        return open_poses
    filled = fill_gaps(open_poses, len(poses))
    return replace(
        poses, xy=np.where(bad[..., None], filled.xy, xy), score=np.where(bad, filled.score, score).astype(np.float32)
    )


def confirmed(poses: PoseSequence, spans: Sequence[Span]) -> PoseSequence:
    """In "good" spans every joint that has a place counts as surely seen; missing ones stay missing."""
    good = _mask(poses, "good", spans) & (poses.score > 0)
    return replace(poses, score=np.where(good, np.float32(CERTAIN), poses.score))


def hidden(poses: PoseSequence, spans: Sequence[Span]) -> PoseSequence:
    """Joints of "hide" spans score 0: they keep their place but are not drawn."""
    return replace(poses, score=np.where(_mask(poses, "hide", spans), np.float32(0), poses.score))


def _of(kind: str, spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if span.kind == kind]


def _mask(poses: PoseSequence, kind: str, spans: Sequence[Span]) -> np.ndarray:
    """[T, K] bool: what the spans of one kind cover."""
    mask = np.zeros(poses.score.shape, bool)
    for span in _of(kind, spans):
        mask[span.first : span.last + 1, list(joints_of(span.joints))] = True
    return mask

"""Proportions as the paper has them (§3.4): the reference's length of a bone over its largest in the template, because
a picture shows a bone shortened or true, never too long.

Our choices, where the paper is silent: bodies are compared by the summed lengths of the bones that both show; a ratio
more than ``LIMIT`` times off the body's is foreshortening, not build.
"""

from __future__ import annotations

import numpy as np

from ...errors import InvalidPose
from .parts import Build
from .points import HANDS, HEAD_PAIRS, LIMB_BONES, PALM, SHORTEST, Points

LIMIT = 2.0
"""How far a single bone's ratio may lie from the body's, as a factor either way."""


def measure(ref: Points, source: Points) -> Build:
    """The reference measured by the template.

    Raises:
        InvalidPose: they show no bone in common.
    """
    body = body_ratio(ref, source)
    bones = {bone: _held(_ratio(ref, source, *bone), body) for bone in LIMB_BONES}
    left, right = (_hand_ratio(ref, source, wrist, part, body) for wrist, part in HANDS)
    return Build(body, bones, head_ratio(ref, source, body), (left, right))


def body_ratio(ref: Points, source: Points) -> float:
    """Size of the reference's body over the template's: summed lengths of the bones that both show."""
    pairs = [(_longest(ref, c, p), _longest(source, c, p)) for c, p in LIMB_BONES]
    pairs += [(_longest(ref, a, b), _longest(source, a, b)) for a, b in HEAD_PAIRS] if not _shared(pairs) else []
    shared = _shared(pairs)
    if not shared:
        raise InvalidPose(
            "Reference and template show no bone in common, so their sizes cannot be compared. "
            "Use a picture and a film that both show at least the shoulders or the face."
        )
    return sum(a for a, _ in shared) / sum(b for _, b in shared)


def head_ratio(ref: Points, source: Points, body: float) -> float:
    """Median ratio of the head's measures, so that one turned away in the picture does not shrink the face."""
    ratios = [r for a, b in HEAD_PAIRS if (r := _ratio(ref, source, a, b)) is not None]
    return _held(float(np.median(ratios)) if ratios else None, body)


def _hand_ratio(ref: Points, source: Points, wrist: int, part: slice, body: float) -> float:
    """By the palms where both show one, else by the forearms."""
    start = part.start
    palms = [max(_longest(points, start, start + k) for k in PALM) for points in (ref, source)]
    if min(palms) > SHORTEST:
        return _held(palms[0] / palms[1], body)
    forearm = next(bone for bone in LIMB_BONES if bone[0] == wrist)
    return _held(_ratio(ref, source, *forearm), body)


def _longest(points: Points, a: int, b: int) -> float:
    """Largest distance of two points over the frames that show both; 0 where none does."""
    return float(points.lengths(a, b).max(initial=0.0))


def _shared(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [pair for pair in pairs if min(pair) > SHORTEST]


def _ratio(ref: Points, source: Points, a: int, b: int) -> float | None:
    lengths = _longest(ref, a, b), _longest(source, a, b)
    return lengths[0] / lengths[1] if min(lengths) > SHORTEST else None


def _held(ratio: float | None, body: float) -> float:
    """The body's ratio where the bone's own is unknown; within ``LIMIT`` of it where it is known."""
    return body if ratio is None else float(np.clip(ratio, body / LIMIT, body * LIMIT))

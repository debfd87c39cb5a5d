"""Proportions that one bad frame, a foreshortened picture or a lost joint cannot spoil.

A picture shows a bone true or shortened, and a detector now and then far too long. So the template's length is a high
quantile over both sides of the body, joints that fly off for a frame are taken as unseen, and the reference, which is
one frame, is believed only in part where it shows a bone unlike the rest of its body, and never beyond what people's
builds allow. Arms and legs are long or short as a whole: their bones are compared with the limb, the limb with the
body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .. import skeleton as coco
from . import paper
from .parts import Build
from .points import HEAD_PAIRS, LIMB_BONES, PALMS, SHORTEST, Bone, Points, mirrored

QUANTILE = 0.9
"""Of a bone's lengths over the frames and both sides: its true length in the template."""
FLIGHT = 0.25
"""Share of the body: a joint so far beside the middle of its neighbours in time is a detector's mistake."""
BACK = 3.0
"""And as many times as far as the neighbours lie apart: a fast limb does not come back at once."""
TYPICAL = 0.6
"""Quantile of the bones' ratios, weighed by length, that stands for a body or a limb: most bones of a still are more
or less foreshortened."""


@dataclass(frozen=True)
class Belief:
    """How far a ratio is believed that differs from what is expected.

    Attributes:
        short, long: exponents 0..1 of the difference, where it looks shorter (perhaps foreshortened) and longer.
        limit: factor beyond which, either way, no build goes.
    """

    short: float
    long: float
    limit: float

    def __call__(self, ratio: float, expected: float) -> float:
        """``ratio`` drawn to ``expected``, both > 0."""
        beside = ratio / expected
        return expected * float(
            np.clip(beside ** (self.short if beside < 1 else self.long), 1 / self.limit, self.limit)
        )


BELIEFS = {
    "nose": Belief(0.3, 0.8, 1.4), "shoulder": Belief(0.6, 0.9, 1.4), "hip": Belief(0.8, 0.9, 1.6),
    "elbow": Belief(0.3, 0.9, 1.7), "wrist": Belief(0.1, 0.5, 2.0),
    "knee": Belief(0.3, 0.9, 1.7), "ankle": Belief(0.1, 0.5, 1.8),
    "toe": Belief(0.1, 0.5, 2.0), "heel": Belief(0.1, 0.5, 2.0),
}  # fmt: skip
"""By the last word of a bone's far end: a trunk varies little and turns little, forearms and feet often point at the
camera. Chosen on rendered people and stretched figures (``data/synthetic/pairs.py``, training side)."""
LIMB = Belief(0.3, 1.0, 1.6)
"""An arm or leg as a whole, beside the body."""
HEAD, HAND = Belief(0.6, 0.7, 1.8), Belief(0.1, 0.5, 1.6)
"""Hands chosen likewise, both measured as one. Heads are believed more than rendered people ask for (0.3, 0.6), because
those have no dolls among them."""
LIMBS = {"elbow": ("elbow", "wrist"), "knee": ("knee", "ankle")}
"""A limb's first bone -> the bones that tell how long it is."""
LIMB_OF = {"elbow": "elbow", "wrist": "elbow", "knee": "knee", "ankle": "knee", "toe": "knee", "heel": "knee"}


def measure(ref: Points, source: Points) -> Build:
    """The reference measured by the template, which should be :func:`without_flights`.

    Raises:
        InvalidPose: they show no bone in common.
    """
    own = {bone: bone_length(ref, *bone, quantile=1.0) for bone in LIMB_BONES}
    their = {bone: bone_length(source, *bone) for bone in LIMB_BONES}
    known = {bone: own[bone] / their[bone] for bone in LIMB_BONES if min(own[bone], their[bone]) > SHORTEST}
    body = typical(known, their) if known else paper.body_ratio(ref, source)
    bones = {}
    for bone in LIMB_BONES:
        expected = _expected(bone, known, their, body)
        bones[bone] = BELIEFS[end(bone)](known.get(bone, expected), expected)
    hand = _part(ref, source, PALMS[0], HAND, body)
    return Build(body, bones, _part(ref, source, HEAD_PAIRS, HEAD, body), (hand, hand))


def typical(ratios: dict[Bone, float], lengths: dict[Bone, float]) -> float:
    """One ratio for several bones."""
    weights = np.array([lengths[bone] for bone in ratios])
    return weighted_quantile(np.array(list(ratios.values())), weights, TYPICAL)


def end(bone: Bone) -> str:
    """Last word of a bone's far end."""
    return coco.KEYPOINTS[bone[0]].split("_")[-1]


def _expected(bone: Bone, known: dict[Bone, float], lengths: dict[Bone, float], body: float) -> float:
    """What the rest of its limb makes of a bone; the body's ratio for bones that belong to none."""
    limb = LIMBS.get(LIMB_OF.get(end(bone), ""), ())
    shown = {other: ratio for other, ratio in known.items() if end(other) in limb}
    return LIMB(typical(shown, lengths), body) if shown else body


def bone_length(points: Points, child: int, parent: int, quantile: float = QUANTILE) -> float:
    """Length over all frames and both sides of the body; 0 where the bone is never seen."""
    both = np.concatenate([points.lengths(child, parent), points.lengths(mirrored(child), mirrored(parent))])
    return float(np.quantile(both, quantile)) if both.size else 0.0


def _part(ref: Points, source: Points, pairs: Sequence[Bone], belief: Belief, body: float) -> float:
    """A head's or a hand's ratio by the distance of ``pairs`` that looks least foreshortened in the picture."""
    lengths = [(bone_length(ref, a, b, quantile=1.0), bone_length(source, a, b)) for a, b in pairs]
    ratios = [own / their for own, their in lengths if min(own, their) > SHORTEST]
    return belief(max(ratios), body) if ratios else body


def without_flights(points: Points) -> Points:
    """The same points with a detector's mistakes taken as unseen: joints that fly off and back within three frames.

    Bones that are too long are no sign: they are so whenever somebody steps up to the camera.
    """
    body = sum(bone_length(points, child, parent) for child, parent in LIMB_BONES) / 4
    if body == 0 or len(points.xy) < 3:
        return points
    seen = points.seen.copy()
    off = np.linalg.norm(points.xy[1:-1] - (points.xy[2:] + points.xy[:-2]) / 2, axis=-1)
    moved = np.linalg.norm(points.xy[2:] - points.xy[:-2], axis=-1)
    flight = off > np.maximum(FLIGHT * body, BACK * moved)
    seen[1:-1] &= ~(flight & points.seen[2:] & points.seen[:-2])
    return replace(points, seen=seen)


def weighted_quantile(values: np.ndarray, weights: np.ndarray, quantile: float) -> float:
    """The value below which ``quantile`` of the weight lies, interpolated between the middles of the weights."""
    order = np.argsort(values)
    middle = np.cumsum(weights[order]) - weights[order] / 2
    return float(np.interp(quantile * weights.sum(), middle, values[order]))

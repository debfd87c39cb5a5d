"""Bone lengths that one bad frame, a foreshortened picture or a lost joint cannot spoil.

A picture shows a bone true or shortened, and a detector now and then far too long. So the template's length is a high
quantile over both sides of the body, joints that fly off for a frame are taken as unseen, and the reference, which is
one frame, is believed only in part where it shows a bone unlike the rest of its body.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from . import skeleton as coco

QUANTILE = 0.9
"""Of a bone's lengths over the frames and both sides: its true length in the template."""
TOO_LONG = 1.35
"""A bone this much longer than its true length is a detector's mistake."""
BACK = 1.0
"""And as many times as far as the neighbours lie apart: a fast limb does not come back at once."""
FLIGHT = 0.25
"""So is a joint that lies this share of the body beside the middle of its neighbours in time, there and back."""
BODY_QUANTILE = 0.6
"""Of the bones' ratios, weighed by length: the body's ratio. Most bones of a still are more or less foreshortened."""
BELIEF_SHORT, BELIEF_LONG = 0.5, 0.8
"""How far a bone's own ratio is believed beside the body's, as an exponent: one that looks short may be foreshortened.

Chosen on rendered people and stretched figures (``data/synthetic/pairs.py``, training side)."""


@dataclass(frozen=True)
class Track:
    """[T, K, 2] pixels and [T, K] bool seen."""

    xy: np.ndarray
    seen: np.ndarray

    def lengths(self, child: int, parent: int) -> np.ndarray:
        """Lengths [n] in the frames that show both ends."""
        both = self.seen[:, child] & self.seen[:, parent]
        return np.linalg.norm(self.xy[both, child] - self.xy[both, parent], axis=-1)


def mirrored(joint: int) -> int:
    """The same joint of the other side; joints in the middle, and the neck, are their own."""
    return coco.MIRROR[joint] if joint < coco.COUNT else joint


def bone_length(track: Track, child: int, parent: int, quantile: float = QUANTILE) -> float:
    """Length over all frames and both sides of the body; 0 where the bone is never seen."""
    both = np.concatenate([track.lengths(child, parent), track.lengths(mirrored(child), mirrored(parent))])
    return float(np.quantile(both, quantile)) if both.size else 0.0


def without_flights(track: Track, limbs: tuple[tuple[int, int], ...]) -> Track:
    """The same track with a detector's mistakes taken as unseen: joints that fly off and back within three frames, and
    ends of bones that are far too long."""
    seen = track.seen.copy()
    body = sum(bone_length(track, child, parent) for child, parent in limbs) / 4
    if body > 0 and len(track.xy) > 2:
        off = np.linalg.norm(track.xy[1:-1] - (track.xy[2:] + track.xy[:-2]) / 2, axis=-1)
        moved = np.linalg.norm(track.xy[2:] - track.xy[:-2], axis=-1)
        flight = off > np.maximum(FLIGHT * body, BACK * moved)
        seen[1:-1] &= ~(flight & track.seen[2:] & track.seen[:-2])
    for child, parent in limbs:
        known = bone_length(replace(track, seen=seen), child, parent)
        far = np.linalg.norm(track.xy[:, child] - track.xy[:, parent], axis=-1) > TOO_LONG * known
        seen[:, child] &= ~(far & seen[:, parent] & (known > 0))
    return replace(track, seen=seen)


def robust_ratios(
    reference: Track, template: Track, limbs: tuple[tuple[int, int], ...], shortest: float
) -> tuple[float | None, dict[tuple[int, int], float]]:
    """The body's ratio, or None without a common bone, and each bone's: reference over template.

    ``limbs`` are (child, parent); bones under ``shortest`` pixels tell nothing.
    """
    own = {bone: bone_length(reference, *bone, quantile=1.0) for bone in limbs}
    their = {bone: bone_length(template, *bone) for bone in limbs}
    known = [bone for bone in limbs if min(own[bone], their[bone]) > shortest]
    if not known:
        return None, {}
    ratio = np.array([own[bone] / their[bone] for bone in known])
    body = weighted_quantile(ratio, np.array([their[bone] for bone in known]), BODY_QUANTILE)
    believed = np.where(ratio < body, BELIEF_SHORT, BELIEF_LONG)
    return body, dict(zip(known, (body * (ratio / body) ** believed).tolist(), strict=True))


def weighted_quantile(values: np.ndarray, weights: np.ndarray, quantile: float) -> float:
    """The value below which ``quantile`` of the weight lies, interpolated between the middles of the weights."""
    order = np.argsort(values)
    middle = np.cumsum(weights[order]) - weights[order] / 2
    return float(np.interp(quantile * weights.sum(), middle, values[order]))

"""The pose adapter (paper §3.4): a template's motion on the body of the reference picture.

Step by step outwards from the neck, each bone keeps the template's direction and takes the reference's length:
``child = parent + l0 / l1 * (child - parent)`` with ``l0`` the bone's length in the reference and ``l1`` its largest
length in the template, because a picture shows a bone shortened or true, never too long.

``mode="paper"`` is that. ``mode="robust"`` takes the lengths from :mod:`.bones` and forgets joints that fly off.

Our choices, where the paper is silent: the neck's motion is scaled by the ratio of body sizes; head and hands keep
their shape and move with nose and wrists; a ratio more than ``LIMIT`` times off the body's is foreshortening, not
build.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import InvalidPose
from ..types import Canvas
from . import skeleton as coco
from .bones import Track, robust_ratios, without_flights
from .sequence import PoseSequence

MODES = ("robust", "paper")
LIMIT = 2.0
"""How far a single bone's ratio may lie from the body's, as a factor either way."""
SHORTEST = 1e-3
"""Pixels under which a bone has no direction."""

NECK = coco.COUNT
"""Index of the neck, appended to the 133 points while the adapter works."""
NOSE = coco.INDEX["nose"]
SHOULDERS = [coco.INDEX["left_shoulder"], coco.INDEX["right_shoulder"]]
HEAD = [*range(1, 5), *range(coco.FACE_SLICE.start, coco.FACE_SLICE.stop)]
"""Eyes, ears and the 68 face points: one rigid part on the nose."""
HEAD_PAIRS = ((1, 2), *((coco.FACE_SLICE.start + a, coco.FACE_SLICE.start + b) for a, b in ((36, 45), (27, 8))))
"""What a head is measured by: the eyes, the outer eye corners, nose bridge to chin."""
PALM = (5, 9, 17)
"""Hand points whose distance from the hand's wrist tells its size, open or closed."""
HANDS = (
    (coco.INDEX["left_wrist"], coco.LEFT_HAND_SLICE),
    (coco.INDEX["right_wrist"], coco.RIGHT_HAND_SLICE),
)

LIMB_BONES = tuple(
    (coco.INDEX[child], NECK if parent == "neck" else coco.INDEX[parent])
    for child, parent in coco.BONES
    if coco.INDEX[child] not in HEAD
)
"""(child, parent) indices, parents first, without the head's own bones."""


@dataclass(frozen=True)
class Points:
    """[T, 134, 2] pixels and [T, 134] bool seen: a sequence with its neck."""

    xy: np.ndarray
    seen: np.ndarray

    @classmethod
    def of(cls, poses: PoseSequence) -> Points:
        neck = poses.xy[:, SHOULDERS].mean(1, keepdims=True)
        seen = poses.visible[:, SHOULDERS].all(1, keepdims=True)
        xy = np.concatenate([poses.xy, neck], 1).astype(np.float64)
        return cls(xy, np.concatenate([poses.visible, seen], 1))

    def without_flights(self) -> Points:
        """The same without a detector's mistakes; see :func:`.bones.without_flights`."""
        return replace(self, seen=without_flights(self.track, LIMB_BONES).seen)

    @property
    def track(self) -> Track:
        return Track(self.xy, self.seen)

    def length(self, a: int, b: int) -> float:
        """Largest distance of two points over the frames that show both; 0 where none does."""
        both = self.seen[:, a] & self.seen[:, b]
        return float(np.linalg.norm(self.xy[both, a] - self.xy[both, b], axis=-1).max(initial=0.0))


def adapt(
    reference: PoseSequence,
    template: PoseSequence,
    canvas: Canvas | None = None,
    mode: str = "robust",
    strength: float = 1.0,
) -> PoseSequence:
    """The template's motion with the reference's proportions, place and size.

    Args:
        reference: one frame, the pose found in the reference picture.
        template: the driving motion, on a canvas of any size.
        canvas: size of the frames to be made; None keeps the reference's.
        mode: "paper" (largest lengths) or "robust" (quantiles, both sides, no flights).
        strength: 1 takes the reference's bones, 0 leaves the template's proportions and only scales the whole body.

    Returns:
        As long and as fast as ``template``, scores included, on ``canvas``. The first frame's neck is the
        reference's. Missing joints keep a finite place beside their parents.
    """
    if len(reference) != 1 or not len(template):
        raise InvalidPose(
            f"The adapter needs a reference of 1 frame and a template of at least 1, "
            f"got {len(reference)} and {len(template)}. Cut the reference to one frame."
        )
    if mode not in MODES or not 0 <= strength <= 1:
        raise InvalidPose(
            f"The adapter's mode is one of {', '.join(MODES)} and its strength 0 to 1, got {mode!r} and {strength}."
        )
    reference = reference if canvas is None else reference.resized(canvas)
    ref, source = Points.of(reference), Points.of(template)
    body, own = _ratios(ref, source)
    if mode == "robust":
        source = source.without_flights()
        body, own = _robust(ref, source, body)
    filled = _filled(source)
    out = filled.copy()
    out[:, NECK] = _neck_home(ref, filled, body) + body * (filled[:, NECK] - filled[0, NECK])
    for child, parent in LIMB_BONES:
        ratio = body * (_held(own.get((child, parent)), body) / body) ** strength
        out[:, child] = out[:, parent] + ratio * (filled[:, child] - filled[:, parent])
    _move_part(out, filled, HEAD, NOSE, head_ratio(ref, source, body))
    for wrist, part in HANDS:
        _move_part(out, filled, list(range(part.start, part.stop)), wrist, _hand_ratio(ref, source, wrist, part, body))
    return replace(template, xy=out[:, : coco.COUNT].astype(np.float32), canvas=reference.canvas)


def limb_vectors(xy: np.ndarray) -> np.ndarray:
    """[T, N, 2] child minus parent of ``LIMB_BONES``, from points [T, 133, 2]."""
    points = np.concatenate([xy, xy[:, SHOULDERS].mean(1, keepdims=True)], 1)
    child, parent = (list(column) for column in zip(*LIMB_BONES, strict=True))
    return points[:, child] - points[:, parent]


def _ratios(ref: Points, source: Points) -> tuple[float, dict[tuple[int, int], float]]:
    """The body's ratio and each bone's, as the paper has them."""
    ratios = {bone: _ratio(ref, source, *bone) for bone in LIMB_BONES}
    return body_ratio(ref, source), {bone: ratio for bone, ratio in ratios.items() if ratio is not None}


def _robust(ref: Points, source: Points, otherwise: float) -> tuple[float, dict[tuple[int, int], float]]:
    """The same by quantiles; ``otherwise`` is the body's ratio where picture and film share no limb."""
    body, own = robust_ratios(ref.track, source.track, LIMB_BONES, SHORTEST)
    return (otherwise, {}) if body is None else (body, own)


def body_ratio(ref: Points, source: Points) -> float:
    """Size of the reference's body over the template's: summed lengths of the bones that both show."""
    pairs = [(ref.length(c, p), source.length(c, p)) for c, p in LIMB_BONES]
    pairs += [(ref.length(a, b), source.length(a, b)) for a, b in HEAD_PAIRS] if not _shared(pairs) else []
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
    palms = [max(points.length(start, start + k) for k in PALM) for points in (ref, source)]
    if min(palms) > SHORTEST:
        return _held(palms[0] / palms[1], body)
    forearm = next(bone for bone in LIMB_BONES if bone[0] == wrist)
    return _held(_ratio(ref, source, *forearm), body)


def _shared(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [pair for pair in pairs if min(pair) > SHORTEST]


def _ratio(ref: Points, source: Points, a: int, b: int) -> float | None:
    lengths = ref.length(a, b), source.length(a, b)
    return lengths[0] / lengths[1] if min(lengths) > SHORTEST else None


def _held(ratio: float | None, body: float) -> float:
    """The body's ratio where the bone's own is unknown; within ``LIMIT`` of it where it is known."""
    return body if ratio is None else float(np.clip(ratio, body / LIMIT, body * LIMIT))


def _filled(points: Points) -> np.ndarray:
    """[T, 134, 2] with every unseen point interpolated in time; one never seen sits on its part's root."""
    xy, frames = points.xy.copy(), np.arange(len(points.xy))
    roots = _roots()
    for k in [NECK, *(c for c, _ in LIMB_BONES), *(i for i in range(coco.COUNT) if i not in dict(LIMB_BONES))]:
        seen = points.seen[:, k]
        if seen.any():
            for axis in (0, 1):
                xy[~seen, k, axis] = np.interp(frames[~seen], frames[seen], points.xy[seen, k, axis])
        elif k in roots:
            xy[:, k] = xy[:, roots[k]]
        else:  # a neck that is never seen: the film shows a face alone
            xy[:, k] = xy[:, NOSE] if points.seen[:, NOSE].any() else points.xy[:, k]
    return xy


def _roots() -> dict[int, int]:
    """Point -> the point that carries it."""
    roots = dict(LIMB_BONES) | dict.fromkeys(HEAD, NOSE)
    for wrist, part in HANDS:
        roots |= dict.fromkeys(range(part.start, part.stop), wrist)
    return roots


def _neck_home(ref: Points, filled: np.ndarray, body: float) -> np.ndarray:
    """[2] where the first frame's neck goes: the reference's neck, or under its nose where only that is seen."""
    if ref.seen[0, NECK]:
        return ref.xy[0, NECK]
    if ref.seen[0, NOSE]:
        return ref.xy[0, NOSE] + body * (filled[0, NECK] - filled[0, NOSE])
    known = [k for k in range(coco.COUNT) if ref.seen[0, k]]
    return ref.xy[0, known].mean(0) + body * (filled[0, NECK] - filled[0, known].mean(0))


def _move_part(out: np.ndarray, filled: np.ndarray, part: list[int], root: int, ratio: float) -> None:
    """A rigid part (head, hand) carried by its root, in place."""
    out[:, part] = out[:, [root]] + ratio * (filled[:, part] - filled[:, [root]])

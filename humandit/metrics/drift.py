"""The drift meter: how far every segment of a film has gone from the reference picture.

It needs no truth, only the film, its poses and the picture it started from. Colours are compared in CIELAB, whose unit
(Delta E, CIE 1976) is about what an eye can just tell apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from ..errors import InvalidShape
from ..pose import skeleton as coco
from ..pose.background.person import breadths, person_masks
from ..pose.sequence import PoseSequence
from ..types import Canvas
from .pose import hits

LIMBS = tuple(
    (f"{side}_{a}", f"{side}_{b}")
    for side in ("left", "right")
    for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"), ("shoulder", "hip"))
)
"""Parts of the body whose colours are told apart, as lines from joint to joint; the sides of the trunk among them."""
ALONG = (0.25, 0.5, 0.75)
"""Where on a line colours are taken."""
FACE = ("nose", "left_eye", "right_eye")
"""The last part: where the face is."""
SOFT = 0.1
"""Deviation, in shoulder breadths, of the blur under which colours are taken."""


@dataclass(frozen=True)
class SegmentDrift:
    """One segment against the reference picture.

    Attributes:
        colour: mean shift of all colours, person and background equally, in Delta E; 0 is none.
        identity: mean shift of the colours of body and clothes, part by part at the joints, in Delta E. It knows
            clothes, skin and hair, not a face's features; light that changes with the pose counts too.
        sharpness: contrast between neighbouring pixels in shares of the reference's; 1 is as sharp.
        pck: share of the keypoints found again where they should be, 0..1; None where nobody looked.
    """

    colour: float
    identity: float
    sharpness: float
    pck: float | None = None


@dataclass(frozen=True, eq=False)
class Look:
    """What is remembered of the reference picture.

    Attributes:
        parts: [P, 3] Lab of the parts, NaN for those not seen.
        regions: [2, 3] Lab of person and background.
        sharpness: of the picture.
    """

    parts: np.ndarray
    regions: np.ndarray
    sharpness: float


def look_of(frames: np.ndarray, poses: PoseSequence) -> Look:
    """The look of uint8 frames [T, H, W, 3], together, with their ``poses``.

    Raises:
        InvalidShape: other frames, or not a pose for each.
    """
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8 or len(frames) != len(poses):
        raise InvalidShape(
            f"The drift meter takes 8-bit frames [T, H, W, 3] and a pose for each, got {frames.dtype} "
            f"{list(frames.shape)} and {len(poses)} poses."
        )
    placed = poses.resized(Canvas(frames.shape[2], frames.shape[1]))
    colours = _lab(frames)
    masks = np.stack(list(person_masks(placed)))
    regions = np.stack([_mean(colours[mask]) for mask in (masks, ~masks)])
    return Look(_part_colours(colours, placed), regions, sharpness(frames))


def drift_of(film: Look, reference: Look, pck: float | None = None) -> SegmentDrift:
    """How far a segment's look is from the reference's."""
    colour, identity = (
        _mean(np.linalg.norm(a - b, axis=-1))
        for a, b in ((film.regions, reference.regions), (film.parts, reference.parts))
    )
    return SegmentDrift(float(colour), float(identity), film.sharpness / max(reference.sharpness, 1e-6), pck)


def drift_meter(
    poses: PoseSequence, picture: np.ndarray, find: Callable[[np.ndarray], PoseSequence] | None = None
) -> Callable[[np.ndarray], SegmentDrift]:
    """What is handed a film's segments, uint8 [t, H, W, 3], one after the other, and tells the drift of each.

    Args:
        poses: [1 + frames], the picture's own pose first.
        picture: uint8 [H, W, 3].
        find: finds the poses of such frames again, for ``pck``; None looks at no pose.
    """
    reference, at = look_of(picture[None], poses[0:1]), 1

    def measure(frames: np.ndarray) -> SegmentDrift:
        nonlocal at
        true, at = poses[at : at + len(frames)], at + len(frames)
        right, wanted = (0, 0) if find is None else hits(find(frames), true)
        return drift_of(look_of(frames, true), reference, right / wanted if wanted else None)

    return measure


def as_lists(drifts: Sequence[SegmentDrift]) -> Mapping[str, list[float]]:
    """Figure -> its value in every segment, rounded; figures that nobody measured are left out."""
    rows = [asdict(drift) for drift in drifts]
    names = [name for name in (rows[0] if rows else ()) if all(row[name] is not None for row in rows)]
    return {name: [round(float(row[name]), 4) for row in rows] for name in names}


def told(drifts: Sequence[SegmentDrift]) -> str:
    """One readable line per segment."""
    rows = as_lists(drifts)
    return "\n".join(
        f"segment {index + 1}: " + ", ".join(f"{name} {values[index]:.2f}" for name, values in rows.items())
        for index in range(len(drifts))
    )


def sharpness(frames: np.ndarray) -> float:
    """Root mean square of the difference between neighbouring pixels of uint8 [T, H, W, 3], in 0..255."""
    square = [np.mean(np.diff(frames.astype(np.float32), axis=axis) ** 2) for axis in (1, 2)]
    return float(np.sqrt(sum(square)))


def _lab(frames: np.ndarray) -> np.ndarray:
    import cv2

    return np.stack([cv2.cvtColor(frame.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for frame in frames])


def _part_colours(colours: np.ndarray, poses: PoseSequence) -> np.ndarray:
    """[P, 3] mean Lab of every part over all frames that show it."""
    import cv2

    blur = max(SOFT * float(np.median(breadths(poses))), 0.5)
    soft = [cv2.GaussianBlur(frame, (0, 0), blur) for frame in colours]
    frames = [_colours_at(frame, poses, t) for t, frame in enumerate(soft)]
    with np.errstate(invalid="ignore"):
        seen = ~np.isnan(np.stack(frames)).any(-1, keepdims=True)
        total = np.nansum(np.stack(frames), axis=0)
        return total / np.where(seen.any(0), seen.sum(0), np.nan)


def _colours_at(frame: np.ndarray, poses: PoseSequence, t: int) -> np.ndarray:
    """[P, 3] Lab of every part in one frame; NaN where it is not seen."""
    xy, seen = poses.xy[t], poses.visible[t]
    lines = [[coco.INDEX[name] for name in limb] for limb in LIMBS]
    places = [np.stack([xy[a] + (xy[b] - xy[a]) * s for s in ALONG]) if seen[[a, b]].all() else None for a, b in lines]
    face = [coco.INDEX[name] for name in FACE if seen[coco.INDEX[name]]]
    places.append(xy[face] if face else None)
    return np.stack([np.full(3, np.nan) if at is None else _picked(frame, at) for at in places])


def _picked(frame: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Mean [3] of the pixels at places [N, 2] inside the frame; NaN without any."""
    column, row = np.floor(places.T).astype(np.int64)
    inside = (column >= 0) & (row >= 0) & (column < frame.shape[1]) & (row < frame.shape[0])
    return _mean(frame[row[inside], column[inside]])


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the first axis of what is not NaN; NaN where there is nothing."""
    known = values[~np.isnan(values)] if values.ndim == 1 else values
    return np.asarray(known.mean(0, dtype=np.float64)) if len(known) else np.full(values.shape[1:], np.nan)

"""Poses as numbers that the network sees, and back, exactly.

The canvas lies centred in a square of its longer side, whose places are 0..1 (paper App. B). There every point is
told from its anchor and scaled, so that all numbers are of order one: the shoulders from the middle of the square,
which keeps the place of the person, the rest of the body from the neck, feet from their ankle, the face from the
nose, a hand from its wrist. For given presence this is one invertible linear map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InvalidPose
from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence
from ..types import Canvas

MIDDLE = 0.5
"""Where the middle of the square lies; the shoulders are told from here."""


@dataclass(frozen=True)
class Group:
    """Points that share an anchor.

    Attributes:
        points: their numbers.
        anchor: numbers of the points whose middle they are told from; empty for the middle of the square.
        scale: factor from shares of the square to the network's numbers; one over the usual distance.
    """

    points: tuple[int, ...]
    anchor: tuple[int, ...]
    scale: float


def _numbers(*names: str) -> tuple[int, ...]:
    return tuple(coco.INDEX[name] for name in names)


def _range(part: slice) -> tuple[int, ...]:
    return tuple(range(part.start, part.stop))


_SHOULDERS = _numbers("left_shoulder", "right_shoulder")
_EYES_AND_EARS = _numbers("left_eye", "right_eye", "left_ear", "right_ear")
_REST = tuple(i for i in _range(coco.BODY_SLICE) if i not in (*_SHOULDERS, *_EYES_AND_EARS))

GROUPS = (
    Group(_SHOULDERS, (), 6.0),
    Group(_REST, _SHOULDERS, 4.0),
    Group(_EYES_AND_EARS, _numbers("nose"), 25.0),
    Group(_range(coco.FACE_SLICE), _numbers("nose"), 25.0),
    Group(_numbers("left_big_toe", "left_small_toe", "left_heel"), _numbers("left_ankle"), 15.0),
    Group(_numbers("right_big_toe", "right_small_toe", "right_heel"), _numbers("right_ankle"), 15.0),
    Group(_range(coco.LEFT_HAND_SLICE), _numbers("left_wrist"), 15.0),
    Group(_range(coco.RIGHT_HAND_SLICE), _numbers("right_wrist"), 15.0),
)
"""Anchors before what is told from them; every point once."""


@dataclass(frozen=True)
class Tokens:
    """One person's poses in model space.

    Attributes:
        points: [T, 2K] float32, x and y of each point beside each other, of order one; 0 where absent.
        presence: [T, K] float32, 1 for a joint that is seen, else 0.
    """

    points: np.ndarray
    presence: np.ndarray

    def __len__(self) -> int:
        return len(self.points)


def to_tokens(poses: PoseSequence) -> Tokens:
    """Poses in model space. Joints that are not visible are absent."""
    points = encode(to_square(poses.xy, poses.canvas), poses.visible)
    return Tokens(points, poses.visible.astype(np.float32))


def from_tokens(points: np.ndarray, presence: np.ndarray, canvas: Canvas) -> np.ndarray:
    """[T, 2K] and [T, K] -> places [T, K, 2] in pixels of ``canvas``; absent joints lie at their anchor."""
    return to_pixels(decode(points, presence > 0), canvas)


def to_square(xy: np.ndarray, canvas: Canvas) -> np.ndarray:
    """Pixels [..., 2] of ``canvas`` -> shares of the square around it, 0..1 on the canvas."""
    return (xy + _margin(canvas)) / canvas.square


def to_pixels(square: np.ndarray, canvas: Canvas) -> np.ndarray:
    """The inverse of :func:`to_square`, float32."""
    return (square * canvas.square - _margin(canvas)).astype(np.float32)


def _margin(canvas: Canvas) -> np.ndarray:
    return (canvas.square - np.array([canvas.width, canvas.height], np.float64)) / 2


def encode(square: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Places [..., T, K, 2] in the square and bool [..., T, K] -> [..., T, 2K] float32 in model space.

    Raises:
        InvalidPose: places that are not finite, or another number of points.
    """
    _check(square, present)
    places = square.astype(np.float64)
    points = np.zeros_like(places)
    for group in GROUPS:
        told = places[..., group.points, :] - _anchor(places, present, group.anchor)
        points[..., group.points, :] = told * group.scale * present[..., group.points, None]
    return points.reshape(*points.shape[:-2], -1).astype(np.float32)


def decode(points: np.ndarray, present: np.ndarray) -> np.ndarray:
    """The inverse of :func:`encode`: [..., T, 2K] and bool [..., T, K] -> [..., T, K, 2] float64."""
    told = points.astype(np.float64).reshape(*points.shape[:-1], -1, 2)
    _check(told, present)
    places = np.zeros_like(told)
    for group in GROUPS:
        steps = told[..., group.points, :] * present[..., group.points, None] / group.scale
        places[..., group.points, :] = steps + _anchor(places, present, group.anchor)
    return places


def _check(points: np.ndarray, present: np.ndarray) -> None:
    if points.shape[-2:] != (coco.COUNT, 2) or present.shape != points.shape[:-1]:
        raise InvalidPose(
            f"Motion needs {coco.COUNT} points per frame and one presence each, got {list(points.shape)} and "
            f"{list(present.shape)}."
        )
    if not np.isfinite(points[present]).all():
        raise InvalidPose("Poses hold numbers that are not finite. Mark a missing joint as absent, not by NaN.")


def _anchor(places: np.ndarray, present: np.ndarray, numbers: tuple[int, ...]) -> np.ndarray:
    """[..., T, 1, 2]: the middle of those of the points that are present; between frames that show none of them, as
    a straight line tells, and the middle of the square where no frame does."""
    if not numbers:
        return np.full((*places.shape[:-2], 1, 2), MIDDLE)
    weight = present[..., numbers].astype(np.float64)
    count = weight.sum(-1)
    middle = (places[..., numbers, :] * weight[..., None]).sum(-2) / np.maximum(count, 1)[..., None]
    return _bridged(middle, count > 0)[..., None, :]


def _bridged(track: np.ndarray, known: np.ndarray) -> np.ndarray:
    """[..., T, 2] with gaps filled along T: straight between known frames, held at the ends."""
    if known.all():
        return track
    frames = np.arange(known.shape[-1])
    before = np.maximum.accumulate(np.where(known, frames, -1), axis=-1)
    after = np.flip(np.minimum.accumulate(np.flip(np.where(known, frames, len(frames)), -1), axis=-1), -1)
    low = np.where(before < 0, after, before).clip(0, len(frames) - 1)
    high = np.where(after == len(frames), before, after).clip(0, len(frames) - 1)
    share = (frames - low) / np.maximum(high - low, 1)
    first, last = (np.take_along_axis(track, at[..., None], axis=-2) for at in (low, high))
    filled = first + (last - first) * np.clip(share, 0, 1)[..., None]
    anywhere = np.any(known, axis=-1, keepdims=True)[..., None]
    return np.where(anywhere, filled, MIDDLE)

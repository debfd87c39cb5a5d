"""The puppet: a picture cut along its skeleton and moved by poses, before anything is generated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..errors import InvalidMedia, InvalidPose
from ..pose.sequence import PoseSequence
from ..types import Canvas
from .background import behind
from .joints import SIDES, TOES, Figure, figure, joint
from .matte import matte
from .mesh import draw
from .moves import motion
from .order import orders
from .parts import Part, parts
from .skin import Moment, skin

BEYOND = 0.3
"""How far the person goes on where the picture's edge cuts them, of the longer side."""


@dataclass(frozen=True)
class Puppet:
    """A person cut out of a picture.

    Attributes:
        background: uint8 [H, W, 3], the picture without the person.
        rest: joints in the picture.
        parts: torso, head, arms, …
    """

    background: np.ndarray
    rest: Figure
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Drawn:
    """One frame: picture uint8 [H, W, 3] and the person's share of each pixel, float32 [H, W] in 0..1."""

    frame: np.ndarray
    mask: np.ndarray


def puppet(picture: np.ndarray, pose: PoseSequence, mask: np.ndarray | None = None, detector: object = None) -> Puppet:
    """Cut the person out of a picture.

    Args:
        picture: uint8 RGB [H, W, 3].
        pose: the person's, one frame on the picture's canvas.
        mask: [H, W] bool or 0..1 where the person is; None finds it by colour around the skeleton.
        detector: a pose detector that may help to find it.

    Raises:
        InvalidMedia: no picture, or a mask that does not fit it.
        InvalidPose: a pose of another canvas, of several frames or of nobody.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise InvalidMedia(f"A picture is a uint8 RGB array [H, W, 3], got {picture.dtype} {list(picture.shape)}.")
    canvas = Canvas(picture.shape[1], picture.shape[0])
    _check_canvas(pose, canvas)
    rest = figure(pose)
    share = matte(picture, pose, rest, mask, detector)
    around, wide_share, shift = _beyond(picture, share, rest)
    wide_rest = replace(rest, xy=rest.xy + shift)
    cut = [part.moved(-shift) for part in parts(around, wide_share, wide_rest)]
    return Puppet(behind(picture, share), rest, tuple(cut))


def play(doll: Puppet, poses: PoseSequence) -> Iterator[Drawn]:
    """A frame for every pose, on the picture's canvas."""
    height, width = doll.background.shape[:2]
    _check_canvas(poses, Canvas(width, height))
    moves = motion(poses, doll.rest)
    skins = {part.name: skin(part, doll.rest, moves) for part in doll.parts}
    ground = doll.background.astype(np.float32)
    for t, order in enumerate(orders(moves, doll.rest)):
        now = Moment(moves.xy[t], float(moves.size[t]))
        frame, cover = ground.copy(), np.zeros((height, width), np.float32)
        for name in order:
            if name in skins:
                draw(skins[name].net, skins[name].at(doll.rest, now), now.size, frame, cover)
        yield Drawn(np.clip(frame + 0.5, 0, 255).astype(np.uint8), np.clip(cover, 0, 1))


def _check_canvas(poses: PoseSequence, canvas: Canvas) -> None:
    if poses.canvas != canvas:
        raise InvalidPose(f"Poses and picture must share a canvas, got {poses.canvas} and {canvas}. Fit them first.")


def _beyond(picture: np.ndarray, share: np.ndarray, rest: Figure) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Picture and matte with their edges repeated outwards where they cut the person, and how far all moved.

    Whoever shows both feet ends there, even on the edge.
    """
    import cv2

    reach = round(BEYOND * max(share.shape))
    standing = all(rest.seen[[joint(side, "ankle"), *TOES[side]]].any() for side in SIDES)
    edges = (share[:1], share[:0] if standing else share[-1:], share[:, :1], share[:, -1:])
    top, bottom, left, right = (reach if (edge > 0.5).any() else 0 for edge in edges)
    grown = [cv2.copyMakeBorder(array, top, bottom, left, right, cv2.BORDER_REPLICATE) for array in (picture, share)]
    return grown[0], grown[1], np.array([left, top], np.float32)

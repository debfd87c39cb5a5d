"""Crops of a model's films for its finisher, most of them round hands and faces: what is small is looked at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..pose import skeleton as coco
from ..pose.lines import draw_lines
from ..pose.sequence import PoseSequence
from ..types import POSE_SCALE, Canvas
from .finish_films import Film

ROUND = ((coco.LEFT_HAND_SLICE, 0.26), (coco.RIGHT_HAND_SLICE, 0.26), (coco.FACE_SLICE, 0.15), (coco.BODY_SLICE, 0.15))
"""What crops lie round, and their shares; the rest lie anywhere, as do those round what is not seen."""
HAUNTED = 0.1
"""Share of the crops where a joint is in the picture, which may have left a ghost there."""
ASIDE = 0.125
"""How far beside their middle crops lie, in parts of their side (standard deviation)."""
EVEN = 2
"""Crops begin at pixels that are multiples of this, as the finisher's own folding of pixels does."""


@dataclass(frozen=True)
class Crops:
    """What the finisher is given and what it shall make of it; [B, channels, side, side] in 0..1; skin [B, 6, 1, 1]."""

    decoded: Tensor
    moved: Tensor
    shares: Tensor
    start: Tensor
    lines: Tensor
    skin: Tensor
    truth: Tensor

    @property
    def given(self) -> tuple[Tensor, ...]:
        return self.decoded, self.moved, self.shares, self.start, self.lines, self.skin

    def to(self, device: torch.device) -> Crops:
        return Crops(*(part.to(device, memory_format=torch.channels_last) for part in vars(self).values()))


def draw_crops(films: Sequence[Film], count: int, side: int, rng: np.random.Generator) -> Crops:
    """``count`` crops, each of a film and a frame of its own, every second one mirrored."""
    rows = [_crop(films[int(rng.integers(len(films)))], side, rng) for _ in range(count)]
    return Crops(*(torch.from_numpy(np.stack(part)).float() / 255 for part in zip(*rows, strict=True)))


def _crop(film: Film, side: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """The seven parts of :class:`Crops`, uint8."""
    frame = int(rng.integers(len(film.truth)))
    poses = film.poses[slice(frame + 1, frame + 2)]
    height, width = film.truth.shape[1:3]
    middle = _middle(poses, film.poses[:1], rng) + rng.normal(0, ASIDE * side, 2)
    left, top = (
        int(np.clip(at - side / 2, 0, whole - side)) // EVEN * EVEN
        for at, whole in zip(middle, (width, height), strict=True)
    )
    rows, columns = slice(top, top + side), slice(left, left + side)
    shares = film.shares[frame].repeat(POSE_SCALE, 1).repeat(POSE_SCALE, 2)[:, rows, columns]
    start = film.start(frame, mended=rng.random() < 0.5)
    decoded, begun, truth = (
        picture[rows, columns].transpose(2, 0, 1) for picture in (film.made[frame], start, film.truth[frame])
    )
    lines, skin = _lines(poses, left, top, side), film.skin[:, None, None]
    parts = (decoded, film.moved[frame][:, rows, columns], shares, begun, lines, skin, truth)
    step = -1 if rng.random() < 0.5 else 1
    return tuple(np.ascontiguousarray(part[..., ::step]) for part in parts)


def _lines(poses: PoseSequence, left: int, top: int, side: int) -> np.ndarray:
    """The lines [12, side, side] of one frame inside a crop."""
    shifted = PoseSequence(poses.xy - np.array([left, top], np.float32), poses.score, Canvas(side, side), poses.fps)
    return draw_lines(shifted, shifted.canvas)[0].numpy()


def _middle(poses: PoseSequence, own: PoseSequence, rng: np.random.Generator) -> np.ndarray:
    """What a crop lies round: the middle of a hand or face, a joint of the body or of the picture's ``own`` pose, or
    anything."""
    drawn, canvas = rng.random(), poses.canvas
    for joints, share in ROUND:
        seen = poses.xy[0, joints][poses.visible[0, joints]]
        if 0 <= drawn < share and len(seen):
            return seen[rng.integers(len(seen))] if joints == coco.BODY_SLICE else seen.mean(0)
        drawn -= share
    there = own.xy[0, own.visible[0]]
    if 0 <= drawn < HAUNTED and len(there):
        return there[rng.integers(len(there))]
    return rng.uniform(0, 1, 2) * (canvas.width, canvas.height)

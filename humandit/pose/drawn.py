"""Films of drawn skeletons, which some models follow instead of pose images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..types import Canvas
from .draw import draw
from .sequence import PoseSequence

LINES = "dwpose"
"""Width of the lines: 4 pixels on any size, what CogVideoX-Fun and PP-VCtrl saw (``pose/draw``)."""


@dataclass(frozen=True)
class DrawnFilm:
    """Frames [n, H, W, 3] in 0..1 that are drawn when they are asked for: ``film[start:stop]``.

    Attributes:
        people: everybody's poses, all of one length.
        canvas: size of the frames; the poses are stretched to it.
    """

    people: Sequence[PoseSequence]
    canvas: Canvas

    def __len__(self) -> int:
        return len(self.people[0])

    def __getitem__(self, frames: slice, /) -> Tensor:
        shown = draw([person[frames] for person in self.people], self.canvas, LINES)
        return torch.from_numpy(shown).float() / 255

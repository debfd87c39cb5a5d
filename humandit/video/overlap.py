"""Films longer than a model knows, in one piece: overlapping windows that are made one at every step.

Each window is asked for by itself, and where windows overlap their answers are averaged, the nearer to the middle of a
window the more (MultiDiffusion, Bar-Tal et al., 2023, along time). The person thus stays the same through the film,
which windows made one after the other could not hold without a picture to start from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import InvalidShape
from ..types import TIME_SCALE


@dataclass(frozen=True)
class Overlap:
    """How a film is cut.

    Attributes:
        length: latent frames that are seen together; 13 are the 49 frames that the CogVideoX 5B models know.
        shared: latent frames that neighbours have in common, at least 1 and fewer than ``length``.
    """

    length: int = 13
    shared: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.shared < self.length:
            raise InvalidShape(
                f"Windows of {self.length} latent frames can share 1 to {self.length - 1}, got {self.shared}. "
                "A third of the window is a good overlap."
            )

    @classmethod
    def of_frames(cls, window: int, shared: int) -> Overlap:
        """From frames of film: ``window`` is 4k+1, ``shared`` a multiple of 4."""
        return cls((window - 1) // TIME_SCALE + 1, shared // TIME_SCALE)


def spans(frames: int, overlap: Overlap | None) -> list[slice]:
    """Windows over ``frames`` latent frames; one over all of them where they are few, or where there is no overlap.

    The last one is moved back so that it is whole.
    """
    if overlap is None or frames <= overlap.length:
        return [slice(0, frames)]
    last = frames - overlap.length
    starts = [*range(0, last, overlap.length - overlap.shared), last]
    return [slice(start, start + overlap.length) for start in starts]


def blended(parts: Sequence[Tensor], windows: Sequence[slice], shared: int, dim: int) -> Tensor:
    """The windows' answers as one film.

    Args:
        parts: what each window gave; frames on axis ``dim``.
        windows: where each lies.
        shared: over so many frames a window's weight grows from its ends.
        dim: axis of the frames.
    """
    if len(parts) == 1:
        return parts[0]
    shape = list(parts[0].shape)
    shape[dim] = windows[-1].stop
    film, weight = parts[0].new_zeros(shape), parts[0].new_zeros(shape[dim])
    for part, window in zip(parts, windows, strict=True):
        ramp = _ramp(part.shape[dim], shared).to(part)
        film.movedim(dim, -1)[..., window] += part.movedim(dim, -1) * ramp
        weight[window] += ramp
    return (film.movedim(dim, -1) / weight).movedim(-1, dim)


def _ramp(length: int, shared: int) -> Tensor:
    """1, 2, … towards the middle, no more than ``shared`` + 1."""
    place = torch.arange(1, length + 1)
    return torch.minimum(place, place.flip(0)).clamp(max=shared + 1).float()

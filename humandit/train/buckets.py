"""Sizes and lengths of examples (paper §3.3): nothing is padded, so every step draws one shape that clips come to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..errors import HumanDiTError
from ..types import MAX_SIDE, SIDE_STEP, TIME_SCALE, TOKEN_BUDGET, Canvas, VideoShape

LEAST_KEPT = 0.8
"""Share of a picture that must be left when it fills a shape."""


@dataclass(frozen=True)
class Limits:
    """Which shapes may be drawn: short sides in pixels and frames, least and greatest of each, and the latent
    positions that one example may hold."""

    sides: tuple[int, int]
    frames: tuple[int, int]
    budget: int = TOKEN_BUDGET

    def __post_init__(self) -> None:
        least = VideoShape(self.frames[0], self.sides[0], self.sides[0])
        if least.latent.positions > self.budget:
            raise HumanDiTError(
                f"The smallest example, {least.frames} frames of {self.sides[0]}x{self.sides[0]}, has "
                f"{least.latent.positions} latent positions, the budget is {self.budget}. Raise it."
            )

    def canvases(self, picture: Canvas) -> list[Canvas]:
        """Canvases of the picture's shape, smallest first, none larger than it."""
        short = min(picture.width, picture.height)
        found = (_canvas(side, picture) for side in range(self.sides[0], min(self.sides[1], short) + 1, SIDE_STEP))
        return [canvas for canvas in found if _kept(canvas, picture) >= LEAST_KEPT]

    def lengths(self, frames: int, canvas: Canvas) -> range:
        """Lengths of examples of a film of ``frames`` frames, within the budget."""
        plane = VideoShape(1, canvas.height, canvas.width).latent.positions
        most = (self.budget // plane - 1) * TIME_SCALE + 1
        return range(self.frames[0], min(frames, most, self.frames[1]) + 1, 2 * TIME_SCALE)

    def draw(self, picture: Canvas, frames: int, rng: np.random.Generator) -> VideoShape:
        """A shape for a film that is :meth:`usable`: a size, then a length, each evenly among those allowed."""
        choices = self.choices(picture, frames)
        canvas, lengths = choices[rng.integers(len(choices))]
        return VideoShape(lengths[rng.integers(len(lengths))], canvas.height, canvas.width)

    def usable(self, picture: Canvas, frames: int) -> bool:
        """Whether a film is long and large enough for some shape, and not too narrow."""
        return bool(self.choices(picture, frames))

    @lru_cache(maxsize=4096)  # noqa: B019 - frozen and few: one per run
    def choices(self, picture: Canvas, frames: int) -> tuple[tuple[Canvas, range], ...]:
        """Canvases for a film, each with the lengths that are allowed on it."""
        lengths = ((canvas, self.lengths(frames, canvas)) for canvas in self.canvases(picture))
        return tuple((canvas, some) for canvas, some in lengths if some)


def fits(shape: VideoShape, widths: np.ndarray, heights: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """[N] bool: films of those sizes and lengths that come to ``shape`` without being enlarged or cut much."""
    scale = np.maximum(shape.width / widths, shape.height / heights)
    kept = shape.width * shape.height / (widths * heights * scale**2)
    return (frames >= shape.frames) & (scale <= 1) & (kept >= LEAST_KEPT)


def examples(shape: VideoShape, batch: int, budget: int) -> int:
    """Examples of ``shape`` in a step: ``batch``, or as many as the budget holds."""
    return max(min(batch, budget // shape.latent.positions), 1)


def _canvas(side: int, picture: Canvas) -> Canvas:
    """Of that short side and as near to the picture's shape as steps allow without enlarging it."""
    exact = side * picture.square / min(picture.width, picture.height) / SIDE_STEP
    longs = (min(steps * SIDE_STEP, MAX_SIDE) for steps in (round(exact), int(exact)))
    upright = picture.height > picture.width
    both = [Canvas(side, long) if upright else Canvas(long, side) for long in longs]
    return next((canvas for canvas in both if _kept(canvas, picture)), both[-1])


def _kept(canvas: Canvas, picture: Canvas) -> float:
    """Share of the picture that is seen on the canvas; 0 where it would be enlarged."""
    scale, _ = picture.covering(canvas)
    return canvas.width * canvas.height / (picture.width * picture.height * scale**2) if scale <= 1 else 0.0

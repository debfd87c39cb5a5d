"""How a picture of any shape comes onto a canvas the model can take: fitted, filled or padded, points alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .errors import InvalidShape
from .types import MAX_SIDE, SIDE_STEP, Canvas, VideoShape

Mode = Literal["fit", "fill", "pad"]
MODES: tuple[Mode, ...] = ("fit", "fill", "pad")
LEAST_KEPT = 0.5
"""Share of a picture that "fit" must keep: sides in steps of 16 cannot follow a very long one."""


@dataclass(frozen=True)
class Framing:
    """Where a picture lies on the canvas.

    Attributes:
        source: the picture's size in pixels.
        canvas: the video's size.
        scaled: the picture's size on the canvas.
        left, top: place of its corner there, in pixels; below 0 what hangs over is cut, above 0 there are borders.
    """

    source: Canvas
    canvas: Canvas
    scaled: Canvas
    left: int
    top: int

    @property
    def kept(self) -> float:
        """Share of the picture that is seen, 0..1."""
        wide = min(self.scaled.width, self.canvas.width) / self.scaled.width
        return wide * min(self.scaled.height, self.canvas.height) / self.scaled.height

    def points(self, xy: np.ndarray) -> np.ndarray:
        """[..., 2] pixels of the picture -> pixels of the canvas."""
        scale = (self.scaled.width / self.source.width, self.scaled.height / self.source.height)
        return xy * np.array(scale, np.float32) + np.array((self.left, self.top), np.float32)


def framed(picture: Canvas, wanted: Canvas, mode: Mode) -> Framing:
    """The canvas for ``picture``, and its place there.

    Args:
        picture: size of the picture, any.
        wanted: size of the video.
        mode: "fit" keeps the picture's shape: the largest sides that are multiples of 16, up to 1280, within the
            wanted area; the rest of less than a step is cut. "fill" covers the wanted size and cuts the overhang
            equally on both sides. "pad" shows everything inside black borders.

    Raises:
        InvalidShape: a wanted size whose sides are no multiples of 16 up to 1280 ("fill", "pad"), or a picture so
            long that "fit" would lose half of it.
    """
    if mode != "fit":
        return _placed(picture, VideoShape(1, wanted.height, wanted.width).canvas, mode)
    framing = _placed(picture, fitted_canvas(picture, wanted), "fill")
    if framing.kept < LEAST_KEPT:
        raise InvalidShape(
            f"A picture of {picture} cannot keep its shape within the area of {wanted}: sides are multiples of "
            f"{SIDE_STEP} up to {MAX_SIDE}. Use fill or pad, or a larger size."
        )
    return framing


def fitted_canvas(picture: Canvas, wanted: Canvas) -> Canvas:
    """Sides in steps of 16 within the area of ``wanted``, as near to the picture's shape as steps allow."""
    area = wanted.width * wanted.height
    if area < SIDE_STEP**2:
        raise InvalidShape(f"The smallest video is {SIDE_STEP}x{SIDE_STEP}, {wanted} is less. Use a larger size.")
    scale = min((area / (picture.width * picture.height)) ** 0.5, MAX_SIDE / picture.square)
    sides = [
        Canvas(width, height)
        for width in _steps(min(picture.width * scale, area / SIDE_STEP))
        for height in _steps(min(picture.height * scale, area / width))
        if width * height <= area
    ]
    return min(sides, key=lambda canvas: (_bent(picture, canvas), -canvas.width * canvas.height))


def _steps(pixels: float) -> set[int]:
    """Allowed sides about ``pixels``: one above, two below, as the second may meet a shape exactly."""
    below = int(pixels + 1e-6) // SIDE_STEP * SIDE_STEP
    return {min(max(below + shift, SIDE_STEP), MAX_SIDE) for shift in (SIDE_STEP, 0, -SIDE_STEP)}


def _bent(picture: Canvas, canvas: Canvas) -> float:
    """Share of the picture that must be cut to give it the canvas's shape."""
    one, other = picture.width * canvas.height, picture.height * canvas.width
    return round(1 - min(one, other) / max(one, other), 6)


def _placed(picture: Canvas, canvas: Canvas, mode: str) -> Framing:
    ratios = canvas.width / picture.width, canvas.height / picture.height
    ratio = max(ratios) if mode == "fill" else min(ratios)
    scaled = Canvas(max(round(picture.width * ratio), 1), max(round(picture.height * ratio), 1))
    return Framing(picture, canvas, scaled, _before(scaled.width, canvas.width), _before(scaled.height, canvas.height))


def _before(have: int, wanted: int) -> int:
    """Pixels in front of something centred, whole, as :func:`~.media.frames.fit_frames` places it."""
    return -((have - wanted) // 2) if have > wanted else (wanted - have) // 2

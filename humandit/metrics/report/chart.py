"""Curves over the frames of a film as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..figures import BY_NAME
from .plots import ticks

if TYPE_CHECKING:
    from PIL import ImageDraw

WIDTH, PANEL = 760, 150
"""Pixels of the picture, and of one curve."""
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 34, 14
FRAMES = 28
"""Pixels below the last panel, for the frames' numbers."""
FINE = 2
"""Drawn this much larger, then made small: smooth lines."""
PAPER, GRID, INK, SOFT = (251, 250, 248), (224, 221, 214), (30, 29, 27), (112, 108, 100)
COLOURS = {"l1": (37, 99, 160), "psnr": (194, 65, 12), "ssim": (21, 128, 90), "perceptual": (126, 58, 160)}


def chart(figures: Mapping[str, np.ndarray]) -> np.ndarray:
    """uint8 [H, W, 3]: a panel per figure [T] of :data:`~..figures.FIGURES`, frames from left to right."""
    from PIL import Image, ImageDraw

    height = PANEL * len(figures) + FRAMES
    image = Image.new("RGB", (WIDTH * FINE, height * FINE), PAPER)
    pen = ImageDraw.Draw(image)
    for number, (name, values) in enumerate(figures.items()):
        _panel(pen, name, values, PANEL * number)
    frames = len(next(iter(figures.values())))
    _write(pen, LEFT, height - FRAMES + 4, "frame 1", SOFT, "la")
    _write(pen, WIDTH - RIGHT, height - FRAMES + 4, str(frames), SOFT, "ra")
    return np.asarray(image.resize((WIDTH, height), Image.Resampling.LANCZOS))


def _panel(pen: ImageDraw.ImageDraw, name: str, values: np.ndarray, top: int) -> None:
    figure, colour = BY_NAME[name], COLOURS.get(name, INK)
    grid = ticks(float(values.min()), float(values.max()), 3)
    low, high = grid[0], grid[-1]
    wide, tall = WIDTH - LEFT - RIGHT, PANEL - TOP - BOTTOM

    def place(frame: float, value: float) -> tuple[float, float]:
        x = LEFT + wide * (frame / max(len(values) - 1, 1))
        return x * FINE, (top + TOP + tall * (1 - (value - low) / (high - low))) * FINE

    words = f"{'higher' if figure.higher else 'lower'} is closer, mean {values.mean():.{figure.digits}f}"
    _write(pen, LEFT, top + 8, figure.title, colour, "la", 15)
    _write(pen, WIDTH - RIGHT, top + 10, words, SOFT, "ra")
    for value in grid:
        pen.line([place(0, value), place(max(len(values) - 1, 1), value)], GRID, FINE)
        _write(pen, LEFT - 8, place(0, value)[1] / FINE, f"{value:.5g}", SOFT, "rm")
    points = [place(t, float(value)) for t, value in enumerate(values)]
    if len(points) > 1:
        pen.line(points, colour, 2 * FINE, joint="curve")
    for x, y in points if len(points) < 40 else points[:0]:
        pen.ellipse([x - 3 * FINE, y - 3 * FINE, x + 3 * FINE, y + 3 * FINE], fill=colour)


def _write(pen: Any, x: float, y: float, text: str, colour: tuple[int, ...], anchor: str, size: int = 12) -> None:
    from PIL import ImageFont

    pen.text((x * FINE, y * FINE), text, fill=colour, font=ImageFont.load_default(size * FINE), anchor=anchor)

"""Drift drawn: one small diagram per figure, one line per film, the segments from left to right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import InvalidShape

PANEL = (300, 150)
"""Width and height of a diagram in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 24, 18
"""Room round the lines, for names and numbers."""
PAPER, INK, GRID = 24, (225, 225, 225), (70, 70, 70)
COLOURS = (
    (255, 120, 90), (90, 200, 255), (150, 230, 110), (240, 210, 80), (200, 140, 255), (255, 150, 200),
    (120, 220, 200), (230, 170, 120), (170, 170, 255), (200, 200, 200), (140, 180, 90), (255, 90, 160),
    (110, 120, 255),
)  # fmt: skip
"""RGB of the lines, in order; a fourteenth begins anew."""
BETTER = {
    "psnr": "higher", "ssim": "higher", "pck": "higher", "colour": "lower", "identity": "lower", "sharpness": "near 1",
}  # fmt: skip
UNITS = {"psnr": "dB", "colour": "Delta E", "identity": "Delta E"}


def drift_plot(films: Mapping[str, Mapping[str, Sequence[float]]], columns: int = 3) -> np.ndarray:
    """One uint8 [H, W, 3] picture.

    Args:
        films: name -> figure -> value per segment.
        columns: diagrams side by side.

    Raises:
        InvalidShape: nothing to draw.
    """
    figures = list(dict.fromkeys(name for film in films.values() for name in film))
    if not figures:
        raise InvalidShape("A plot needs at least one figure of one film, got none.")
    panels = [_panel(name, {film: list(values[name]) for film, values in films.items() if name in values})
              for name in figures]  # fmt: skip
    columns = min(columns, len(panels))
    blank = np.full_like(panels[0], PAPER)
    rows = [panels[i : i + columns] for i in range(0, len(panels), columns)]
    sheet = np.concatenate([np.concatenate([*row, *[blank] * (columns - len(row))], axis=1) for row in rows])
    return sheet if len(films) == 1 else np.concatenate([sheet, _legend(list(films), sheet.shape[1])])


def _panel(name: str, lines: Mapping[str, list[float]]) -> np.ndarray:
    import cv2

    width, height = PANEL
    picture = np.full((height, width, 3), PAPER, np.uint8)
    known = [value for line in lines.values() for value in line if np.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    slack = max((high - low) * 0.08, abs(high) * 0.005, 1e-6)
    low, high = low - slack, high + slack
    title = f"{name}, {UNITS[name]}" if name in UNITS else name
    _write(picture, f"{title} ({BETTER.get(name, '')} is better)" if name in BETTER else title, (8, 15))
    for share in (0.0, 0.5, 1.0):
        y = round(TOP + (1 - share) * (height - TOP - BOTTOM))
        cv2.line(picture, (LEFT, y), (width - RIGHT, y), GRID, 1)
        _write(picture, f"{low + share * (high - low):.3g}", (4, y + 4), 0.32)
    count = max(len(line) for line in lines.values())
    for index in sorted({0, (count - 1) // 2, count - 1}):
        _write(picture, str(index + 1), (_across(index, count) - 3, height - 5), 0.32)
    for place, line in enumerate(lines.values()):
        _line(picture, line, count, (low, high), COLOURS[place % len(COLOURS)])
    return picture


def _across(index: int, count: int) -> int:
    return round(LEFT + (index + 0.5) / count * (PANEL[0] - LEFT - RIGHT))


def _line(
    picture: np.ndarray, line: Sequence[float], count: int, limits: tuple[float, float], colour: tuple[int, int, int]
) -> None:
    import cv2

    low, high = limits
    room = PANEL[1] - TOP - BOTTOM
    points = [
        (_across(index, count), round(TOP + (high - value) / (high - low) * room))
        for index, value in enumerate(line)
        if np.isfinite(value)
    ]
    for a, b in zip(points, points[1:], strict=False):
        cv2.line(picture, a, b, colour, 1, cv2.LINE_AA)
    for point in points:
        cv2.circle(picture, point, 2, colour, -1, cv2.LINE_AA)


def _legend(names: Sequence[str], width: int) -> np.ndarray:
    columns = max(width // 150, 1)
    strip = np.full((18 * -(-len(names) // columns) + 8, width, 3), PAPER, np.uint8)
    for index, name in enumerate(names):
        x, y = 8 + index % columns * 150, 4 + 18 * (index // columns)
        strip[y + 5 : y + 9, x : x + 14] = COLOURS[index % len(COLOURS)]
        _write(strip, name, (x + 20, y + 12))
    return strip


def _write(picture: np.ndarray, text: str, at: tuple[int, int], size: float = 0.4) -> None:
    import cv2

    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, INK, 1, cv2.LINE_AA)

"""Plots as SVG text: rivals with their intervals, and figures over a film's frames. Colours come from the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from ..figures import Figure

WIDTH, ROW, NAMES, MARGIN = 460, 24, 128, 20
"""Pixels: of a plot, of one rival's line, of the names, of the right border."""
TALL, LEFT, BOTTOM, LABELS = 210, 46, 26, 120
"""Pixels of a plot over frames: height, and what is left for numbers, frames and names."""
APART = 13
"""Least distance of two names at the ends of lines."""

Marks = Mapping[str, tuple[float, float, float]]
"""Rival -> mean, low and high end."""


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round numbers that cover low … high in about ``count`` steps; a single value gets room on both sides."""
    if high - low < 1e-9 * max(abs(high), 1):
        room = abs(high) / 20 or 0.01
        low, high = low - room, high + room
    span = high - low
    power = 10 ** np.floor(np.log10(span / count))
    step = next(s * power for s in (1, 2, 5, 10) if span / (s * power) <= count)
    return [float(v) for v in np.arange(np.floor(low / step), np.ceil(high / step) + 1) * step]


def intervals(figure: Figure, marks: Marks, first: str) -> str:
    """Every rival's mean as a dot with its interval; ``first`` stands out."""
    ends = [value for mark in marks.values() for value in mark]
    grid = ticks(min(ends), max(ends))
    scale = (WIDTH - NAMES - MARGIN) / (grid[-1] - grid[0])

    def x(value: float) -> float:
        return NAMES + (value - grid[0]) * scale

    height = ROW * len(marks) + 26
    parts = [_open(WIDTH, height, f"{figure.title} of every rival")]
    for value in grid:
        parts.append(_line("grid", x(value), 4, x(value), height - 22))
        parts.append(_text(x(value), height - 7, _number(value), "middle"))
    for i, (name, (mean, low, high)) in enumerate(marks.items()):
        y, kind = 4 + ROW * (i + 0.5), "first" if name == first else "other"
        text = f"{name}: {mean:.{figure.digits}f} ({low:.{figure.digits}f} to {high:.{figure.digits}f})"
        parts.append(f'<g class="{kind}"><title>{escape(text)}</title>')
        parts.append(_text(NAMES - 12, y + 4, name.replace("_", " "), "end"))
        parts.append(_line("whisker", x(low), y, x(high), y))
        parts.append(f'<circle cx="{x(mean):.1f}" cy="{y:.1f}" r="4.5"/></g>')
    return "".join([*parts, "</svg>"])


def over_frames(figure: Figure, lines: Mapping[str, np.ndarray], first: str, seams: Sequence[int]) -> str:
    """A line per rival over the frames of a film; dashed where a new segment starts."""
    known = np.concatenate([line[~np.isnan(line)] for line in lines.values()])
    grid = ticks(float(known.min()), float(known.max()), 3)
    frames = max(len(line) for line in lines.values())
    wide, high = WIDTH - LEFT - LABELS, TALL - BOTTOM - 8

    def x(frame: float) -> float:
        return LEFT + frame / max(frames - 1, 1) * wide

    def y(value: float) -> float:
        return 8 + high * (1 - (value - grid[0]) / (grid[-1] - grid[0]))

    parts = [_open(WIDTH, TALL, f"{figure.title} over the frames of the films")]
    for value in grid:
        parts += [
            _line("grid", LEFT, y(value), LEFT + wide, y(value)),
            _text(LEFT - 8, y(value) + 4, _number(value), "end"),
        ]
    parts += [_line("seam", x(seam - 0.5), 8, x(seam - 0.5), 8 + high) for seam in seams]
    parts += [_text(x(0), TALL - 6, "frame 1", "start"), _text(x(frames - 1), TALL - 6, str(frames), "end")]
    ends = _spread({name: y(float(line[~np.isnan(line)][-1])) for name, line in lines.items()})
    for name, line in sorted(lines.items(), key=lambda item: item[0] == first):  # the first one lies on top
        points = " ".join(f"{x(t):.1f},{y(value):.1f}" for t, value in enumerate(line) if not np.isnan(value))
        parts.append(f'<g class="{"first" if name == first else "other"}"><title>{escape(name)}</title>')
        parts.append(f'<polyline points="{points}"/>')
        parts.append(_text(LEFT + wide + 8, ends[name] + 4, name.replace("_", " "), "start") + "</g>")
    return "".join([*parts, "</svg>"])


def _spread(places: Mapping[str, float]) -> dict[str, float]:
    """The heights of names, moved down where two would lie on each other."""
    out: dict[str, float] = {}
    last = -APART
    for name, place in sorted(places.items(), key=lambda item: item[1]):
        last = max(place, last + APART)
        out[name] = last
    over = max(last - (TALL - BOTTOM), 0.0)
    return {name: place - over for name, place in out.items()}


def _number(value: float) -> str:
    return f"{value:.6g}"


def _open(width: int, height: float, label: str) -> str:
    return f'<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{escape(label)}">'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'

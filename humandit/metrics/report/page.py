"""The page: films, plots, the table and what everything means, in one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from ..evaluate import FilmScores
from ..figures import BY_NAME, Figure, present
from .films import data_uri, side_by_side
from .plots import intervals, over_frames
from .style import STYLE

PLOTTED = ("person_psnr", "person_ssim", "person_perceptual", "perceptual", "pck", "hand_pck", "palette", "flicker")
LINES = ("person_ssim", "person_perceptual")
"""Figures that are drawn over the frames."""
BOUNDS = ("vae_only", "ground_truth")
"""Rows that nobody can win against."""
FOUND = ("pck", "hand_pck", "face_pck", "palette")
"""Figures in which even the truth is not perfect; in the others its dot would only push the rest together."""


@dataclass(frozen=True)
class Shown:
    """A clip on the page: its heading, and films [T, H, W, 3] by label; one of a single frame is held."""

    heading: str
    films: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Report:
    """What a page tells.

    Attributes:
        title: its heading. about: one sentence below.
        rows: rival -> figures, with ``interval``; the first is the one in question.
        names: rival -> what it is.
        numbers: text -> value, shown large.
        features: figure -> where its features come from.
    """

    title: str
    about: str
    rows: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    numbers: Mapping[str, str]
    features: Mapping[str, str]

    @property
    def first(self) -> str:
        return next(iter(self.rows))


def page(
    report: Report, scores: Mapping[str, Sequence[FilmScores]], seams: Sequence[int], shown: Sequence[Shown], fps: float
) -> str:
    """The HTML text.

    Args:
        scores: rival -> its films' scores. seams: frames at which a new segment starts.
        shown: clips whose films are on the page. fps: their speed.
    """  # fmt: skip
    figures = present(list(report.rows.values()))  # type: ignore[arg-type]
    parts = [
        f"<h1>{escape(report.title)}</h1><p class='soft'>{escape(report.about)}</p>",
        _numbers(report.numbers),
        _films(shown, report.first, fps),
        "<h2>Figures with their intervals</h2><p class='soft'>Dots are means over clips; lines hold 95 % of the means "
        "when the clips are drawn again (bootstrap).</p>",
        _interval_plots(report),
        "<h2>Over the frames</h2><p class='soft'>Means over clips. Dashed: a new segment starts; what falls behind it "
        "is drift.</p>",
        _frame_plots(report, scores, seams),
        "<h2>The whole table</h2><p class='soft'>Bold: the best that is not a bound. Small: 95 % intervals.</p>",
        _table(report, figures),
        _meanings(report, figures),
    ]
    head = f"<meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>{escape(report.title)}"
    top = f"<!doctype html><html lang='en'><head>{head}</title><style>{STYLE}</style></head>"
    return f"{top}<body><main>{''.join(parts)}</main></body></html>\n"


def _numbers(numbers: Mapping[str, str]) -> str:
    cards = [
        f"<div class='number'><b>{escape(value)}</b><span>{escape(name)}</span></div>"
        for name, value in numbers.items()
    ]
    return f"<div class='numbers'>{''.join(cards)}</div>"


def _films(shown: Sequence[Shown], first: str, fps: float) -> str:
    parts = ["<h2>Films</h2>"] if shown else []
    for clip in shown:
        kinds = ["first" if label == first else "" for label in clip.films]
        labels = "".join(f"<span class='{kind}'>{escape(label.replace('_', ' '))}</span>"
                         for kind, label in zip(kinds, clip.films, strict=True))  # fmt: skip
        columns = f"grid-template-columns: repeat({len(clip.films)}, 1fr)"
        picture = data_uri(side_by_side(clip.films), fps)
        parts.append(
            f"<figure class='film'><figcaption>{escape(clip.heading)}</figcaption>"
            f"<div class='labels' style='{columns}'>{labels}</div>"
            f"<img src='{picture}' alt='{escape(', '.join(clip.films))}'></figure>"
        )
    return "".join(parts)


def _interval_plots(report: Report) -> str:
    plots = []
    for figure in (BY_NAME[name] for name in PLOTTED):
        marks = {
            name: (row[figure.name], *row["interval"][figure.name])
            for name, row in report.rows.items()
            if figure.name in row and (name != "ground_truth" or figure.name in FOUND)
        }
        if report.first in marks:
            plots.append(_plot(figure, intervals(figure, marks, report.first)))
    return f"<div class='plots'>{''.join(plots)}</div>"


def _frame_plots(report: Report, scores: Mapping[str, Sequence[FilmScores]], seams: Sequence[int]) -> str:
    plots = []
    for figure in (BY_NAME[name] for name in LINES):
        lines = {name: frame_means(scores[name], figure.name) for name in report.rows if name not in BOUNDS}
        lines = {name: line for name, line in lines.items() if len(line) > 1 and not np.isnan(line).all()}
        if report.first in lines:
            plots.append(_plot(figure, over_frames(figure, lines, report.first, seams)))
    return f"<div class='plots'>{''.join(plots)}</div>"


def frame_means(scores: Sequence[FilmScores], name: str) -> np.ndarray:
    """[T] mean over films of one figure's frames; NaN where no film knows it. Films may differ in length."""
    lines = [one.frames[name] for one in scores if name in one.frames]
    if not lines:
        return np.zeros(0)
    padded = np.full((len(lines), max(map(len, lines))), np.nan)
    for row, line in zip(padded, lines, strict=True):
        row[: len(line)] = line
    known = ~np.isnan(padded)
    return np.where(known.any(0), np.where(known, padded, 0).sum(0) / np.maximum(known.sum(0), 1), np.nan)


def _plot(figure: Figure, svg: str) -> str:
    better = "higher is better" if figure.higher else "lower is better"
    return f"<figure class='plot'><figcaption>{escape(figure.title)} <span>· {better}</span></figcaption>{svg}</figure>"


def _table(report: Report, figures: Sequence[Figure]) -> str:
    best = {figure.name: _best(report.rows, figure) for figure in figures}
    heads = "".join(f"<th>{escape(f.title)} {'&uarr;' if f.higher else '&darr;'}</th>" for f in figures)
    lines = [f"<thead><tr><th></th>{heads}</tr></thead><tbody>"]
    for name, row in report.rows.items():
        kind = "first" if name == report.first else "bound" if name in BOUNDS else ""
        cells = "".join(_cell(figure, row, best[figure.name] == name) for figure in figures)
        lines.append(f"<tr class='{kind}'><th>{escape(name.replace('_', ' '))}</th>{cells}</tr>")
    return f"<div class='table'><table>{''.join(lines)}</tbody></table></div>"


def _best(rows: Mapping[str, Mapping[str, Any]], figure: Figure) -> str | None:
    values = {name: row[figure.name] for name, row in rows.items() if figure.name in row and name not in BOUNDS}
    return (max if figure.higher else min)(values, key=lambda name: values[name]) if values else None


def _cell(figure: Figure, row: Mapping[str, Any], best: bool) -> str:
    if figure.name not in row:
        return "<td></td>"
    ends = row.get("interval", {}).get(figure.name)
    small = f"<small>{ends[0]:.{figure.digits}f} … {ends[1]:.{figure.digits}f}</small>" if ends else ""
    return f"<td class='{'best' if best else ''}'>{row[figure.name]:.{figure.digits}f}{small}</td>"


def _meanings(report: Report, figures: Sequence[Figure]) -> str:
    rivals = "".join(f"<dt>{escape(name.replace('_', ' '))}</dt><dd>{escape(report.names.get(name, ''))}</dd>"
                     for name in report.rows)  # fmt: skip
    columns = "".join(f"<dt>{escape(f.title)}</dt><dd>{escape(f.what)}{_source(report, f)}</dd>" for f in figures)
    return f"<h2>Who is compared</h2><dl>{rivals}</dl><h2>What the figures mean</h2><dl>{columns}</dl>"


def _source(report: Report, figure: Figure) -> str:
    source = report.features.get(figure.name)
    return f" ({escape(source)})" if source else ""

"""Histograms as SVG text, for pages that need nothing from outside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WIDTH, HEIGHT, FOOT = 260, 96, 18
"""Pixels of a histogram, and of the line of numbers under it."""
BINS = 24


def histogram(values: Sequence[float], limit: float, least: bool) -> str:
    """Bars of ``values``, a line at ``limit``; bars on the wrong side of it are red. ``least``: small is wrong."""
    low, high = min(*values, limit), max(*values, limit)
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(values, BINS, (low, high))
    step, tall = WIDTH / BINS, HEIGHT / max(counts.max(), 1)
    bars = []
    for count, left, right in zip(counts, edges, edges[1:], strict=False):
        if count:
            wrong = right <= limit if least else left >= limit
            x = (left - low) / (high - low) * WIDTH
            colour = "bad" if wrong else "good"
            bars.append(
                f'<rect class="{colour}" x="{x:.1f}" y="{HEIGHT - count * tall:.1f}" width="{step - 1:.1f}" '
                f'height="{count * tall:.1f}"><title>{left:.3g} to {right:.3g}: {count}</title></rect>'
            )
    at = (limit - low) / (high - low) * WIDTH
    line = f'<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{HEIGHT}"/>'
    feet = (
        f'<text x="0" y="{HEIGHT + 13}">{low:.3g}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT + 13}" text-anchor="end">{high:.3g}</text>'
    )
    size = f'viewBox="0 0 {WIDTH} {HEIGHT + FOOT}" width="{WIDTH}" height="{HEIGHT + FOOT}"'
    return f'<svg {size} role="img"><path d="M0 {HEIGHT}H{WIDTH}"/>{"".join(bars)}{line}{feet}</svg>'

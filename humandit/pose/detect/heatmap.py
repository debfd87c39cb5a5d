"""Landmarks moved to where a heat map puts them."""

from __future__ import annotations

import numpy as np

WINDOW = 4
"""Cells on each side of a landmark that refine it."""
SURE = 0.5
"""Heat from which a landmark's neighbourhood counts."""


def refined(unit: np.ndarray, heatmap: np.ndarray) -> np.ndarray:
    """Landmarks [K, 2] (0..1) moved to the centre of mass of their neighbourhood, where it is sure.

    Args:
        unit: x and y; landmarks outside the map stay.
        heatmap: [H, W, K] logits.
    """
    size = np.array([heatmap.shape[1], heatmap.shape[0]])
    cell = (unit * size).astype(int)
    steps = np.arange(-WINDOW, WINDOW + 1)
    x, y = (
        np.broadcast_to(a, (len(unit), len(steps), len(steps)))
        for a in (cell[:, 0, None, None] + steps, cell[:, 1, None, None] + steps[:, None])
    )
    inside = (x >= 0) & (x < size[0]) & (y >= 0) & (y < size[1])
    logits = heatmap[y.clip(0, size[1] - 1), x.clip(0, size[0] - 1), np.arange(len(unit))[:, None, None]]
    heat = np.where(inside, 1 / (1 + np.exp(-logits.astype(np.float64))), 0)
    mass = [(heat * axis).sum((1, 2)) for axis in (x, y)]
    centre = np.stack(mass, -1) / np.maximum(heat.sum((1, 2)), 1e-12)[:, None] / size
    moves = (heat.max((1, 2)) >= SURE) & ((cell >= 0) & (cell < size)).all(1)
    return np.where(moves[:, None], centre, unit)

"""How sure a mean over clips is: percentile bootstrap (Efron 1979). Clips are drawn again with replacement."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

DRAWS = 1000
COVER = 0.95
Interval = tuple[float, float]
"""Low and high end that 95 % of the draws lie between."""


def interval(values: np.ndarray, weights: np.ndarray | None = None, seed: int = 0) -> Interval:
    """Of the mean of ``values`` [clips]; clips that are NaN do not count.

    Args:
        values: one number per clip.
        weights: [clips]; the mean is sum(values * weights) / sum(weights), as a share over all keypoints is.
        seed: of the draws; the same clips are drawn for every rival, so that differences compare.
    """
    known = ~np.isnan(values)
    weight = (np.ones(len(values)) if weights is None else weights.astype(float)) * known
    if not weight.any():
        return 0.0, 0.0
    top = np.where(known, values, 0) * weight
    means = [top[pick].sum() / weight[pick].sum() for pick in _draws(len(values), seed) if weight[pick].any()]
    low, high = np.quantile(means, [(1 - COVER) / 2, (1 + COVER) / 2])
    return float(low), float(high)


def _draws(clips: int, seed: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    for _ in range(DRAWS):
        yield rng.integers(0, clips, clips)

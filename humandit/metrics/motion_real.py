"""Made motion beside what real motion is like: the range of its measures, the distance that it keeps itself, and
whether an energy that was asked for can be measured in the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..motion.energy import energy_of
from ..pose.sequence import PoseSequence
from .frechet import features, frechet_distance
from .motion_rivals import TrueFilm
from .motion_shake import MEASURES, Measure

RANGE = (5, 95)
"""Percentiles of real films between which a motion counts as real in one measure."""


def motion_distance(
    made: Sequence[PoseSequence], real: Sequence[PoseSequence], heights: Sequence[float], others: Sequence[float]
) -> float:
    """Fréchet distance of motions of people ``heights`` pixels tall from real ones of people ``others`` tall."""
    ours, theirs = (
        np.concatenate([features(*pair) for pair in zip(each, tall, strict=True)])
        for each, tall in ((made, heights), (real, others))
    )
    return frechet_distance(ours, theirs)


def halves_distance(films: Sequence[TrueFilm]) -> float:
    """Of the films' second halves from their first: what a perfect model would keep, since a film that goes on shows
    the same person through the same camera."""
    heights, middle = [film.height for film in films], len(films[0].poses) // 2
    first, second = ([film.poses[part] for film in films] for part in (slice(0, middle), slice(middle, 2 * middle)))
    return motion_distance(second, first, heights, heights)


def ranges(
    made: Sequence[PoseSequence], heights: Sequence[float], real: Sequence[TrueFilm]
) -> dict[str, dict[str, float]]:
    """Per measure of :data:`.motion_shake.MEASURES`, over the means of each film: ``model`` (their mean), ``low`` and
    ``high`` of real films (percentiles ``RANGE``), and ``within``, the share of the made films that lies between."""
    return {name.removesuffix("_ratio"): _range(measure, made, heights, real) for name, measure in MEASURES.items()}


def _range(
    measure: Measure, made: Sequence[PoseSequence], heights: Sequence[float], real: Sequence[TrueFilm]
) -> dict[str, float]:
    ours = np.array([measure(poses, height) for poses, height in zip(made, heights, strict=True)])
    low, high = np.nanpercentile([measure(film.poses, film.height) for film in real], RANGE)
    within = float(np.mean((ours >= low) & (ours <= high)))
    return {"model": float(np.nanmean(ours)), "low": float(low), "high": float(high), "within": within}


def share_of(poses: PoseSequence, height: float) -> float:
    """The measured energy as the share of usual motion that is calmer, 0..1; NaN where it cannot be measured."""
    from scipy.special import ndtr

    return float(ndtr(energy_of(poses, height)))


def obedience(made: Mapping[float, Sequence[PoseSequence]], heights: Sequence[float]) -> dict[str, float]:
    """Energy that was asked for -> mean share that is measured in the results; both 0..1."""
    return {
        f"{asked:g}": float(np.nanmean([share_of(*pair) for pair in zip(each, heights, strict=True)]))
        for asked, each in made.items()
    }

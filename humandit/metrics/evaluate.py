"""Evaluation: how close do films come to the truth, whose are better, and how sure is that?

This page knows clips and films, and nothing about who made them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .bootstrap import interval
from .figures import BY_NAME, HEADLINES
from .frechet import frechet_distance, gaussian_distance
from .judge import FilmScores, Judge, Tools, TrueClip
from .parts import NAMES

__all__ = ["FilmScores", "Tools", "TrueClip", "clip_means", "compare", "judged", "margins", "row", "standing"]

SUBSTITUTES = ("fd_random", "fd_random_vid")
"""Fréchet distances on random features are told in spreads of the real ones, whose scale means nothing."""
PCK = {"body": "pck", **{part: f"{part}_pck" for part in NAMES if part != "body"}}

Row = dict[str, Any]
Judged = dict[str, list[FilmScores]]
"""Rival -> its films' scores, clip by clip; "truth" holds the truth's features."""


def judged(
    films: Mapping[str, Sequence[np.ndarray]],
    clips: Sequence[TrueClip],
    tools: Tools,
    on_clip: Callable[[int], None] = lambda done: None,
) -> Judged:
    """Scores of every rival's films, one per clip; ``on_clip`` is told how many clips are done."""
    scores: Judged = {name: [] for name in (*films, "truth")}
    for index, clip in enumerate(clips):
        judge = Judge(clip, tools)
        for name, made in films.items():
            scores[name].append(judge.score(made[index]))
        scores["truth"].append(FilmScores({}, {}, judge.features))
        on_clip(index + 1)
    return scores


def clip_means(scores: FilmScores, frames: slice = slice(None)) -> dict[str, float]:
    """Figure -> mean over the chosen frames of one film; what does not count there is left out."""
    means = {name: _mean(values[frames]) for name, values in scores.frames.items()}
    for part, counts in scores.counts.items():
        found, wanted = counts[frames].sum(0)
        means[PCK[part]] = found / wanted if wanted else np.nan
    return {name: float(value) for name, value in means.items() if not np.isnan(value)}


def row(scores: Sequence[FilmScores], truth: Sequence[FilmScores], segments: Sequence[slice], seed: int = 0) -> Row:
    """One line of the table.

    Args:
        scores: one film's per clip. truth: that of the truth, for its features.
        segments: the frames of each segment; the first and the last tell the drift.
        seed: of the bootstrap.

    Returns:
        figure -> mean over clips (keypoints: the share over all); ``interval`` {figure: [low, high]}; ``segments``,
        the same figures for each; ``drift``, the last segment less the first.
    """
    figures = means_over_clips(scores)
    parts = [means_over_clips(scores, frames) for frames in segments]
    drift = {name: parts[-1][name] - parts[0][name] for name in parts[-1] if name in parts[0]} if parts[1:] else {}
    return {
        **figures,
        **set_distances(scores, truth),
        "interval": {name: list(_interval(scores, name, seed)) for name in figures},
        "segments": parts,
        "drift": drift,
    }


def means_over_clips(scores: Sequence[FilmScores], frames: slice = slice(None)) -> dict[str, float]:
    """Figure -> mean of the clips' means; of keypoints the share over all clips."""
    means = [clip_means(one, frames) for one in scores]
    names = dict.fromkeys(name for mean in means for name in mean)
    out = {name: float(np.mean([mean[name] for mean in means if name in mean])) for name in names}
    for part, name in PCK.items():
        found, wanted = sum((one.counts[part][frames].sum(0) for one in scores if part in one.counts), np.zeros(2))
        if wanted:
            out[name] = float(found / wanted)
    return out


def set_distances(scores: Sequence[FilmScores], truth: Sequence[FilmScores]) -> dict[str, float]:
    """Fréchet distances of all films from all true ones; left out where either has fewer than two samples."""
    out = {}
    for name in scores[0].features:
        made, real = (
            np.concatenate([one.features[name] for one in each]).astype(np.float64) for each in (scores, truth)
        )
        if min(len(made), len(real)) > 1:
            out[name] = (frechet_distance if name in SUBSTITUTES else gaussian_distance)(made, real)
    return out


def margins(model: Sequence[FilmScores], rival: Sequence[FilmScores], seed: int = 0) -> Row:
    """Headline figure -> [mean, low, high] of how much better the model is than the rival, clip by clip; above 0 is
    better, whichever way the figure runs."""
    out: Row = {}
    for name in HEADLINES:
        ours, theirs = (np.array([clip_means(one).get(name, np.nan) for one in each]) for each in (model, rival))
        gain = (ours - theirs) * (1 if BY_NAME[name].higher else -1)
        if not np.isnan(gain).all():
            out[name] = [float(np.nanmean(gain)), *interval(gain, seed=seed)]
    return out


def compare(
    films: Mapping[str, Sequence[np.ndarray]],
    clips: Sequence[TrueClip],
    tools: Tools,
    segments: Sequence[slice] = (slice(None),),
    seed: int = 0,
) -> Row:
    """:func:`judged`, :func:`row` and :func:`standing` in one."""
    return table(judged(films, clips, tools), segments, seed)


def table(scores: Judged, segments: Sequence[slice] = (slice(None),), seed: int = 0) -> Row:
    """rival -> its :func:`row`; how the first one stands; ``clips``, how many they are."""
    rivals = {name: each for name, each in scores.items() if name != "truth"}
    rows = {name: row(each, scores["truth"], segments, seed) for name, each in rivals.items()}
    first = next(iter(rivals))
    gains = {name: margins(rivals[first], each, seed) for name, each in rivals.items() if name != first}
    return {**rows, **standing(rivals, rows), "margins": gains, "clips": len(scores["truth"])}


def standing(scores: Mapping[str, Sequence[FilmScores]], rows: Mapping[str, Row]) -> Row:
    """``closed``: (model - repeat) / (vae_only - repeat) in person_psnr, the share of the reachable gain that the model
    reaches; ``wins``: share of clips in which the model beats the repeated reference there. Empty where one of the
    three is missing."""
    names = ("model", "repeat_reference", "vae_only")
    if not set(names) <= set(rows) or "person_psnr" not in rows["model"]:
        return {}
    model, repeat, best = (rows[name]["person_psnr"] for name in names)
    gains = [clip_means(m)["person_psnr"] - clip_means(r)["person_psnr"]
             for m, r in zip(scores["model"], scores["repeat_reference"], strict=True)]  # fmt: skip
    reach = best - repeat
    return {"closed": (model - repeat) / reach if reach > 0 else 0.0, "wins": float(np.mean(np.array(gains) > 0))}


def _interval(scores: Sequence[FilmScores], name: str, seed: int) -> tuple[float, float]:
    values = np.array([clip_means(one).get(name, np.nan) for one in scores])
    part = next((part for part, figure in PCK.items() if figure == name), None)
    weights = None if part is None else np.array([one.counts[part][:, 1].sum() for one in scores])
    return interval(values, weights, seed)


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan

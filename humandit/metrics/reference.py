"""Our detector beside the implementation that its nets come from: do they agree, and which is quicker."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from ..pose import skeleton as coco
from ..pose.detect import Detector
from ..pose.sequence import VISIBLE
from .detectors import PARTS
from .holistic import Answer, Holistic

WARM = 3
"""Frames at the start of a film that are not timed: both still search there."""
SOMEBODY_ELSE = 1.0
"""Mean distance of the body points, in sides of the box around the reference's, from which each follows another."""


def ours(detector: Detector, frames: np.ndarray) -> Answer:
    """What our detector says about a film, and when."""
    marks = [(time.perf_counter(), time.process_time())]
    poses = detector.detect(frames, 30.0, lambda _: marks.append((time.perf_counter(), time.process_time())))
    return Answer(poses.xy, poses.score, np.diff(marks, axis=0))


def side_by_side(
    detector: Detector, holistic: Holistic, films: Sequence[np.ndarray], rounds: int
) -> list[tuple[Answer, Answer]]:
    """(ours, the reference's) of every film in every round.

    They take turns film by film, and at being first, so that whatever else the machine does slows both alike.
    """
    pairs = []
    for turn in range(rounds):
        for number, frames in enumerate(films):
            if (turn + number) % 2:
                theirs = holistic(frames)
                pairs.append((ours(detector, frames), theirs))
            else:
                pairs.append((ours(detector, frames), holistic(frames)))
    return pairs


def agreement(pairs: Sequence[tuple[Answer, Answer]]) -> dict[str, float]:
    """How far apart the points lie that both see.

    Returns:
        ``agreement_px`` (all points), ``body_px``, ``hand_px``, ``face_px``: mean distances in pixels, each with its
        ``*_median_px``; ``*_found`` and ``*_reference_found``: points seen by ours and by the reference, as shares of
        all points; ``frames``: frames in which both see the same person, and only these count; ``other_frames``:
        frames in which each follows somebody else, in films of several people.
    """
    xy, other = (np.concatenate([pair[i].xy for pair in pairs]) for i in (0, 1))
    seen, also = (np.concatenate([pair[i].score for pair in pairs]) >= VISIBLE for i in (0, 1))
    apart, both = np.linalg.norm(xy - other, axis=-1), seen & also
    people, same = _same_person(apart, both, other)
    scores: dict[str, float] = {"frames": int(same.sum()), "other_frames": int((people & ~same).sum())}
    for part, joints in {"agreement": np.arange(coco.COUNT), **PARTS}.items():
        distance = apart[same][:, joints][both[same][:, joints]]
        if distance.size:
            scores[f"{part}_px"] = float(distance.mean())
            scores[f"{part}_median_px"] = float(np.median(distance))
            scores[f"{part}_found"] = float(seen[same][:, joints].mean())
            scores[f"{part}_reference_found"] = float(also[same][:, joints].mean())
    return scores


def _same_person(apart: np.ndarray, both: np.ndarray, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two masks [T]: frames in which both see somebody, and of these the ones in which it is one person."""
    apart, both, xy = (values[:, coco.BODY_SLICE] for values in (apart, both, xy))
    shared = both.sum(1)
    mean = (apart * both).sum(1) / np.maximum(shared, 1)
    low, high = (np.where(both[..., None], xy, edge) for edge in (np.inf, -np.inf))
    return shared > 0, (shared > 0) & (mean < SOMEBODY_ELSE * (high.max(1) - low.min(1)).max(-1))


def speed(pairs: Sequence[tuple[Answer, Answer]]) -> dict[str, float]:
    """Median times of one frame.

    Returns:
        ``ms_per_frame`` and ``reference_ms_per_frame`` by the clock, ``speed_ratio`` reference / ours (more than 1:
        ours is quicker); ``cpu_ms_per_frame``, ``reference_cpu_ms_per_frame``, ``cpu_ratio``: the same of the
        processor's time, summed over cores, which says more where other programs run.
    """
    mine, theirs = (1000 * np.median(np.concatenate([pair[i].seconds[WARM:] for pair in pairs]), 0) for i in (0, 1))
    names = ("ms_per_frame", "cpu_ms_per_frame")
    scores = {name: float(ms) for name, ms in zip(names, mine, strict=True)}
    scores |= {f"reference_{name}": float(ms) for name, ms in zip(names, theirs, strict=True)}
    ratio = theirs / mine
    return {**scores, "speed_ratio": float(ratio[0]), "cpu_ratio": float(ratio[1])}

"""Identity switches: how often the tracker takes one person for another, on films whose people are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from ..pose import skeleton as coco
from ..pose.detect.protocol import Detector
from ..pose.sequence import PoseSequence
from ..pose.track import track

NEAR = 0.15
"""Mean distance of the seen body points, in true body boxes, up to which a tracked pose is on a true one."""

IN_SIGHT = 0.5
"""Share of a person that nobody may cover for them to count as in sight."""


@runtime_checkable
class TrueFilm(Protocol):
    """A film of several people with everything known: frames [T, H, W, 3], poses, ``shown`` [people, T] in 0..1."""

    @property
    def frames(self) -> np.ndarray: ...
    @property
    def poses(self) -> Sequence[PoseSequence]: ...
    @property
    def shown(self) -> np.ndarray: ...


def tracking_scores(detector: Detector, films: Iterable[TrueFilm]) -> dict[str, float]:
    """Sums over all films: identity switches, people too many or too few, and the mean share of poses covered."""
    switches, wrong, covered = 0, 0, []
    for film in films:
        people = [person.poses for person in track(detector, film.frames, film.poses[0].fps)]
        count, share = identity_switches(people, film.poses, film.shown > IN_SIGHT)
        switches += count
        wrong += abs(len(people) - len(film.poses))
        covered.append(share)
    return {"identity_switches": switches, "people_wrong": wrong, "covered": float(np.mean(covered))}


def identity_switches(
    found: Sequence[PoseSequence], truth: Sequence[PoseSequence], shown: np.ndarray
) -> tuple[int, float]:
    """How often the number that covers a true person changes, and the share of true poses that are covered at all.

    Args:
        found: tracked people. truth: the true people, as many frames each.
        shown: [people, frames] bool, where somebody is in sight; who is hidden is neither covered nor switched.

    As in CLEAR-MOT: in each frame the nearest pair is matched first; a switch counts whenever a person is
    covered by another number than the last time they were covered.
    """
    last: dict[int, int] = {}
    switches = covered = 0
    for t in range(len(truth[0])):
        for person, number in _pairs(found, [(i, true) for i, true in enumerate(truth) if shown[i, t]], t):
            switches += last.get(person, number) != number
            last[person] = number
            covered += 1
    return switches, covered / max(int(shown.sum()), 1)


def _pairs(found: Sequence[PoseSequence], truth: Sequence[tuple[int, PoseSequence]], t: int) -> list[tuple[int, int]]:
    """(true person, tracked number) of frame t, nearest first, each used once."""
    gaps = sorted((_gap(f, true, t), i, j) for i, true in truth for j, f in enumerate(found))
    pairs: list[tuple[int, int]] = []
    for gap, person, number in gaps:
        if gap <= NEAR and all(person != p and number != n for p, n in pairs):
            pairs.append((person, number))
    return pairs


def _gap(found: PoseSequence, true: PoseSequence, t: int) -> float:
    body = coco.BODY_SLICE
    both = found.visible[t, body] & true.visible[t, body]
    if both.sum() < 3:
        return np.inf
    box = float(np.ptp(true.xy[t, body], axis=0).max())
    return float(np.linalg.norm(found.xy[t, body] - true.xy[t, body], axis=-1)[both].mean()) / max(box, 1.0)

"""How well motion is continued from one pose, and how well poses are mended, against simple rivals.

All distances are in heights of the person. Refinement: the truth is a held-out film; its first frame is the picture's
pose, the frames behind the bridge are the aligned sequence, clean or with faults. Generation: the truth is the
distribution of held-out motion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidPose
from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence
from .motion_real import halves_distance, motion_distance, ranges
from .motion_rivals import TrueFilm, cubic, hold, linear, noise_walk, paste
from .motion_shake import BODY, MEASURES

HANDS = np.r_[coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE]
FACE = np.r_[coco.FACE_SLICE]
ALL = np.arange(coco.COUNT)

Refine = Callable[[PoseSequence, PoseSequence, int], PoseSequence]
"""(picture's pose, m aligned frames, tau) -> 1 + tau + m frames."""
RunAll = Callable[..., Iterable[PoseSequence]]
"""``map``, or a pool's, which runs several at once."""


@dataclass(frozen=True)
class Task:
    """A refinement whose result is known.

    Attributes:
        truth: 1 + tau + m frames, the first is the picture's. aligned: m frames as given, with faults.
        tau: frames of the bridge. height: of the person, pixels.
    """

    truth: PoseSequence
    aligned: PoseSequence
    tau: int
    height: float

    def __post_init__(self) -> None:
        if len(self.truth) != 1 + self.tau + len(self.aligned) or len(self.aligned) < 1:
            raise InvalidPose(
                f"A task of tau {self.tau} and {len(self.aligned)} aligned frames needs a truth of "
                f"{1 + self.tau + len(self.aligned)} frames, got {len(self.truth)}."
            )

    @property
    def picture(self) -> PoseSequence:
        return self.truth[:1]

    @property
    def clean(self) -> PoseSequence:
        """The aligned frames as they should be."""
        return self.truth[self.tau + 1 :]


def refinement_scores(refine: Refine, tasks: Sequence[Task], run_all: RunAll = map) -> dict[str, Any]:
    """tau_error {model, linear, cubic} on clean films, hand_error, face_error and body_error {model, input} on faulty
    ones, clean_error: what the model does to aligned frames that were right."""
    bridged = list(run_all(lambda task: refine(task.picture, task.clean, task.tau), tasks))
    mended = list(run_all(lambda task: refine(task.picture, task.aligned, task.tau), tasks))
    clean = [_apart(made[t.tau + 1 :], t.clean, ALL, t) for made, t in zip(bridged, tasks, strict=True)]
    return {
        "tau_error": bridge_errors(bridged, tasks),
        **part_errors(mended, tasks),
        "clean_error": float(np.nanmean(clean)),
    }


def bridge_errors(made: Sequence[PoseSequence], tasks: Sequence[Task]) -> dict[str, float]:
    """Errors of body and feet on the bridge's frames: the model's and the interpolations'. Only joints count that the
    picture and the first aligned frame show, for the others cannot be interpolated."""
    ways = {
        "model": made,
        "linear": [linear(t.picture, t.clean, t.tau) for t in tasks],
        "cubic": [cubic(t.picture, t.clean, t.tau) for t in tasks],
    }
    scores: dict[str, float] = {}
    for name, results in ways.items():
        errors = []
        for result, task in zip(results, tasks, strict=True):
            ends, bridge = task.picture.visible & task.clean.visible[:1], slice(1, task.tau + 1)
            errors.append(_apart(result[bridge], task.truth[bridge], BODY, task, ends))
        scores[name] = float(np.nanmean(errors))
    return scores


def part_errors(made: Sequence[PoseSequence], tasks: Sequence[Task]) -> dict[str, dict[str, float]]:
    """Errors of the parts on aligned frames, of the model's results and of their input, over joints that the input
    shows."""
    parts = {"hand_error": HANDS, "face_error": FACE, "body_error": BODY}
    ways = {
        "model": [result[task.tau + 1 :] for result, task in zip(made, tasks, strict=True)],
        "input": [task.aligned for task in tasks],
    }
    return {
        part: {
            name: float(
                np.nanmean(
                    [_apart(r, t.clean, joints, t, t.aligned.visible) for r, t in zip(results, tasks, strict=True)]
                )
            )
            for name, results in ways.items()
        }
        for part, joints in parts.items()
    }


def _apart(
    made: PoseSequence, truth: PoseSequence, joints: np.ndarray, task: Task, counted: np.ndarray | None = None
) -> float:
    return distance(made, truth, joints, counted) / task.height


def distance(made: PoseSequence, truth: PoseSequence, joints: np.ndarray, counted: np.ndarray | None = None) -> float:
    """Mean distance in pixels over ``joints`` that ``truth`` shows (and ``counted`` [T, K] bool); NaN if none."""
    wanted = truth.visible if counted is None else truth.visible & counted
    apart = np.linalg.norm(made.xy - truth.xy, axis=-1)[:, joints][wanted[:, joints]]
    return float(apart.mean()) if apart.size else float("nan")


@dataclass(frozen=True)
class Rest:
    """What generation is compared with beside the films that it starts from.

    Attributes:
        others: films of training, one per film, to paste from.
        again: as many more held-out films: other people and cameras.
        longer: as many held-out films of twice the length.
    """

    others: Sequence[TrueFilm]
    again: Sequence[TrueFilm]
    longer: Sequence[TrueFilm]


def generation_scores(made: Sequence[Sequence[PoseSequence]], films: Sequence[TrueFilm], rest: Rest) -> dict[str, Any]:
    """Scores of motion made from the first frames of ``films``, as long as these.

    Args:
        made: one list per seed, each with one motion per film.

    Returns:
        frechet {model, hold, noise, paste, real, other} (see :mod:`.frechet`), diversity over seeds, first_frame_error
        in pixels, the ratios of :data:`.motion_shake.MEASURES` to real motion, and their ranges. "real" is the distance
        that films keep from their own next seconds, "other" that of films of other people through other cameras: their
        pictures show other parts of the body, which alone makes a distance.
    """
    real, heights = [film.poses for film in films], [film.height for film in films]
    ways = _ways(made[0], films, rest.others)
    distances = {name: motion_distance(each, real, heights, heights) for name, each in ways.items()}
    again = [film.poses for film in rest.again], [film.height for film in rest.again]
    first = max(float(np.abs(m.xy[0] - film.xy[0]).max()) for m, film in zip(made[0], real, strict=True))
    return {
        "frechet": {
            **distances,
            "real": halves_distance(rest.longer),
            "other": motion_distance(again[0], real, again[1], heights),
        },
        "diversity": diversity(made, heights),
        "first_frame_error": first,
        **ratios(made[0], real, heights),
        "ranges": ranges(made[0], heights, [*films, *rest.again]),
    }


def _ways(
    made: Sequence[PoseSequence], films: Sequence[TrueFilm], others: Sequence[TrueFilm]
) -> Mapping[str, Sequence[PoseSequence]]:
    rng = np.random.default_rng(0)
    still = [hold(film.poses[:1], len(film.poses) - 1) for film in films]
    walks = [noise_walk(film.poses[:1], len(film.poses) - 1, film.height, rng) for film in films]
    pasted = [paste(film.poses[:1], film.height, other) for film, other in zip(films, others, strict=True)]
    return {"model": made, "hold": still, "noise": walks, "paste": pasted}


def diversity(made: Sequence[Sequence[PoseSequence]], heights: Sequence[float]) -> float:
    """Mean distance of body joints of the same picture at the same moment under the first two seeds; 0 for one."""
    if len(made) < 2:
        return 0.0
    return float(np.nanmean([distance(a, b, BODY) / h for a, b, h in zip(made[0], made[1], heights, strict=True)]))


def ratios(made: Sequence[PoseSequence], real: Sequence[PoseSequence], heights: Sequence[float]) -> dict[str, float]:
    """How much faster, jerkier and looser in its bones the made motion is; 1 is as real motion."""
    means = {
        name: [np.nanmean([measure(*pair) for pair in zip(each, heights, strict=True)]) for each in (made, real)]
        for name, measure in MEASURES.items()
    }
    return {name: float(ours / max(theirs, 1e-9)) for name, (ours, theirs) in means.items()}


def off_canvas(poses: PoseSequence) -> float:
    """Share of the frames in which the middle of the shown body joints lies outside the canvas."""
    shown = poses.visible[:, BODY, None]
    middle = (poses.xy[:, BODY] * shown).sum(1) / np.maximum(shown.sum(1), 1)
    return float(np.mean(np.any((middle < 0) | (middle >= [poses.canvas.width, poses.canvas.height]), axis=-1)))

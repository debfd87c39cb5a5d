"""``humandit motion evaluate``: the Keypoint-DiT on held-out bodies, clips and acts, beside simple rivals."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...data.motion import Film
    from ...metrics.motion import Rest, Task
    from ...motion.generate import Manner
    from ...motion.model import KeypointDiT
    from ...pose.sequence import PoseSequence

    RunAll = Callable[..., Iterator[Any]]

SEEDS = 2
"""Motions made from every picture."""
LONG, LONG_FILMS = 20.0, 2
"""Seconds of the motions that must stay on the canvas, and how many."""
AGAIN = 100_000
"""Seeds between the films that are scored and those they are compared with."""
ENERGIES, ENERGY_FILMS = (0.1, 0.5, 0.9), 8
"""Energies that are asked for, and of how many films."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """On how much, with which weights."""
    parser.add_argument("--weights", default="mini", help="a bundled name or a .safetensors file; default: mini")
    parser.add_argument("--films", type=int, default=48, help="held-out films, 8 or more; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each, 2 or more; default: %(default)s")
    parser.add_argument("--tau", type=int, default=8, help="frames of the bridge; default: %(default)s")
    parser.add_argument("--steps", type=int, default=20, help="of generation; default: %(default)s")
    parser.add_argument("--refine-steps", type=int, help="of refinement; default: its usual ones")
    parser.add_argument("--guidance", type=float, default=1.0, help="of refinement; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the first film and the noise; default: %(default)s")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Scores; distances are in heights of the person."""
    from ...data.motion import FPS, draw_film
    from ...errors import HumanDiTError
    from ...weights.load import load_motion
    from .spread import spread

    frames = round(args.seconds * FPS) + 1
    if args.films < 8 or args.seconds < 2 or not 1 <= args.tau < frames // 2:
        raise HumanDiTError(
            f"Motion is scored on 8 films of 2 seconds or more, tau from 1 to half of their {frames} frames, got "
            f"{args.films} films, {args.seconds} s and tau {args.tau}."
        )
    started, model = time.perf_counter(), load_motion(args.weights)
    films = [draw_film(args.seed + i, "heldout", frames) for i in range(args.films)]
    with spread() as run_all:
        refine = _refinement(model, films, args, run_all)
        generate = _generation(model, films, args, run_all)
    return {
        "refine": _rounded(refine),
        "generate": _rounded(generate),
        "films": args.films, "seconds_each": args.seconds, "tau": args.tau, "steps": args.steps,
        "seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip


def _refinement(model: KeypointDiT, films: list[Film], args: argparse.Namespace, run_all: RunAll) -> dict[str, Any]:
    from ...metrics.motion import refinement_scores
    from ...motion.refine import USUAL, refine_motion
    from ...motion.start import MotionSampling

    steps = USUAL.steps if args.refine_steps is None else args.refine_steps
    sampling = MotionSampling(steps=steps, guidance=args.guidance, seed=args.seed)

    def refine(picture: PoseSequence, aligned: PoseSequence, tau: int) -> PoseSequence:
        return refine_motion(model, picture, aligned, tau, sampling=sampling)

    tasks = [_task(film, args.tau, args.seed + i) for i, film in enumerate(films)]
    scores = refinement_scores(refine, tasks, run_all)
    _say("refined")
    return scores


def _task(film: Film, tau: int, seed: int) -> Task:
    """A film with the faults of its seed behind the bridge."""
    import numpy as np

    from ...data.motion import corrupted
    from ...metrics.motion import Task

    faulty = corrupted(film.poses[tau + 1 :], film.height, np.random.default_rng((seed, 25)))
    return Task(film.poses, faulty, tau, film.height)


def _generation(model: KeypointDiT, films: list[Film], args: argparse.Namespace, run_all: RunAll) -> dict[str, Any]:
    from ...metrics.motion import generation_scores

    frames = len(films[0].poses) - 1

    def made(seed: int) -> list[PoseSequence]:
        return list(run_all(lambda film: _continued(model, film, frames, args.steps, args.seed + seed), films))

    scores = generation_scores([made(seed) for seed in range(SEEDS)], films, _rest(args, frames + 1))
    _say("generated")
    lively = _energies(model, films[:ENERGY_FILMS], args, run_all)
    _say("asked for energies")
    return {**scores, "energy": lively, **_long(model, films[:LONG_FILMS], args)}


def _rest(args: argparse.Namespace, frames: int) -> Rest:
    """Films that are looked at, but not begun from."""
    from ...data.motion import draw_film
    from ...metrics.motion import Rest

    seeds = range(args.seed, args.seed + args.films)
    return Rest(
        others=[draw_film(seed, "train", frames) for seed in seeds],
        again=[draw_film(seed + AGAIN, "heldout", frames) for seed in seeds],
        longer=[draw_film(seed, "heldout", 2 * frames) for seed in seeds],
    )


def _energies(model: KeypointDiT, films: list[Film], args: argparse.Namespace, run_all: RunAll) -> dict[str, float]:
    """What is measured where an energy was asked for, in motions of one window; "real" is that of the films."""
    from ...metrics.motion_real import obedience, share_of
    from ...motion.generate import Manner

    frames = model.config.window - 1

    def made(energy: float) -> list[PoseSequence]:
        manner = Manner(energy)
        return list(run_all(lambda film: _continued(model, film, frames, args.steps, args.seed, manner), films))

    real = [share_of(film.poses, film.height) for film in films]
    found = obedience({energy: made(energy) for energy in ENERGIES}, [film.height for film in films])
    return {**found, "real": sum(real) / len(real)}


def _long(model: KeypointDiT, films: list[Film], args: argparse.Namespace) -> dict[str, float]:
    """Whether long motions stay on the canvas, with and without the camera that follows; one after the other, so that
    their time is what somebody waits for."""
    from ...metrics.motion import off_canvas
    from ...motion.inside import kept_inside

    fps, started = films[0].poses.fps, time.perf_counter()
    made = [_continued(model, film, round(LONG * fps), args.steps, args.seed) for film in films]
    spent = time.perf_counter() - started
    return {
        "off_canvas_20s": max(off_canvas(kept_inside(poses)) for poses in made),
        "off_canvas_20s_raw": max(off_canvas(poses) for poses in made),
        "seconds_per_second": spent / (LONG * len(made)),
    }


def _continued(  # noqa: PLR0913 - from where, how far and how
    model: KeypointDiT, film: Film, frames: int, steps: int, seed: int, manner: Manner | None = None
) -> PoseSequence:
    from ...motion.generate import FREE, continue_motion
    from ...motion.start import MotionSampling

    return continue_motion(model, film.poses[:1], frames, manner or FREE, MotionSampling(steps=steps, seed=seed))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {k: _rounded(v) if isinstance(v, dict) else round(v, 5) for k, v in values.items()}

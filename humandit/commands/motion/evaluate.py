"""``humandit motion evaluate``: the Keypoint-DiT on held-out bodies, clips and acts, beside simple rivals."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...data.motion import Film
    from ...metrics.motion import Task
    from ...motion.model import KeypointDiT
    from ...pose.sequence import PoseSequence

SEEDS = 2
"""Motions made from every picture."""
LONG, LONG_FILMS = 20.0, 2
"""Seconds of the motions that must stay on the canvas, and how many."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """On how much, with which weights."""
    parser.add_argument("--weights", default="mini", help="a bundled name or a .safetensors file; default: mini")
    parser.add_argument("--films", type=int, default=48, help="held-out films, 8 or more; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each, 2 or more; default: %(default)s")
    parser.add_argument("--tau", type=int, default=8, help="frames of the bridge; default: %(default)s")
    parser.add_argument("--steps", type=int, default=20, help="of the sampler; default: %(default)s")
    parser.add_argument("--guidance", type=float, default=1.0, help="of refinement; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the first film and the noise; default: %(default)s")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Scores; distances are in heights of the person."""
    from ...data.motion import FPS, draw_film
    from ...errors import HumanDiTError
    from ...weights.load import load_motion

    frames = round(args.seconds * FPS) + 1
    if args.films < 8 or args.seconds < 2 or not 1 <= args.tau < frames // 2:
        raise HumanDiTError(
            f"Motion is scored on 8 films of 2 seconds or more, tau from 1 to half of their {frames} frames, got "
            f"{args.films} films, {args.seconds} s and tau {args.tau}."
        )
    started, model = time.perf_counter(), load_motion(args.weights)
    films = [draw_film(args.seed + i, "heldout", frames) for i in range(args.films)]
    others = [draw_film(args.seed + i, "train", frames) for i in range(args.films)]
    _say(f"{2 * args.films} films in {time.perf_counter() - started:.0f} s")
    refine = _refinement(model, films, args)
    return {
        "refine": _rounded(refine),
        "generate": _rounded(_generation(model, films, others, args)),
        "films": args.films, "seconds_each": args.seconds, "tau": args.tau, "steps": args.steps,
        "seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip


def _refinement(model: KeypointDiT, films: list[Film], args: argparse.Namespace) -> dict[str, Any]:
    from ...metrics.motion import refinement_scores
    from ...motion.refine import refine_motion
    from ...motion.start import MotionSampling

    sampling = MotionSampling(steps=args.steps, guidance=args.guidance, seed=args.seed)

    def refine(picture: PoseSequence, aligned: PoseSequence, tau: int) -> PoseSequence:
        return refine_motion(model, picture, aligned, tau, sampling=sampling)

    scores = refinement_scores(refine, [_task(film, args.tau, args.seed + i) for i, film in enumerate(films)])
    _say("refined")
    return scores


def _task(film: Film, tau: int, seed: int) -> Task:
    """A film with the faults of its seed behind the bridge."""
    import numpy as np

    from ...data.motion import corrupted
    from ...metrics.motion import Task

    faulty = corrupted(film.poses[tau + 1 :], film.height, np.random.default_rng((seed, 25)))
    return Task(film.poses, faulty, tau, film.height)


def _generation(model: KeypointDiT, films: list[Film], others: list[Film], args: argparse.Namespace) -> dict[str, Any]:
    from ...metrics.motion import generation_scores, off_canvas

    frames = len(films[0].poses) - 1
    started = time.perf_counter()
    made = [[_continued(model, film, frames, args, seed) for film in films] for seed in range(SEEDS)]
    spent = time.perf_counter() - started
    _say("generated")
    fps = films[0].poses.fps
    long = [_continued(model, film, round(LONG * fps), args, 0) for film in films[:LONG_FILMS]]
    return {
        **generation_scores(made, films, others),
        "off_canvas_20s": max(off_canvas(poses) for poses in long),
        "seconds_per_second": spent / (SEEDS * len(films) * frames / fps),
    }


def _continued(model: KeypointDiT, film: Film, frames: int, args: argparse.Namespace, seed: int) -> PoseSequence:
    from ...motion.generate import continue_motion
    from ...motion.start import MotionSampling

    sampling = MotionSampling(steps=args.steps, seed=args.seed + seed)
    return continue_motion(model, film.poses[:1], frames, sampling=sampling)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {k: _rounded(v) if isinstance(v, dict) else round(v, 5) for k, v in values.items()}

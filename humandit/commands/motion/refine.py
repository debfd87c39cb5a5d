"""``humandit motion refine``: from a picture's pose into a film's motion, and the faults in it mended."""

from __future__ import annotations

import argparse
import functools
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...motion.steps import REFINE_STEPS
from .inputs import STRONGEST, add_common, add_picture, found, sampling_of, saved
from .outputs import progress, rounded, written

if TYPE_CHECKING:
    from ...pose.sequence import PoseSequence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Pose of a picture and poses of a film in, whole poses out."""
    add_picture(parser, "--picture-poses")
    motion = parser.add_mutually_exclusive_group(required=True)
    motion.add_argument("--poses", type=Path, metavar="FILE", help="the motion to follow, saved as JSON")
    motion.add_argument("--film", type=Path, help="or a film of it")
    parser.add_argument(
        "--person", default=STRONGEST, metavar="WHO",
        help="whose motion: strongest, or a number; in a film also largest or a point X,Y; default: %(default)s",
    )  # fmt: skip
    parser.add_argument("--fps", type=float, help="speed of --poses, for files that name none")
    parser.add_argument(
        "--adapt", action=argparse.BooleanOptionalAction, default=True,
        help="put the motion on the body in the picture first; 'no' for poses that were adapted before; default: yes",
    )  # fmt: skip
    parser.add_argument("--tau", type=int, default=8, help="frames of the bridge; default: %(default)s")
    for part in ("body", "hands", "face"):
        parser.add_argument(
            f"--{part}", type=float, default=1.0, metavar="STRENGTH",
            help="1 takes the model's points, 0 keeps those given; default: %(default)s",
        )  # fmt: skip
    add_common(parser, guidance=1.0, steps=REFINE_STEPS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """What was changed, in percent of the person's height, and the seconds that it took."""
    from ...motion.blend import Strengths
    from ...motion.changes import changes
    from ...motion.refine import refine_motion
    from ...weights.load import load_motion

    sampling, strengths = sampling_of(args), Strengths(args.body, args.hands, args.face)
    model = load_motion(args.weights)
    picture, aligned = _given(args)
    on_step, began = progress(aligned.fps, model.config), time.perf_counter()
    refined = refine_motion(model, picture, aligned, args.tau, strengths, sampling, on_step)
    spent = time.perf_counter() - began
    what = {name: rounded(value) for name, value in asdict(changes(aligned, refined[1 + args.tau :])).items()}
    return {
        **written(refined, args),
        "model_fps": model.config.fps,
        "tau": args.tau,
        "filled": what.pop("filled"),
        "changed": what,
        "seconds": round(spent, 3),
    }


def _given(args: argparse.Namespace) -> tuple[PoseSequence, PoseSequence]:
    """Pose of the picture, and the motion, by default on its body."""
    from ...media.read import read_film
    from ...pose.adapt import adapt
    from ...pose.checks import speed
    from ...pose.detect import load_detector
    from ...pose.track import follow

    fps = None if args.fps is None else speed(args.fps)
    load = functools.cache(load_detector)  # once for both, and only where somebody must be found
    if args.film:
        film = read_film(args.film)
        motion = follow(load(args.detector), film.frames, film.fps, args.person)[1].poses
    else:
        motion = saved(args.poses, fps, args.person)
    picture = (
        found(load(args.detector), args.image, motion.fps) if args.image else saved(args.picture_poses, motion.fps)[:1]
    )
    return picture, adapt(picture, motion) if args.adapt else motion

"""``humandit motion generate``: the person in a picture moves on, for as long as you like."""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...motion.steps import GENERATE_STEPS
from .inputs import STRONGEST, add_common, add_picture, found, sampling_of, saved
from .outputs import progress, rounded, written

if TYPE_CHECKING:
    from ...pose.sequence import PoseSequence

FREE = "free"
"""Said instead of an energy: the model chooses."""
FPS = 25.0
"""Speed of a motion from a picture; the model's own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Picture or poses in, motion out."""
    add_picture(parser, "--poses")
    parser.add_argument("--seconds", type=float, default=10.0, help="of new motion; default: %(default)s")
    parser.add_argument("--fps", type=float, help=f"of the result; default: the file's, {FPS:g} for a picture")
    parser.add_argument(
        "--energy", type=_energy, default=0.5, metavar="E",
        help=f"0 hardly moves, 0.5 is usual, 1 is wild; '{FREE}' leaves it to the model; default: %(default)s",
    )  # fmt: skip
    parser.add_argument("--example", type=Path, metavar="FILE", help="poses of anybody, whose manner is taken up")
    parser.add_argument(
        "--person", default=STRONGEST, metavar="WHO",
        help="strongest, or a number; in a picture also largest or a point X,Y; default: %(default)s",
    )  # fmt: skip
    parser.add_argument(
        "--keep-inside", action=argparse.BooleanOptionalAction, default=True,
        help="follow the person like a camera, so that head, trunk and legs stay in the picture; default: yes",
    )  # fmt: skip
    add_common(parser, guidance=1.5, steps=GENERATE_STEPS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Figures of the new motion; ``seconds`` is its length, ``seconds_per_second`` the time that each took."""
    from ...motion.generate import Manner, continue_motion
    from ...motion.inside import kept_inside
    from ...weights.load import load_motion

    sampling, seconds = sampling_of(args), _length(args.seconds)
    manner = Manner(args.energy, None if args.example is None else saved(args.example, None))
    model = load_motion(args.weights)
    start, given_fps = _start(args)
    on_step, began = progress(start.fps, model.config), time.perf_counter()
    made = continue_motion(model, start, round(seconds * start.fps), manner, sampling, on_step)
    spent = time.perf_counter() - began
    before, moving = made[: len(start) - 1], made[len(start) - 1 :]
    moving = kept_inside(moving) if args.keep_inside else moving
    fresh = (len(moving) - 1) / start.fps
    return {
        **written(before.concat(moving), args),
        "given_fps": given_fps,
        "model_fps": model.config.fps,
        "seconds": round(fresh, 3),
        "seconds_per_second": round(spent / fresh, 4),
        "energy_asked": FREE if args.energy is None else args.energy,
        **_measured(moving),
    }


def _start(args: argparse.Namespace) -> tuple[PoseSequence, float]:
    """Poses to go on from, at the speed of the result and with the last one as it is, and the speed that they had."""
    from ...pose.checks import speed
    from ...pose.detect import load_detector

    fps = None if args.fps is None else speed(args.fps)
    if args.image is not None:
        poses = found(load_detector(args.detector), args.image, fps or FPS, args.person)
    else:
        poses = saved(args.poses, fps, args.person)
    return poses[::-1].resampled(fps or poses.fps)[::-1], poses.fps


def _measured(moving: PoseSequence) -> dict[str, float | None]:
    """Energy, on the scale of ``--energy``, and the share of frames whose person is off the canvas."""
    from ...metrics.motion import off_canvas
    from ...motion.energy import energy_of, share_of_energy
    from ...motion.height import height_of

    energy = share_of_energy(energy_of(moving, height_of(moving)))
    return {"energy": rounded(energy), "off_canvas": rounded(off_canvas(moving))}


def _length(seconds: float) -> float:
    from ...errors import HumanDiTError

    if not 0 < seconds < math.inf:
        raise HumanDiTError(f"A motion lasts more than 0 seconds, got {seconds:g}. Ask for a longer time.")
    return seconds


def _energy(text: str) -> float | None:
    """A share, or None for ``FREE``."""
    if text == FREE:
        return None
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1 or '{FREE}', got {text!r}") from None

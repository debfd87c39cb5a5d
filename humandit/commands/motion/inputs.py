"""What both tasks of the motion model are given: a picture or pose files, weights, and how to sample."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...motion.start import MotionSampling
    from ...pose.detect import Detector
    from ...pose.sequence import PoseSequence

STRONGEST = "strongest"


def add_picture(parser: argparse.ArgumentParser, poses: str) -> None:
    """``--image``, or ``poses``: the option that gives its pose as a file."""
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--image", type=Path, metavar="P", help="picture of the person")
    start.add_argument(poses, type=Path, metavar="FILE", help="or poses saved as JSON")


def add_common(parser: argparse.ArgumentParser, guidance: float, steps: int) -> None:
    """Whom to look at, how to sample, where the result goes."""
    parser.add_argument("--out", type=Path, required=True, metavar="POSES.json", help="the pose file to write")
    parser.add_argument("--video", type=_film, metavar="FILM.mp4", help="write the moving skeleton, too")
    parser.add_argument("--weights", default="mini", help="'mini' or a file of the motion model; default: %(default)s")
    parser.add_argument("--detector", default="mediapipe", help="pose detector; default: %(default)s")
    parser.add_argument("--steps", type=int, default=steps, help="denoising steps; default: %(default)s")
    parser.add_argument("--guidance", type=float, default=guidance, help="1 switches it off; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="another one, another motion; default: %(default)s")


def sampling_of(args: argparse.Namespace) -> MotionSampling:
    """How to denoise."""
    from ...motion.start import MotionSampling

    return MotionSampling(steps=args.steps, guidance=args.guidance, seed=args.seed)


def found(detector: Detector, path: Path, fps: float, who: str = STRONGEST) -> PoseSequence:
    """Somebody's pose in a picture."""
    from ...media.read import read_image
    from ...pose.track import follow

    return follow(detector, read_image(path)[None], fps, who)[1].poses


def saved(path: Path, fps: float | None, who: str = STRONGEST) -> PoseSequence:
    """Somebody's poses in a file of any kind; ``fps`` counts where it names none."""
    from ...errors import InvalidPose
    from ...pose.formats import DEFAULT_FPS, load_any, load_people, pick

    fps = DEFAULT_FPS if fps is None else fps
    if who == STRONGEST:
        return load_any(path, fps)
    if not who.isdecimal():
        raise InvalidPose(f"People in a pose file have numbers from 0 on, or are the {STRONGEST}; got {who!r}.")
    return pick(load_people(path, fps), int(who))


def _film(text: str) -> Path:
    """A name that films can have: told before a long run, not after it."""
    if Path(text).suffix.lower() != ".mp4":
        raise argparse.ArgumentTypeError(f"a film is written as .mp4, got {text!r}")
    return Path(text)

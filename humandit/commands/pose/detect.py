"""``humandit pose detect``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from .detectors import add_detector, chosen_detector


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Film in, pose file out."""
    parser.add_argument("film", type=Path, metavar="FILM")
    parser.add_argument("--out", type=Path, required=True, metavar="POSES.json")
    add_detector(parser)
    parser.add_argument(
        "--person", default="strongest", metavar="WHO", help="strongest, largest, a number, a point X,Y or everyone"
    )
    parser.add_argument("--frames", type=int, metavar="N", help="look at the first N frames only")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Detect and save."""
    from ...media.read import read_frames
    from ...pose.formats import save_json
    from ...pose.track import EVERYONE, follow

    film = read_frames(args.film, args.frames)
    detector = chosen_detector(args)
    start = time.perf_counter()
    people, chosen = follow(detector, film.frames, film.fps, args.person)
    seconds = time.perf_counter() - start
    save_json([p.poses for p in people] if args.person == EVERYONE else chosen.poses, args.out)
    return {
        "people": len(people),
        "frames": len(film.frames),
        "fps": round(film.fps, 3),
        "detector": detector.name,
        "device": detector.device,
        "seconds": round(seconds, 3),
    }

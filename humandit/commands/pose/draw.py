"""``humandit pose draw``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .files import add_reading, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Pose file in, film out."""
    parser.add_argument("poses", type=Path, metavar="POSES", help="a JSON file, or the folder that OpenPose wrote")
    parser.add_argument("--out", type=Path, required=True, metavar="FILM.mp4")
    parser.add_argument(
        "--lines", choices=("by size", "dwpose", "xinsir"), default="by size", help="width of the lines"
    )
    add_reading(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Draw and write."""
    from ...media.write import write_mp4
    from ...pose.draw import draw

    people = load(args)
    first, size = people[0], people[0].canvas
    frames = write_mp4(args.out, draw(people, lines=args.lines), first.fps)
    return {"video": str(args.out), "frames": frames, "fps": first.fps, "width": size.width, "height": size.height}

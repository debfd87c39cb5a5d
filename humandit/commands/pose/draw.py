"""``humandit pose draw``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .files import add_speed, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Pose file in, film out."""
    parser.add_argument("poses", type=Path, metavar="POSES.json")
    parser.add_argument("--out", type=Path, required=True, metavar="FILM.mp4")
    add_speed(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Draw and write."""
    from ...media.write import write_mp4
    from ...pose.draw import draw

    poses = load(args)
    frames = write_mp4(args.out, draw(poses), poses.fps)
    size = poses.canvas
    return {"video": str(args.out), "frames": frames, "fps": poses.fps, "width": size.width, "height": size.height}

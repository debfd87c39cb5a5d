"""Pose files as the actions read them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...pose.sequence import PoseSequence


def add_speed(parser: argparse.ArgumentParser) -> None:
    """``--fps`` for files that name none."""
    parser.add_argument("--fps", type=float, help="speed of a POSE_KEYPOINT file, which names none")


def load(args: argparse.Namespace) -> PoseSequence:
    """The file ``args.poses``."""
    from ...pose.formats import DEFAULT_FPS, load_any

    return load_any(args.poses, args.fps or DEFAULT_FPS)

"""Pose files as the actions read them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...pose.sequence import PoseSequence


def add_reading(parser: argparse.ArgumentParser) -> None:
    """What other tools' files do not say, and whom to take out of a file."""
    parser.add_argument("--fps", type=float, help="speed of the film, for files that name none (all but our own)")
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="size of the film in pixels, for files of OpenPose, COCO and MMPose"
    )
    parser.add_argument(
        "--person", type=_person, metavar="N", help='one person only: 0 is the first in the file, or "strongest"'
    )


def load(args: argparse.Namespace) -> list[PoseSequence]:
    """The people in the file ``args.poses``, or the one that was asked for."""
    from ...pose.formats import DEFAULT_FPS, load_any, load_people, pick
    from ...types import Canvas

    canvas = Canvas(*args.size) if args.size else None
    fps = DEFAULT_FPS if args.fps is None else args.fps
    if args.person == "strongest":
        return [load_any(args.poses, fps, canvas)]
    people = load_people(args.poses, fps, canvas)
    return people if args.person is None else [pick(people, args.person)]


def _size(text: str) -> tuple[int, int]:
    """Width and height out of a text like 640x480."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"expected a size like 640x480, got {text!r}")
    return int(width), int(height)


def _person(text: str) -> int | str:
    if text != "strongest" and not text.isdecimal():
        raise argparse.ArgumentTypeError(f'expected a number from 0 on or "strongest", got {text!r}')
    return text if text == "strongest" else int(text)

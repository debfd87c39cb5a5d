"""The options that choose a detector, shared by the actions that detect."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...pose.detect import Detector


def add_detector(parser: argparse.ArgumentParser) -> None:
    """Which detector, and where its nets lie."""
    from ...pose.detect import DETECTORS, WHOLE_FRAME

    parser.add_argument("--detector", default=DETECTORS[0], help=f"{', '.join(DETECTORS)}; default: %(default)s")
    parser.add_argument("--nets", type=Path, metavar="FOLDER", help="where the nets lie; default: the cache")
    parser.add_argument("--weights", metavar="FILE", help="the pose net; default: the one in the folder that fits")
    parser.add_argument(
        "--person-weights",
        metavar="FILE",
        help=f"the net that finds people, or '{WHOLE_FRAME}': the first frame is taken whole for one person, who is "
        "then followed; default: the one in the folder that fits, if there is one",
    )


def chosen_detector(args: argparse.Namespace) -> Detector:
    """The detector that the options name."""
    from ...pose.detect import load_detector

    return load_detector(args.detector, args.nets, weights=args.weights, person_weights=args.person_weights)

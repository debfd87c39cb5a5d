"""``humandit pose convert``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from .files import add_reading, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Pose file of any kind in, pose file of another kind out."""
    parser.add_argument("poses", type=Path, metavar="IN", help="a JSON file, or the folder that OpenPose wrote")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.json")
    parser.add_argument("--to", choices=("pose_keypoint", "humandit", "coco"), required=True)
    parser.add_argument("--dialect", choices=("aux", "sdpose"), default="aux", help="default: %(default)s")
    parser.add_argument("--fractions", action="store_true", help="pose_keypoint: 0..1 instead of pixels")
    add_reading(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Convert and write."""
    from ...pose.formats import save_json, to_pose_keypoint, write_text
    from ...pose.results_file import to_coco

    people = load(args)
    if args.to == "humandit":
        save_json(people, args.out)
    elif args.to == "coco":
        write_text(args.out, json.dumps(to_coco(people)))
    else:
        write_text(args.out, json.dumps(to_pose_keypoint(people, args.dialect, args.fractions)))
    first = people[0]
    return {
        "poses": str(args.out),
        "format": args.to,
        "people": len(people),
        "frames": len(first),
        "fps": first.fps,
    }

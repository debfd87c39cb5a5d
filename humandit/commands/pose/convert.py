"""``humandit pose convert``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from .files import add_speed, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Pose file in, pose file of another format out."""
    parser.add_argument("poses", type=Path, metavar="IN.json")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.json")
    parser.add_argument("--to", choices=("pose_keypoint", "humandit"), required=True)
    parser.add_argument("--dialect", choices=("aux", "sdpose"), default="aux", help="default: %(default)s")
    add_speed(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Convert and write."""
    from ...pose.formats import save_json, to_pose_keypoint, write_text

    poses = load(args)
    if args.to == "humandit":
        save_json(poses, args.out)
    else:
        write_text(args.out, json.dumps(to_pose_keypoint(poses, args.dialect)))
    return {"poses": str(args.out), "format": args.to, "frames": len(poses), "fps": poses.fps}

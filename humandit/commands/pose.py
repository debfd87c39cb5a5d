"""``humandit pose``: find poses in a film, draw them, turn them into other formats."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..pose.sequence import PoseSequence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The three actions and their options."""
    actions = parser.add_subparsers(dest="action", required=True)
    detect = actions.add_parser("detect", help="find one person's poses in a film or picture")
    detect.add_argument("film", type=Path, metavar="FILM")
    detect.add_argument("--out", type=Path, required=True, metavar="POSES.json")
    detect.add_argument("--detector", default="mediapipe", help="default: %(default)s")
    detect.add_argument("--nets", type=Path, metavar="FOLDER", help="where the nets lie; default: the cache")
    detect.add_argument("--frames", type=int, metavar="N", help="look at the first N frames only")
    draw = actions.add_parser("draw", help="draw poses as the stick figures that public pose models expect")
    draw.add_argument("poses", type=Path, metavar="POSES.json")
    draw.add_argument("--out", type=Path, required=True, metavar="FILM.mp4")
    convert = actions.add_parser("convert", help="turn pose files into one another")
    convert.add_argument("poses", type=Path, metavar="IN.json")
    convert.add_argument("--out", type=Path, required=True, metavar="OUT.json")
    convert.add_argument("--to", choices=("pose_keypoint", "humandit"), required=True)
    convert.add_argument("--dialect", choices=("aux", "sdpose"), default="aux", help="default: %(default)s")
    for action in (draw, convert):
        action.add_argument("--fps", type=float, help="speed of a POSE_KEYPOINT file, which names none")
    for action in (detect, draw, convert):
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Do what the parsed arguments say; the dictionary is the command's result."""
    return {"detect": _detect, "draw": _draw, "convert": _convert}[args.action](args)


def _detect(args: argparse.Namespace) -> dict[str, Any]:
    from ..media.read import read_frames
    from ..pose.detect import load_detector
    from ..pose.formats import save_json

    film = read_frames(args.film, args.frames)
    detector = load_detector(args.detector, args.nets)
    start = time.perf_counter()
    poses = detector.detect(film.frames, film.fps)
    seconds = time.perf_counter() - start
    save_json(poses, args.out)
    return {
        "people": 1,
        "frames": len(poses),
        "fps": round(poses.fps, 3),
        "detector": detector.name,
        "device": detector.device,
        "seconds": round(seconds, 3),
    }


def _draw(args: argparse.Namespace) -> dict[str, Any]:
    from ..media.write import write_mp4
    from ..pose.draw import draw

    poses = _load(args)
    frames = write_mp4(args.out, draw(poses), poses.fps)
    size = poses.canvas
    return {"video": str(args.out), "frames": frames, "fps": poses.fps, "width": size.width, "height": size.height}


def _convert(args: argparse.Namespace) -> dict[str, Any]:
    from ..pose.formats import save_json, to_pose_keypoint, write_text

    poses = _load(args)
    if args.to == "humandit":
        save_json(poses, args.out)
    else:
        write_text(args.out, json.dumps(to_pose_keypoint(poses, args.dialect)))
    return {"poses": str(args.out), "format": args.to, "frames": len(poses), "fps": poses.fps}


def _load(args: argparse.Namespace) -> PoseSequence:
    from ..pose.formats import DEFAULT_FPS, load_any

    return load_any(args.poses, args.fps or DEFAULT_FPS)

"""``humandit data synthetic|build``: rendered people, or labelled clips out of raw films, in shards."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import HumanDiTError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``humandit data``."""
    kinds = parser.add_subparsers(dest="kind", required=True)
    synthetic = kinds.add_parser("synthetic", help="rendered people with exact poses")
    synthetic.add_argument("--out", type=Path, required=True, help="folder for the shards")
    synthetic.add_argument("--clips", type=int, default=1024, help="number of clips (default 1024)")
    synthetic.add_argument("--frames", type=int, default=17, help="frames per clip (default 17)")
    synthetic.add_argument("--size", type=int, default=128, help="side of the square frames, pixels (default 128)")
    synthetic.add_argument("--split", choices=("train", "heldout"), default="train")
    synthetic.add_argument("--seed", type=int, default=0, help="seed of the first clip")
    synthetic.add_argument("--fps", type=float, default=12.5)
    synthetic.add_argument("--workers", type=int, default=max((os.cpu_count() or 2) // 2, 1), help="processes")
    synthetic.add_argument("--json", action="store_true", help="print the result as JSON")
    _add_build(kinds.add_parser("build", help="raw films -> labelled clips of one person each"))


def _add_build(build: argparse.ArgumentParser) -> None:
    from ..data.clips.settings import Settings
    from ..data.clips.text import CHOICES
    from ..pose.detect import DETECTORS

    usual = Settings()
    build.add_argument("source", type=Path, metavar="IN", help="a film, or a folder of films and folders")
    build.add_argument("--out", type=Path, required=True, metavar="SHARDS", help="folder; run again, it is continued")
    build.add_argument(
        "--detector", choices=DETECTORS, default=usual.detector, help="finds poses; default: %(default)s"
    )
    build.add_argument("--nets", type=Path, metavar="FOLDER", help="where the detector's nets lie")
    build.add_argument("--weights", type=Path, metavar="FILE", help="the pose net, where there is a choice")
    build.add_argument("--persons", type=Path, metavar="FILE", help="person net (YOLOX, YOLOv10, RTMDet as ONNX)")
    build.add_argument("--cotracker", type=Path, metavar="FILE", help="TorchScript; default: Lucas-Kanade")
    build.add_argument("--text", choices=CHOICES, default=usual.text, help="default: RapidOCR where it is installed")
    build.add_argument(
        "--quality",
        type=Path,
        metavar="FOLDER",
        help="weights of Q-Align, read by its package q_align; default: a simple measure",
    )
    build.add_argument("--clarity", metavar="FILE", help='made by "train clarity", or "simple"; default: as bundled')
    build.add_argument(
        "--fps", type=float, default=usual.fastest, help="frames per second at most; default: %(default)g"
    )
    build.add_argument("--side", type=int, default=usual.side, help="pixels of a frame at most; default: %(default)s")
    build.add_argument("--seconds", type=float, default=usual.longest, help="of a clip at most; default: %(default)g")
    build.add_argument("--clips", type=int, default=usual.clips, help="per shard; default: %(default)s")
    build.add_argument(
        "--rule", action="append", default=[], metavar="NAME=NUMBER", help="a rule with another number; may be repeated"
    )
    build.add_argument("--workers", type=int, default=max((os.cpu_count() or 2) // 2, 1), help="films at a time")
    build.add_argument("--address", help='a Ray cluster, "auto" or "local"; default: processes of this machine, no Ray')
    build.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Make the data; returns counts."""
    return _build(args) if args.kind == "build" else _synthetic(args)


def _build(args: argparse.Namespace) -> dict[str, Any]:
    from ..data.clips.run import build
    from ..data.clips.settings import Settings

    if args.workers < 1:
        raise HumanDiTError(f"--workers must be at least 1, got {args.workers}.")
    settings = Settings(
        args.detector, args.nets, args.weights, args.persons, args.cotracker, args.text, args.quality, args.clarity,
        args.fps, args.side, args.seconds, args.clips, tuple(args.rule),
    )  # fmt: skip
    return build(args.source, args.out, settings, _say, args.workers, args.address)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _synthetic(args: argparse.Namespace) -> dict[str, Any]:
    """Render what is not there yet; returns counts and speed."""
    from ..data.synthetic.mocap import fetch_clips
    from ..data.synthetic.shards import Order, write_shard

    if args.clips < 1 or args.workers < 1:
        raise HumanDiTError(f"--clips and --workers must be at least 1, got {args.clips} and {args.workers}.")
    order = Order(args.out, args.split, args.clips, args.frames, args.size, args.seed, args.fps)
    fetch_clips()  # once, before several processes want it
    started, frames, written = time.monotonic(), 0, 0
    job = partial(write_shard, order)
    for done in _spread(job, order.shards, args.workers):
        frames, written = frames + done, written + (done > 0)
        print(f"{written} shards written, {frames / (time.monotonic() - started):.0f} frames/s", flush=True)
    return {
        "folder": str(args.out), "shards": order.shards, "written": written, "skipped": order.shards - written,
        "frames": frames, "frames_per_second": round(frames / max(time.monotonic() - started, 1e-9), 1),
    }  # fmt: skip


def _spread(job: Any, count: int, workers: int) -> Any:  # noqa: ANN401 - an iterator of frame counts
    if workers == 1:
        return map(job, range(count))
    # Each process owns an OpenGL context, which does not survive a fork: spawn.
    pool = multiprocessing.get_context("spawn").Pool(min(workers, count))
    return pool.imap_unordered(job, range(count))

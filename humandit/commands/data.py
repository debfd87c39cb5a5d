"""``humandit data synthetic``: render training films of synthetic people into shards."""

from __future__ import annotations

import argparse
import multiprocessing
import os
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


def run(args: argparse.Namespace) -> dict[str, Any]:
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

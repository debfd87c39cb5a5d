"""What both tasks of the motion model show and leave behind."""

from __future__ import annotations

import argparse
import math
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...motion.config import MotionConfig
    from ...motion.start import Progress
    from ...pose.sequence import PoseSequence


def progress() -> Progress:
    """Steps done and, measured on them, the seconds that are left, on one line of stderr."""
    started = time.perf_counter()

    def on_step(done: int, total: int, poses: PoseSequence) -> None:
        left = (time.perf_counter() - started) / done * (total - done)
        end = "\n" if done == total else ""
        print(f"\rstep {done}/{total}, about {left:.0f} s left  ", end=end, file=sys.stderr, flush=True)

    return on_step


def announce(poses: PoseSequence, config: MotionConfig) -> None:
    """Say so where the model has another speed than the poses."""
    if poses.fps != config.fps:
        text = f"{poses.fps:g} frames per second are brought to the model's {config.fps:g} and the result back"
        print(text, file=sys.stderr, flush=True)


def written(poses: PoseSequence, args: argparse.Namespace) -> dict[str, Any]:
    """Write what was asked for, frame by frame, and say what and where."""
    from ...media.write import write_mp4
    from ...pose.draw import draw
    from ...pose.formats import save_json

    save_json(poses, args.out)
    facts = {"out": str(args.out), "frames": len(poses), "fps": poses.fps}
    if args.video is None:
        return facts
    write_mp4(args.video, (draw(poses[t : t + 1])[0] for t in range(len(poses))), poses.fps)
    return {**facts, "video": str(args.video)}


def rounded(value: float) -> float | None:
    """For a result: short, and None for what could not be measured."""
    return None if math.isnan(value) else round(value, 4)

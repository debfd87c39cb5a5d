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


def progress(fps: float, config: MotionConfig) -> Progress:
    """Steps done and, measured on them, the seconds that are left, on one line of stderr. Before it, a word where poses
    of ``fps`` frames per second have another speed than the model's."""
    started = time.perf_counter()

    def on_step(done: int, total: int, poses: PoseSequence) -> None:
        if done == 1 and fps != config.fps:
            _say(f"{fps:g} frames per second are brought to the model's {config.fps:g} and the result back\n")
        left = (time.perf_counter() - started) / done * (total - done)
        _say(f"\rstep {done}/{total}, about {left:.0f} s left  " + "\n" * (done == total))

    return on_step


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


def _say(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)

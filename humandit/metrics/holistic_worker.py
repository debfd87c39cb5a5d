"""Runs MediaPipe's own Holistic in an environment of its own: paths of frames on stdin, answers on stdout.

Never imported by the pack: ``holistic.py`` starts it as a script. Each line names an ``.npz`` with ``frames``
[T, H, W, 3] uint8 RGB; the answer, beside it as ``.out.npz``, holds the points in pixels, NaN where a part is missing.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

PARTS = {"body": ("pose", 33), "left": ("left_hand", 21), "right": ("right_hand", 21), "face": ("face", 468)}
"""Our name of a part -> the graph's name, its number of points."""


def main(smooth: bool) -> None:
    """Answer until stdin closes; each film starts with a fresh graph."""
    from mediapipe.python.solutions.holistic import Holistic  # type: ignore

    say("ready")
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        frames = np.load(path)["frames"]
        with Holistic(static_image_mode=False, model_complexity=1, smooth_landmarks=smooth) as holistic:
            answers, seconds = zip(*(timed(holistic, frame) for frame in frames), strict=True)
        size = frames.shape[2], frames.shape[1]
        parts = {name: np.stack([points(a, *which, size) for a in answers]) for name, which in PARTS.items()}
        parts["seconds"] = np.array(seconds)
        np.savez(path.with_suffix(".out.npz"), **parts)  # type: ignore
        say(str(path))


def timed(holistic: Any, frame: np.ndarray) -> tuple[Any, tuple[float, float]]:
    """The graph's answer for one frame; its seconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = holistic.process(frame)
    return answer, (time.perf_counter() - clock, time.process_time() - processor)


def points(answer: Any, name: str, count: int, size: tuple[int, int]) -> np.ndarray:
    """[count, 4]: x, y in pixels, visibility, presence; NaN for a part that was not found."""
    found = getattr(answer, f"{name}_landmarks")
    if found is None:
        return np.full((count, 4), np.nan)
    return np.array([(p.x * size[0], p.y * size[1], p.visibility, p.presence) for p in found.landmark])


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main("smooth" in sys.argv[1:])

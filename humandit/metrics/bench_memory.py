"""Memory and time of the chain: a film of any length must fit where one segment fits, and its last segment must take
no longer than its first.

Every length runs in a process of its own, because memory that was taken once is seldom given back.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import HumanDiTError
from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence
from ..types import Canvas

PACKAGE = __name__.partition(".")[0]
MEGABYTE = 1 << 20


def peaks(lengths: Sequence[int], words: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(segments, what ``bench memory --once`` says of them) for every length, each in a fresh process.

    Args:
        lengths: segments per chain.
        words: further words of the command.
    """
    folder = str(Path(__file__).resolve().parents[2])
    known = os.environ.get("PYTHONPATH")
    environment = {**os.environ, "PYTHONPATH": folder if known is None else folder + os.pathsep + known}
    for length in lengths:
        command = [sys.executable, "-m", PACKAGE, "bench", "memory", "--once", str(length), *words, "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip() or "it said nothing").splitlines()[-1]
            raise HumanDiTError(f"The chain of {length} segments broke off: {last}")
        yield length, json.loads(done.stdout.strip().splitlines()[-1])


@dataclass(frozen=True)
class Chained:
    """What a chain gave: its frames, and the seconds that each segment took."""

    frames: int
    seconds: list[float]

    def halves(self) -> tuple[float, float]:
        """Median seconds per segment of the film's first and of its second half; the middle one counts in neither."""
        half = len(self.seconds) // 2
        return statistics.median(self.seconds[:half]), statistics.median(self.seconds[-half:])


def run_chain(segments: int, segment_frames: int, canvas: Canvas, model: str, preset: str, steps: int) -> Chained:
    """Make a film of ``segments`` segments as ``animate`` does, and drop every segment.

    The picture is grey and the motion a sway: neither costs memory by what it shows. Nothing is written, because a
    writer keeps frames of its own: x264 looks about 40 of them ahead.
    """
    import torch

    from ..pipeline import Models, Settings, render
    from ..video.sample import Sampling
    from ..weights.load import load_model, load_vae

    models = Models(load_model(model), load_vae(model))
    settings = Settings(canvas, segment_frames=segment_frames, sampling=Sampling(steps), preset=preset)
    poses = swaying(1 + segments * (segment_frames - 1), canvas, settings.fps)
    picture = torch.full((canvas.height, canvas.width, 3), 0.5)
    count, seconds, started = 0, [], time.perf_counter()
    for part in render(picture, poses, models, settings, lambda segment, done, total: None):
        count += len((part.frames * 255).round().byte().numpy())
        del part  # or it is kept while the next one is made
        seconds.append(time.perf_counter() - started)
        started = time.perf_counter()
    return Chained(count, seconds)


def swaying(frames: int, canvas: Canvas, fps: float) -> PoseSequence:
    """Poses with every joint in sight, swaying from side to side."""
    rng = np.random.default_rng(0)
    places = rng.uniform(0.2, 0.8, (1, coco.COUNT, 2)) * (canvas.width, canvas.height)
    sway = np.stack([np.sin(np.arange(frames)), np.zeros(frames)], axis=-1)[:, None]
    xy = (places + 0.1 * canvas.width * sway).astype(np.float32)
    return PoseSequence(xy, np.ones((frames, coco.COUNT), np.float32), canvas, fps)


def peak_megabytes() -> float:
    """The most memory that this process ever held, in MiB.

    From ``/proc`` where there is one: the number that ``getrusage`` gives there also counts the parent's at the start.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return int(lines["VmHWM"].split()[0]) / 1024
    try:
        import resource
    except ImportError as missing:
        raise HumanDiTError(
            "This system does not tell a process its peak memory. Measure on Linux or macOS."
        ) from missing
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (MEGABYTE if sys.platform == "darwin" else 1024)

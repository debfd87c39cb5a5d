"""A very long film by the small model, to see that nothing piles up: memory, time per segment, frames.

``python -m tools.soak`` makes 200 segments at 64 x 64 with a journal and an encoder, as ``animate`` does, breaks off in
the middle, goes on from the journal, and prints the memory after every tenth part. It fails when memory grew.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from humandit.journal import Shelf
from humandit.media.read import read_film
from humandit.media.write import write_mp4
from humandit.metrics.bench_memory import swaying
from humandit.pipeline import Models, Settings, render
from humandit.types import Canvas
from humandit.video.sample import Sampling
from humandit.weights.load import load_model, load_vae

MOST_GROWTH = 1.05
"""Memory of the last tenth over that of the second; the first still fills caches and the encoder."""
STATM = Path("/proc/self/statm")
PAGE = 4096


@dataclass(frozen=True)
class Mark:
    """After a segment: how many there were, MiB held, seconds since the one before."""

    segments: int
    megabytes: float
    seconds: float


def held_megabytes() -> float:
    """Memory that this process holds now, MiB. Linux only."""
    return int(STATM.read_text().split()[1]) * PAGE / 2**20


def soak(args: argparse.Namespace, folder: Path, marks: list[Mark]) -> Callable[[int | None], Iterator[np.ndarray]]:
    """``frames(stop)``: frames of the film, uint8, broken off before the segment ``stop`` if one is given."""
    canvas = Canvas(args.side, args.side)
    models = Models(load_model("mini"), load_vae("mini"))
    settings = Settings(canvas, segment_frames=args.segment_frames, sampling=Sampling(args.steps))
    poses = swaying(1 + args.segments * (args.segment_frames - 1), canvas, settings.fps)
    picture = torch.full((args.side, args.side, 3), 0.5)
    shelf = Shelf(folder, lambda text: print(text, flush=True))

    def frames(stop: int | None) -> Iterator[np.ndarray]:
        before = time.monotonic()
        for part in render(picture, poses, models, settings, lambda segment, done, total: None, shelf):
            if part.segment.index == stop:
                return
            yield from (part.frames * 255).round().byte().numpy()
            now = time.monotonic()
            marks.append(Mark(part.segment.index + 1, held_megabytes(), now - before))
            before = now
            del part  # or it is kept while the next one is made

    return frames


def curve(marks: list[Mark], parts: int = 10) -> list[Mark]:
    """A mark per tenth: its last memory, and the median of its seconds."""
    size = max(len(marks) // parts, 1)
    groups = [marks[start : start + size] for start in range(0, len(marks), size)]
    return [
        Mark(group[-1].segments, group[-1].megabytes, statistics.median(m.seconds for m in group)) for group in groups
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=200)
    parser.add_argument("--segment-frames", type=int, default=17, help="8k+1; default: %(default)s")
    parser.add_argument("--side", type=int, default=64, help="pixels; default: %(default)s")
    parser.add_argument("--steps", type=int, default=4, help="default: %(default)s")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        marks: list[Mark] = []
        frames, out = soak(args, Path(scratch) / "journal", marks), Path(scratch) / "film.mp4"
        sum(1 for _ in frames(args.segments // 2))
        marks.clear()
        count = write_mp4(out, frames(None), 12.5)
        readable = len(read_film(out))
    points = curve(marks)
    for mark in points:
        print(f"{mark.segments:4} segments  {mark.megabytes:7.1f} MiB  {mark.seconds:.2f} s per segment")
    growth = points[-1].megabytes / points[min(1, len(points) - 1)].megabytes
    print(f"{count} frames written, {readable} read back; memory x {growth:.3f}")
    expected = args.segments * (args.segment_frames - 1)
    return 0 if count == readable == expected and growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())

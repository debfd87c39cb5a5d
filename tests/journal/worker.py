"""A process that makes a small film with a journal, for tests that kill it, starve it or let it fill the disk.

``python -m tests.journal.worker FOLDER [--limit-file BYTES] [--limit-memory BYTES] [--slow SECONDS]``
prints what happens, and a checksum of the film.
"""

import argparse
import hashlib
import sys
import time
from pathlib import Path

import torch

from humandit.errors import HumanDiTError
from humandit.journal import Shelf, remembered
from humandit.types import Canvas
from humandit.video.sample import segment_noise
from humandit.video.segments import chain, plan_segments

CANVAS = Canvas(64, 64)
SEGMENTS = plan_segments(40, 9, CANVAS)
GREEDY = 3
"""The segment that wants much memory."""


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def film(folder: Path, slow: float = 0, greed: int = 0) -> torch.Tensor:
    """Frames [40, 64, 64, 3] that depend on all before them."""

    def denoise(segment, prefix, pose):
        tell(f"segment {segment.index + 1}")
        time.sleep(slow)
        if segment.index == GREEDY and greed:
            torch.empty(greed, dtype=torch.uint8).fill_(1)
        return segment_noise(7, segment.index, (3, 3, 8, 8)) + 0.5 * prefix

    def decode(latents):
        return latents.movedim(1, -1).repeat_interleave(8, 1).repeat_interleave(8, 2).repeat_interleave(4, 0)[3:]

    def making(denoise):
        picture, images = torch.zeros(64, 64, 3), torch.zeros(41, 32, 32, 8)
        return chain(picture, images, SEGMENTS, lambda f: f.movedim(-1, 1)[..., ::8, ::8], denoise, decode)

    shelf = Shelf(folder, lambda text: tell(f"said: {text}"))
    parts = remembered(shelf, lambda: {"film": "test"}, SEGMENTS, denoise, making)
    return torch.cat([part.frames for part in parts])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit-file", type=int)
    parser.add_argument("--limit-memory", type=int)
    parser.add_argument("--greed", type=int, default=0)
    parser.add_argument("--slow", type=float, default=0)
    args = parser.parse_args()
    limit(args)
    try:
        frames = film(args.folder, args.slow, args.greed).numpy()
    except (HumanDiTError, RuntimeError) as problem:
        tell(f"error: {problem}")
        return 2
    tell(f"film: {hashlib.sha256(frames.tobytes()).hexdigest()}")
    return 0


def limit(args: argparse.Namespace) -> None:
    """No file longer, no more memory than that, from now on."""
    if args.limit_file or args.limit_memory:
        import resource

        if args.limit_file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (args.limit_file, resource.RLIM_INFINITY))
        if args.limit_memory:
            resource.setrlimit(resource.RLIMIT_AS, (args.limit_memory, args.limit_memory))


if __name__ == "__main__":
    sys.exit(main())

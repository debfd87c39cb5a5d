"""``humandit bench memory``."""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import Any

LENGTHS = (1, 4, 12)
HALVES = ("first_half", "second_half")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which chains."""
    parser.add_argument("--segments", type=int, nargs="+", default=LENGTHS, help="chains to run; default: 1 4 12")
    parser.add_argument("--rounds", type=int, default=3, help="each chain so often; default: %(default)s")
    parser.add_argument("--segment-frames", type=int, default=25, help="8k+1; default: %(default)s")
    parser.add_argument("--width", type=int, default=128, help="pixels; default: %(default)s")
    parser.add_argument("--height", type=int, default=128, help="pixels; default: %(default)s")
    parser.add_argument("--model", default="mini", help="a bundled name or a .safetensors file; default: %(default)s")
    parser.add_argument("--preset", default="exact", help="default: %(default)s")
    parser.add_argument("--steps", type=int, default=2, help="memory does not grow with them; default: %(default)s")
    parser.add_argument("--once", type=int, metavar="N", help="one chain of N segments, in this very process")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure; the dictionary is the command's result."""
    from ...metrics.bench_memory import peak_megabytes, peaks, run_chain
    from ...types import Canvas

    if args.once is not None:
        canvas = Canvas(args.width, args.height)
        made = run_chain(args.once, args.segment_frames, canvas, args.model, args.preset, args.steps)
        times = {} if args.once == 1 else dict(zip(HALVES, made.halves(), strict=True))
        return {"peak_mb": round(peak_megabytes(), 1), "frames": made.frames, "seconds": times}
    words = ["--segment-frames", str(args.segment_frames), "--width", str(args.width), "--height", str(args.height)]
    words += ["--model", args.model, "--preset", args.preset, "--steps", str(args.steps)]
    found: dict[str, list[dict[str, Any]]] = {}
    for length, chain in peaks(list(args.segments) * args.rounds, words):
        found.setdefault(str(length), []).append(chain)
        print(f"{length} segments, {chain['frames']} frames: {chain['peak_mb']} MB", file=sys.stderr, flush=True)
    return {
        "peak_mb": {length: statistics.median(chain["peak_mb"] for chain in each) for length, each in found.items()},
        "seconds_per_segment": {length: _halves(each) for length, each in found.items() if int(length) > 1},
    }


def _halves(chains: list[dict[str, Any]]) -> dict[str, float]:
    """Seconds per segment of the first and of the second half, medians over chains of one length, and their ratio."""
    first, second = (statistics.median(chain["seconds"][half] for chain in chains) for half in HALVES)
    return {"first_half": round(first, 4), "second_half": round(second, 4), "ratio": round(second / first, 3)}

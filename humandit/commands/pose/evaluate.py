"""``humandit pose evaluate``: detector and adapters against people whose every joint is known, and the reference."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from .detectors import add_detector, chosen_detector

CLIP, SIDE = 12, 384
"""Frames per clip and their side in pixels."""
CROSSING = 90
"""Frames of a film in which two people cross."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to score, on how much."""
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated; default: %(default)s")
    add_detector(parser)
    parser.add_argument("--frames", type=int, default=204, help="held-out frames to detect on; default: %(default)s")
    parser.add_argument("--pairs", type=int, default=24, help="pairs of people to adapt; default: %(default)s")
    parser.add_argument("--scenes", type=int, default=3, help="films of two people who cross; default: %(default)s")
    parser.add_argument("--films", nargs="+", help="of the reference; default: the cache's own")
    parser.add_argument("--rounds", type=int, default=2, help="over these films; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the first clip and pair; default: %(default)s")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Scores by part."""
    from ...errors import HumanDiTError

    parts = args.parts.split(",")
    if not set(parts) <= set(PARTS) or min(args.frames, args.pairs, args.scenes) < 1:
        raise HumanDiTError(
            f"Choose parts from {', '.join(PARTS)} and at least one frame, pair and scene, got {args.parts}."
        )
    scores = {name: part(args) for name, part in PARTS.items() if name in parts}
    return {**scores, "frames": args.frames, "pairs": args.pairs}


def _detectors(args: argparse.Namespace) -> dict[str, Any]:
    """The chosen detector on rendered people."""
    from ...data.synthetic import render_clip
    from ...metrics.detectors import mean_errors
    from ...pose.sequence import PoseSequence

    detector = chosen_detector(args)
    clips = [render_clip(args.seed + i, "heldout", CLIP, SIDE) for i in range(-(-args.frames // CLIP))]
    found: list[PoseSequence] = []
    start = time.perf_counter()
    for number, clip in enumerate(clips, 1):
        found.append(detector.detect(clip.frames, clip.poses.fps))
        print(f"detected {number} of {len(clips)} clips", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - start
    scores = mean_errors(found, [clip.poses for clip in clips])
    return {args.detector: _rounded({**scores, "ms_per_frame": 1000 * seconds / (CLIP * len(clips))})}


def _adapters(args: argparse.Namespace) -> dict[str, Any]:
    """Every pose adapter on pairs of people."""
    from ...data.synthetic.pairs import draw_pair
    from ...metrics.adapters import adapter_scores

    scores = adapter_scores([draw_pair(args.seed + i, "heldout") for i in range(args.pairs)])
    return {name: _rounded(values) for name, values in scores.items()}


def _detected_adapters(args: argparse.Namespace) -> dict[str, Any]:
    """The same on rendered pairs as the detector sees them; pairs in which it misses somebody are passed over."""
    from ...data.synthetic.pairs import detected_pair
    from ...errors import NoPersonFound
    from ...metrics.adapters import adapter_scores

    detector, pairs = chosen_detector(args), []
    for seed in count(args.seed):
        try:
            pairs.append(detected_pair(seed, "heldout", detector))
        except NoPersonFound:
            continue
        if len(pairs) == args.pairs:
            break
    return {name: _rounded(values) for name, values in adapter_scores(pairs).items()}


def _tracking(args: argparse.Namespace) -> dict[str, Any]:
    """Who is who where two people cross."""
    from ...data.synthetic.crossing import render_crossing
    from ...metrics.tracking import tracking_scores

    films = (render_crossing(args.seed + i, "heldout", CROSSING) for i in range(args.scenes))
    return {**_rounded(tracking_scores(chosen_detector(args), films)), "scenes": args.scenes}


def _reference(args: argparse.Namespace) -> dict[str, Any]:
    """The chosen detector beside the implementation that its nets come from, on real films."""
    from .reference import compare

    return _rounded(compare(chosen_detector(args), args.films, args.rounds))


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "detectors": _detectors,
    "adapters": _adapters,
    "adapters_detected": _detected_adapters,
    "tracking": _tracking,
    "reference": _reference,
}
"""What can be scored: a name in the result -> how."""

"""The films of one folder against those of another."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from .tools import open_tools, say, told


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Evaluate pairs of films; the dictionary is the command's result."""
    from ...metrics.evaluate import judged, table
    from ...metrics.folders import as_clips, read_pairs
    from ...metrics.rivals import ground_truth, repeat_reference
    from .held_out import segments_of
    from .outputs import Evaluation, write_outputs

    start = time.perf_counter()
    made, truth = (Path(source) for source in args.sources)
    pairs = read_pairs(made, truth, args.fps)
    tools = open_tools(args)
    clips = as_clips(pairs, tools.detector, lambda done: say(f"looked at {done} of {len(pairs)} true films"))
    label = "results" if made.name in ("", "repeat_reference", "ground_truth") else made.name
    films = {
        label: [pair.made for pair in pairs],
        "repeat_reference": repeat_reference(clips),
        "ground_truth": ground_truth(clips),
    }
    scores = judged(films, clips, tools, lambda done: say(f"scored {done} of {len(clips)} pairs"))
    longest = max(len(pair.made) for pair in pairs)
    segments = segments_of(longest, args.segment_frames or longest)
    settings = {"names": [pair.name for pair in pairs], **told(tools, args), "seed": args.seed}
    result = {**table(scores, segments, args.seed), **settings, "seconds": round(time.perf_counter() - start, 1)}
    if args.out:
        what = {label: f"the films in {made.name}", "repeat_reference": "the first true frame, standing still",
                "ground_truth": f"the films in {truth.name}"}  # fmt: skip
        found = Evaluation(result, scores, films, clips, what, pairs[0].fps, segments)
        result["outputs"] = write_outputs(args.out, found)
    return result

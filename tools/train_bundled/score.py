"""Whether the new weights are better than those the run began with: a small evaluation on people nobody trained on.

It is ``humandit evaluate NEW --against OLD`` on a few clips. Few clips tell large gains only, so what is said of a
figure rests on the interval of its gain, clip by clip.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import torch

from humandit.commands.evaluate import add_arguments
from humandit.commands.evaluate import run as evaluate
from humandit.errors import MissingDependency
from humandit.media.write import whole_file
from humandit.metrics.figures import BY_NAME
from humandit.pose.detect import load_detector

from .jobs import side_by_side
from .plan import FRAMES, MODELS, Plan

RIVALS = ("shuffled_pose", "against", "repeat_reference", "vae_only")
"""Films beside those of the new weights: with wrong poses, of the old ones, a still, the best that can be reached."""
SEGMENTS = 2
SHOWN = ("person_psnr", "person_ssim", "perceptual", "pck")
"""Figures of the summary; the page has all."""
FEW = 5
"""Clips from which an interval over clips says something."""
FOLDER, SUMMARY = "evaluation", "evaluation.json"


def scored(plan: Plan) -> dict[str, Any] | None:
    """The summary, also in ``OUT/evaluation.json``; None where nobody asks for it or the time is up. What was found for
    the same weights is not looked for again."""
    if not plan.evaluate:
        return None
    path, of = plan.out / SUMMARY, asked(plan)
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["of"] == of:
            return found
    if plan.left == 0 or not side_by_side([evaluate_weights], plan, plan.left):
        _say("No time was left for the evaluation. The weights are there; the same command again evaluates them.")
        return None
    found = {"of": of, **summary(json.loads((plan.out / FOLDER / "scores.json").read_text(encoding="utf-8")))}
    with whole_file(path) as part:
        part.write_text(json.dumps(found, indent=1), encoding="utf-8")
    _say(verdict(found))
    return found


def evaluate_weights(plan: Plan) -> None:
    """Entry of a process: page, table, sheets and scores in ``OUT/evaluation``."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = [
        plan.weights("video"),
        "--vae",
        plan.weights("vae"),
        "--against",
        plan.start,
        "--against-vae",
        plan.start_vae,
    ]
    words += ["--clips", plan.evaluate, "--segments", SEGMENTS, "--frames", FRAMES, "--size", plan.size]
    words += ["--detector", _detector(), "--out", plan.out / FOLDER, "--rivals", *RIVALS]
    evaluate(parser.parse_args([str(word) for word in words]))


def _detector() -> str:
    """What finds keypoints again; without its nets pose figures are left out."""
    try:
        load_detector("mediapipe")
    except MissingDependency as problem:
        _say(f"Body points are not looked for: {problem}")
        return "none"
    return "mediapipe"


def asked(plan: Plan) -> dict[str, Any]:
    """What the figures depend on; weights by their content, for their files are written anew by every call."""
    digests = {name: _digest(plan.weights(name)) for name in MODELS}
    return {**digests, "before": plan.start, "before_vae": plan.start_vae, "clips": plan.evaluate, "size": plan.size}


def _digest(path: Path) -> str:
    """Of the tensors alone: safetensors writes its notes in another order every time."""
    from safetensors.torch import load_file

    digest = hashlib.sha256()
    for name, value in sorted(load_file(path).items()):
        digest.update(name.encode() + value.contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:16]


def summary(scores: dict[str, Any]) -> dict[str, Any]:
    """Figures of ``now``, ``before`` and the other films, and ``better_by``: figure -> [mean, low, high] of the gain,
    above 0 where the new weights are better."""
    names = {"now": "model", "before": "against", **{name: name for name in RIVALS if name != "against"}}
    rows = {name: {f: scores[row][f] for f in SHOWN if f in scores[row]} for name, row in names.items()}
    return {"clips": scores["clips"], **rows, "better_by": scores["margins"]["against"]}


def verdict(found: dict[str, Any]) -> str:
    """A line for every figure whose gain is known."""
    lines = [f"On {found['clips']} held-out people, new weights against those before:"]
    for name, (mean, low, high) in found["better_by"].items():
        if name in SHOWN:
            figure = BY_NAME[name]
            now, before = (f"{found[when][name]:.{figure.digits}f}" for when in ("now", "before"))
            gain = f"gain {mean:.3g}, 95 %: {low:.3g} to {high:.3g}"
            lines.append(f"  {figure.title} {now}, before {before}: {_word(found['clips'], low, high)} ({gain})")
    return "\n".join(lines)


def _word(clips: int, low: float, high: float) -> str:
    if clips < FEW:
        return "too few clips to tell"
    return "better" if low > 0 else "worse" if high < 0 else "no clear difference"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

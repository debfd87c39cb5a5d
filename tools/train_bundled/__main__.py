"""The command: ``python -m tools.train_bundled``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import torch

from humandit.errors import HumanDiTError

from . import __doc__ as about
from .jobs import begin_code, render, side_by_side, train_vae, train_video
from .pieces import earlier, split
from .plan import Plan
from .score import scored

TRAININGS = {"vae": train_vae, "video": train_video}


def run(plan: Plan) -> dict[str, Any]:
    """All of it; returns what there is."""
    plan.out.mkdir(parents=True, exist_ok=True)
    plan = earlier(plan)
    renderer = render(plan)
    try:
        begin_code(plan, renderer)
        trainings = [TRAININGS[name] for name in plan.models]
        if torch.cuda.is_available():
            side_by_side(trainings, plan)
        else:
            for training in trainings:
                training(plan)
    finally:
        if renderer.poll() is None:
            os.killpg(renderer.pid, 15)
            renderer.wait()
    pieces = [str(piece) for name in plan.models for piece in split(plan.weights(name), plan.pieces)]
    curves = {name: (plan.out / name / "log.jsonl").read_text().splitlines()[-1] for name in plan.models}
    shards = len(list(plan.data.glob("train-*.npz")))
    told = {"shards": shards, "pieces": pieces, **{name: json.loads(line) for name, line in curves.items()}}
    return {**told, "evaluation": scored(plan)}


def main() -> None:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; an existing one is gone on with")
    parser.add_argument("--size", type=int, default=192, help="side of the frames in pixels; default: %(default)s")
    parser.add_argument("--clips", type=int, default=8192, help="rendered clips; default: %(default)s")
    parser.add_argument("--workers", type=int, default=max((os.cpu_count() or 2) - 2, 1), help="that render")
    parser.add_argument(
        "--vae-minutes",
        type=float,
        default=40,
        help="of the decoder, in all; 0 leaves it as it is; default: %(default)s",
    )
    parser.add_argument("--video-minutes", type=float, default=40, help="of the film model; default: %(default)s")
    parser.add_argument("--stretch", type=float, help="end this call after so many minutes; 9 at most leave it whole")
    parser.add_argument(
        "--evaluate", type=int, default=8, metavar="CLIPS",
        help="held-out clips on which the new weights are compared with those before; 0: none; default: %(default)s",
    )  # fmt: skip
    parser.add_argument("--start", default="mini", help="the film model to begin with; default: %(default)s")
    parser.add_argument("--start-vae", default="mini", help="the autoencoder whose linear code is kept; default: mini")
    parser.add_argument("--pictures", type=Path, help="folder of pictures that the decoder learns from, too")
    parser.add_argument("--batch", type=int, default=256 if torch.cuda.is_available() else 16, help="clips per step")
    parser.add_argument("--tokens", type=int, default=2**17, help="of a step on a card; default: %(default)s")
    parser.add_argument("--compile", action="store_true", help="compile the blocks: faster after the first minute")
    parser.add_argument("--crops", type=int, default=64 if torch.cuda.is_available() else 6, help="the decoder's")
    parser.add_argument("--lr", type=float, default=1.2e-3, help="peak rate of the film model; default: %(default)s")
    parser.add_argument(
        "--structure", type=float, default=1.0, help="what unlike structure costs beside squares; default: 1"
    )
    plan = Plan(**vars(parser.parse_args()), began=time.monotonic())
    if plan.evaluate == 1:
        parser.error("--evaluate compares clips with each other: 2 or more, or 0 for none.")
    try:
        print(json.dumps(run(plan)))
    except HumanDiTError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()

"""``humandit bench ablation``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import HumanDiTError

if TYPE_CHECKING:
    import numpy as np

    from ...metrics.judge import TrueClip
    from ...pipeline import Models
    from ...train.ablation import Arm

FPS, DRAWN = 12.5, 4
SHOWN = ("person_psnr", "person_ssim", "psnr", "ssim", "perceptual", "fd_random_vid")
"""Figures of the table."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """On what, how much and how often."""
    parser.add_argument("--data", type=Path, required=True, help="folder of shards made by 'data synthetic'")
    parser.add_argument("--shards", type=int, default=8, help="shards that are trained on; default: %(default)s")
    parser.add_argument(
        "--operations", type=float, default=1e13,
        help="arithmetic of each training, multiplications and additions; 1e13 is minutes of one core; default: 1e13",
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each arm; default: %(default)s")
    parser.add_argument("--first", type=int, default=0, help="the first seed; default: %(default)s")
    parser.add_argument("--clips", type=int, default=24, help="held-out clips of 33 frames; default: %(default)s")
    parser.add_argument("--steps", type=int, default=12, help="of dpm++2m; default: %(default)s")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="write a sheet of each arm's films here")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train and score every arm; the dictionary is the command's result."""
    from ...data.synthetic import render_clip
    from ...pipeline import Models
    from ...train.ablation import ARMS, Budget, trained
    from ...train.shards import load_shard
    from ...weights.load import load_vae

    paths = sorted(args.data.glob("train-*.npz"))[: args.shards]
    if not paths or args.clips < 2 or args.seeds < 1:
        raise HumanDiTError(
            f"The ablation needs train-*.npz in --data, 2 clips and 1 seed or more; got {len(paths)} shards in "
            f"{args.data}, {args.clips} clips and {args.seeds} seeds."
        )
    vae: Any = load_vae("mini")
    shards = [load_shard(path, vae) for path in paths]
    clips = [render_clip(i, "heldout", 33, shards[0].canvas.width, FPS) for i in range(args.clips)]
    rows: dict[str, list[dict[str, float]]] = {arm.name: [] for arm in ARMS}
    drawn: dict[str, list[np.ndarray]] = {}
    for seed in range(args.first, args.first + args.seeds):
        for arm in ARMS:
            started = time.monotonic()
            model = trained(arm, shards, vae, Budget(args.operations, seed=seed), _reporter(arm, seed))
            films = _films(arm, Models(model, vae), clips, args, seed)
            if seed == args.first and args.pictures:
                drawn[arm.name] = films
            rows[arm.name].append(_scores(films, clips) | {"minutes": (time.monotonic() - started) / 60})
            _say(f"{arm.name}, seed {seed}: {_rounded(rows[arm.name][-1])}")
    if args.pictures:
        _draw(args.pictures, clips, drawn)
    return {name: _spread(each) for name, each in rows.items()}


def _reporter(arm: Arm, seed: int) -> Callable[[int, int, float], None]:
    def report(step: int, steps: int, loss: float) -> None:
        if step % 100 == 0 or step == steps:
            _say(f"{arm.name}, seed {seed}: step {step} of {steps}, loss {loss:.3f}")

    return report


def _films(
    arm: Arm, models: Models, clips: Sequence[TrueClip], args: argparse.Namespace, seed: int
) -> list[np.ndarray]:
    """A film of every clip, in segments as long as the arm was trained on."""
    from ...metrics.rivals import chained
    from ...video.sample import Sampling

    sampling = Sampling(args.steps, sampler="dpm++2m", seed=1000 * seed)
    return list(chained(clips, models, sampling, [clip.poses for clip in clips], arm.segment_frames))


def _draw(folder: Path, clips: Sequence[TrueClip], films: dict[str, list[np.ndarray]]) -> None:
    """A sheet of each of the first clips: the truth, and every arm's film of the first seed."""
    from ...media.sheet import contact_sheet
    from ...media.write import write_image

    for i, clip in enumerate(clips[:DRAWN]):
        rows = {"truth": clip.frames[1:], **{name: made[i] for name, made in films.items()}}
        write_image(folder / f"clip-{i}.jpg", contact_sheet({name: row[::4] for name, row in rows.items()}))


def _scores(films: Sequence[np.ndarray], clips: Sequence[TrueClip]) -> dict[str, float]:
    """The table's figures, means over clips."""
    from ...metrics.evaluate import Tools, judged, row

    scores = judged({"arm": films}, clips, Tools(None))
    found = row(scores["arm"], scores["truth"], [slice(None)])
    return {name: float(found[name]) for name in SHOWN}


def _spread(rows: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Means over the seeds, and the lowest and highest of each figure."""
    means = {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
    ends = {name: [min(row[name] for row in rows), max(row[name] for row in rows)] for name in rows[0]}
    return {**_rounded(means), "range": {name: [round(v, 4) for v in pair] for name, pair in ends.items()}}


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

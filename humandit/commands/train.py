"""``python -m humandit train vae|video|finish|motion|clarity|export``: own weights, resumable, and exported."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from ..errors import HumanDiTError

CONFIGS = ("mini", "paper")
SEVERAL = ("video", "motion")
"""What several processes can train together."""
MINUTES = 90.0
"""Length of a run where nobody says."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("what", choices=(*_TRAINERS, "export"), help="which model to train; export: a run's weights")
    parser.add_argument("run", nargs="?", type=Path, help="export: folder of a run of 'train video'")
    parser.add_argument("--recipe", type=Path, help="video: YAML file that says how; see the folder recipes")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="video: change a line of the recipe; repeatable",
    )
    parser.add_argument("--config", choices=CONFIGS, help="sizes of the model (default: mini); paper: motion, clarity")
    parser.add_argument(
        "--data", type=Path, help="vae, video, finish: folder of shards by 'data synthetic'; video: or by 'data build'"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the run, resumed if there; export: the file")
    parser.add_argument("--minutes", type=float, help="length of the whole run over all stretches (default: 90)")
    parser.add_argument("--steps", type=int, help="video: length in steps: such a run can be repeated exactly")
    parser.add_argument("--stretch", type=float, help="stop this call after so many minutes; run it again to go on")
    parser.add_argument("--vae", type=Path, help="video, finish: the autoencoder's weights (default: the bundled ones)")
    parser.add_argument(
        "--start",
        help="weights a fresh run begins with, 'mini' or a file (default: random); vae: its encoder stays; "
        "finish: the video model whose frames are finished (default: mini)",
    )
    parser.add_argument("--films", type=int, help="finish: shards of which the model makes films to learn from (8)")
    parser.add_argument("--pictures", type=Path, help="vae: folder of pictures that join in, a quarter of every batch")
    parser.add_argument("--person", type=float, help="vae: extra weight of the person's pixels (default 0)")
    parser.add_argument(
        "--ranks", type=int, default=1, help="video, motion: processes, one thread each, averaging gradients"
    )
    parser.add_argument(
        "--footage", type=Path, help="motion, clarity: folder of your own films that join in; motion: pose files too"
    )
    parser.add_argument("--footage-share", type=float, default=0.3, help="motion: their share of every batch, 0..1")
    parser.add_argument("--mocap", type=Path, help="motion: folder of BVH files of people that join in")
    parser.add_argument("--mocap-share", type=float, default=0.5, help="motion: their share of the people, 0..1")
    parser.add_argument("--prefix-noise", type=float, help="video: most noise on the first latent, 0..1")
    parser.add_argument(
        "--prefix-errors", type=float,
        help="video: share of the examples that start from a frame with the model's own errors, 0..1, against drift",
    )  # fmt: skip
    parser.add_argument("--batch", type=int, help="clips per step and rank")
    parser.add_argument("--lr", type=float, help="peak learning rate")
    parser.add_argument("--seed", type=int, help="of weights, order and noise (default: 0)")
    parser.add_argument(
        "--merge", help="export: put a LoRA into these weights, which it was trained beside; whole model"
    )
    parser.add_argument("--last", action="store_true", help="export: the newest weights, not those that did best")
    parser.add_argument("--no-compile", action="store_true", help="video, motion: do not torch.compile the blocks")


def run(args: argparse.Namespace) -> dict[str, Any] | None:
    """Train, and say where the weights lie; of several processes (``torchrun``) only the first says so."""
    from ..video.spread import started_by_torchrun

    started = time.monotonic()
    if started_by_torchrun() and args.what not in SEVERAL:
        raise HumanDiTError(f"Only {' and '.join(SEVERAL)} train on several processes. Start it without torchrun.")
    if (args.what == "export") != (args.run is not None):
        raise HumanDiTError("A run's folder is named to export its weights: train export RUN --out FILE.safetensors.")
    if args.what == "export":
        from ..train.export import export_run

        return export_run(args.run, args.out, args.merge, args.last)
    if args.what in ("vae", "video", "finish") and (args.footage or args.mocap):
        raise HumanDiTError(f"--footage and --mocap are for the motion model; the {args.what} learns from --data.")
    if args.what != "video" and (args.recipe or args.set or args.steps):
        raise HumanDiTError(f"--recipe, --set and --steps are for the video model, not for the {args.what}.")
    _TRAINERS[args.what](args, {"out": args.out, **_given(args, "minutes", "stretch", "seed", "batch", "lr")})
    lora = args.out / "lora.safetensors"
    weights = lora if args.what == "video" and lora.is_file() else args.out / f"{args.what}.safetensors"
    if os.environ.get("RANK", "0") != "0":
        return None
    return {"weights": str(weights), "seconds": round(time.monotonic() - started, 1)}


def _given(args: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Those options that were named."""
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}


def _vae(args: argparse.Namespace, common: dict[str, Any]) -> None:
    from ..train.vae import VAERecipe, VAETrainer

    if args.data is None or args.config not in (None, "mini"):
        raise HumanDiTError("Training the vae needs --data, a folder of rendered shards, and has --config mini only.")
    own = _given(args, "start", "pictures", "person")
    VAETrainer(VAERecipe(**{"data": args.data, "minutes": MINUTES, **common, **own})).run()


def _video(args: argparse.Namespace, common: dict[str, Any]) -> None:
    from ..train.ranks import run_ranks
    from ..train.recipe import Recipe
    from ..train.recipe_file import read_recipe_file, read_settings
    from ..train.video import train_rank

    values: dict[str, Any] = {"vae": "mini", **(read_recipe_file(args.recipe) if args.recipe else {})}
    values.update(_given(args, "data", "vae", "start", "steps", "prefix_noise", "prefix_errors"), **common)
    values.update(read_settings(args.set))
    if "data" not in values:
        raise HumanDiTError("Training the video needs --data, a folder of shards.")
    if args.config not in (None, "mini"):
        raise HumanDiTError("--config of the video is mini; other sizes come from a --recipe.")
    if args.no_compile:
        values["compile"] = False
    run_ranks(train_rank, args.ranks, Recipe(**values))


def _finish(args: argparse.Namespace, common: dict[str, Any]) -> None:
    from ..train.finish import FinishRecipe, FinishTrainer

    if args.data is None or args.config not in (None, "mini"):
        raise HumanDiTError("Training the finisher needs --data, a folder of rendered shards; its model is --start's.")
    own = _given(args, "vae", "start", "films")
    FinishTrainer(FinishRecipe(**{"data": args.data, "minutes": MINUTES, **common, **own})).run()


def _motion(args: argparse.Namespace, common: dict[str, Any]) -> None:
    from ..data.motion import load_recordings
    from ..data.motion.footage import collect
    from ..data.synthetic.mocap import fetch_clips
    from ..train.motion import train_motion_rank
    from ..train.motion_recipe import CONFIGS as SIZES
    from ..train.motion_recipe import MotionRecipe
    from ..train.ranks import run_ranks

    fetch_clips()  # once, before several processes want it
    if args.mocap is not None:
        load_recordings(args.mocap, _say)  # says now what is wrong with them
    footage = () if args.footage is None else tuple(collect(args.footage, args.out / "footage", _say))
    recipe = MotionRecipe(
        **{"minutes": MINUTES, **common}, config=SIZES[args.config or "mini"], start=args.start,
        compile=not args.no_compile, footage=footage,
        footage_share=args.footage_share, mocap=args.mocap, mocap_share=args.mocap_share,
    )  # fmt: skip
    run_ranks(train_motion_rank, args.ranks, recipe)


def _clarity(args: argparse.Namespace, common: dict[str, Any]) -> None:
    from ..train.clarity import CONFIGS as SIZES
    from ..train.clarity import ClarityRecipe, ClarityTrainer

    if args.mocap or args.data:
        raise HumanDiTError("The clarity scorer learns from rendered people and --footage, not from --data or --mocap.")
    timed = {"minutes": MINUTES, **common}
    ClarityTrainer(ClarityRecipe(**timed, config=SIZES[args.config or "mini"], films=args.footage)).run()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


_TRAINERS = {"vae": _vae, "video": _video, "finish": _finish, "motion": _motion, "clarity": _clarity}

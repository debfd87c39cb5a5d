"""``python -m humandit train vae|video|motion|clarity``: own weights, resumable."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from ..errors import HumanDiTError

CONFIGS = ("mini", "paper")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("what", choices=("vae", "video", "motion", "clarity"), help="which model to train")
    parser.add_argument("--config", choices=CONFIGS, default="mini", help="sizes of the model; paper: motion, clarity")
    parser.add_argument("--data", type=Path, help="vae, video: folder of shards made by 'data synthetic'")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; an existing one is resumed")
    parser.add_argument("--minutes", type=float, default=90, help="length of the whole run over all stretches")
    parser.add_argument("--stretch", type=float, help="stop this call after so many minutes; run it again to go on")
    parser.add_argument("--vae", type=Path, help="video: weight file of the autoencoder (default: the bundled one)")
    parser.add_argument(
        "--start", help="video, motion: weights a fresh run begins with, 'mini' or a file (default: random)"
    )
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
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-compile", action="store_true", help="video, motion: do not torch.compile the blocks")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train, and say where the weights lie."""
    started = time.monotonic()
    if args.what in ("vae", "video") and (args.footage or args.mocap):
        raise HumanDiTError(f"--footage and --mocap are for the motion model; the {args.what} learns from --data.")
    chosen = {name: getattr(args, name) for name in ("batch", "lr") if getattr(args, name) is not None}
    common = {"out": args.out, "minutes": args.minutes, "stretch": args.stretch, "seed": args.seed, **chosen}
    _TRAINERS[args.what](args, common)
    weights = args.out / f"{args.what}.safetensors"
    return {"weights": str(weights), "seconds": round(time.monotonic() - started, 1)}


def _rendered(args: argparse.Namespace) -> dict[str, Path]:
    if args.data is None or args.config != "mini":
        raise HumanDiTError(f"Training the {args.what} needs --data, a folder of shards, and has --config mini only.")
    return {"data": args.data}


def _vae(args: argparse.Namespace, common: dict[str, Any]) -> None:
    from ..train.vae import VAERecipe, VAETrainer

    VAETrainer(VAERecipe(**_rendered(args), **common)).run()


def _video(args: argparse.Namespace, common: dict[str, Any]) -> None:
    from ..train.ranks import run_ranks
    from ..train.recipe import Recipe
    from ..train.video import train_rank

    names = ("prefix_noise", "prefix_errors")
    chosen = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    data = {**_rendered(args), **common, **chosen}
    recipe = Recipe(**data, vae=args.vae or "mini", start=args.start, compile=not args.no_compile)
    run_ranks(train_rank, args.ranks, recipe)


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
        **common, config=SIZES[args.config], start=args.start, compile=not args.no_compile, footage=footage,
        footage_share=args.footage_share, mocap=args.mocap, mocap_share=args.mocap_share,
    )  # fmt: skip
    run_ranks(train_motion_rank, args.ranks, recipe)


def _clarity(args: argparse.Namespace, common: dict[str, Any]) -> None:
    from ..train.clarity import CONFIGS as SIZES
    from ..train.clarity import ClarityRecipe, ClarityTrainer

    if args.mocap or args.data:
        raise HumanDiTError("The clarity scorer learns from rendered people and --footage, not from --data or --mocap.")
    ClarityTrainer(ClarityRecipe(**common, config=SIZES[args.config], films=args.footage)).run()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


_TRAINERS = {"vae": _vae, "video": _video, "motion": _motion, "clarity": _clarity}

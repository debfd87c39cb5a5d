"""``python -m humandit train vae|video``: own weights, resumable."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

CONFIGS = ("mini",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("what", choices=("vae", "video"), help="which model to train")
    parser.add_argument("--config", choices=CONFIGS, default="mini", help="sizes of the model")
    parser.add_argument("--data", type=Path, required=True, help="folder of shards made by 'data synthetic'")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; an existing one is resumed")
    parser.add_argument("--minutes", type=float, default=90, help="length of the whole run over all stretches")
    parser.add_argument("--stretch", type=float, help="stop this call after so many minutes; run it again to go on")
    parser.add_argument("--vae", type=Path, help="video: weight file of the autoencoder (default: the bundled one)")
    parser.add_argument("--start", help="video: weights a fresh run begins with, 'mini' or a file (default: random)")
    parser.add_argument("--ranks", type=int, default=1, help="video: processes, one thread each, averaging gradients")
    parser.add_argument("--batch", type=int, help="clips per step and rank")
    parser.add_argument("--lr", type=float, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-compile", action="store_true", help="video: do not torch.compile the blocks")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train, and say where the weights lie."""
    started = time.monotonic()
    chosen = {name: getattr(args, name) for name in ("batch", "lr") if getattr(args, name) is not None}
    common = {"data": args.data, "out": args.out, "minutes": args.minutes, "stretch": args.stretch, "seed": args.seed}
    if args.what == "vae":
        from ..train.vae import VAERecipe, VAETrainer

        VAETrainer(VAERecipe(**common, **chosen)).run()
    else:
        from ..train.ranks import run_ranks
        from ..train.recipe import Recipe
        from ..train.video import train_rank

        recipe = Recipe(**common, **chosen, vae=args.vae or "mini", start=args.start, compile=not args.no_compile)
        run_ranks(train_rank, args.ranks, recipe)
    weights = args.out / f"{args.what}.safetensors"
    return {"weights": str(weights), "seconds": round(time.monotonic() - started, 1)}

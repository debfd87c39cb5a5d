"""``humandit bench dit``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from ...errors import HumanDiTError

if TYPE_CHECKING:
    from ...types import VideoShape


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How often, how large, and where."""
    parser.add_argument("--repeats", type=int, default=8, help="timed rounds per size; default: %(default)s")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; default: %(default)s")
    parser.add_argument("--heads", type=int, default=4, help="heads of 64; 48 in CogVideoX-5b; default: %(default)s")
    parser.add_argument("--layers", type=int, default=4, help="42 in CogVideoX-5b; default: %(default)s")
    parser.add_argument("--device", default="cpu", help="default: %(default)s")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="default: %(default)s")
    parser.add_argument(
        "--video", nargs="+", type=video_shape, metavar="TxHxW",
        help="frames, height and width of the films, such as 49x480x720 129x720x1280; default: three small ones",
    )  # fmt: skip


def video_shape(text: str) -> VideoShape:
    """``49x480x720``: frames, height, width."""
    from ...types import VideoShape

    sizes = text.split("x")
    if len(sizes) != 3 or not all(size.isdecimal() for size in sizes):
        raise argparse.ArgumentTypeError(f"a film is FRAMESxHEIGHTxWIDTH, such as 49x480x720, got {text!r}")
    try:
        return VideoShape(*map(int, sizes))
    except HumanDiTError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from wrong


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure; the dictionary is the command's result."""
    import torch

    if args.repeats < 1:
        raise HumanDiTError(f"At least 1 timed round is needed, got {args.repeats}. 8 is a good number.")
    before = torch.get_num_threads()
    torch.set_num_threads(args.threads)
    try:
        return {**_measured(args), **_told(args)}
    finally:
        torch.set_num_threads(before)


def _measured(args: argparse.Namespace) -> dict[str, Any]:
    from ...metrics.bench import CASES, WORDS, Case, compare, pair
    from ...video.config import DiTConfig
    from ...video.plan.flops import parameters
    from ...video.plan.speed import DTYPES

    config = DiTConfig(heads=args.heads, layers=args.layers)
    stock, ours = pair(config, args.device, DTYPES[args.precision])
    sizes = [video.latent for video in args.video or ()]
    asked = [Case(one.frames, one.height, one.width, words) for one in sizes for words in (0, WORDS)]
    cases = []
    for case in asked or CASES:
        cases.append(compare(case, stock, ours, args.repeats))
        print(f"{case.tokens} tokens, {case.words} words: {cases[-1]['ratio']}", file=sys.stderr, flush=True)
    return {"cases": cases, "parameters": parameters(config)}


def _told(args: argparse.Namespace) -> dict[str, Any]:
    """What the measurement was made with."""
    import diffusers
    import torch

    cuda = torch.device(args.device).type == "cuda"
    return {
        "width": args.heads * 64,
        "layers": args.layers,
        "repeats": args.repeats,
        "threads": args.threads,
        "device": torch.cuda.get_device_name(args.device) if cuda else args.device,
        "precision": args.precision,
        "torch": str(torch.__version__),
        "diffusers": diffusers.__version__,
    }

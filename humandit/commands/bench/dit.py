"""``humandit bench dit``."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How often, how large, and where."""
    parser.add_argument("--repeats", type=int, default=8, help="timed rounds per size; default: %(default)s")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; default: %(default)s")
    parser.add_argument("--heads", type=int, default=4, help="heads of 64; default: %(default)s")
    parser.add_argument("--layers", type=int, default=4, help="default: %(default)s")
    parser.add_argument("--device", default="cpu", help="default: %(default)s")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure; the dictionary is the command's result."""
    import diffusers
    import torch

    from ...errors import HumanDiTError
    from ...metrics.bench import CASES, compare, pair
    from ...video.config import DiTConfig

    if args.repeats < 1:
        raise HumanDiTError(f"At least 1 timed round is needed, got {args.repeats}. 8 is a good number.")
    before = torch.get_num_threads()
    torch.set_num_threads(args.threads)
    try:
        stock, ours = pair(DiTConfig(heads=args.heads, layers=args.layers), args.device)
        cases = []
        for case in CASES:
            cases.append(compare(case, stock, ours, args.repeats, args.device))
            print(f"{case.tokens} tokens, {case.words} words: {cases[-1]['ratio']}", file=sys.stderr, flush=True)
    finally:
        torch.set_num_threads(before)
    return {
        "cases": cases,
        "width": stock.config.num_attention_heads * stock.config.attention_head_dim,
        "layers": args.layers,
        "repeats": args.repeats,
        "threads": args.threads,
        "device": args.device,
        "torch": str(torch.__version__),
        "diffusers": diffusers.__version__,
    }

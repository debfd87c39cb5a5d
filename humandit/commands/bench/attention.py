"""``humandit bench attention``."""

from __future__ import annotations

import argparse
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For which work."""
    parser.add_argument("--tokens", type=int, default=320, help="per segment; default: %(default)s")
    parser.add_argument("--heads", type=int, default=4, help="default: %(default)s")
    parser.add_argument("--head-dim", type=int, default=64, help="default: %(default)s")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16", "float16"))
    parser.add_argument("--device", default="cpu", help="default: %(default)s")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure, and remember the fastest."""
    import torch

    from ...video.fastest import Load, attention_times, fastest_attention, memory_file

    load = Load(torch.device(args.device), getattr(torch, args.dtype), args.heads, args.head_dim, args.tokens)
    ms = {name: round(1000 * seconds, 3) for name, seconds in attention_times(load).items()}
    return {"fastest": fastest_attention(load, remember=False), "ms": ms, "for": load.key, "file": str(memory_file())}

"""What both kinds of evaluation judge with, and what they say about it."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...metrics.evaluate import Tools


def device_of(args: argparse.Namespace) -> str:
    import torch

    return args.device or ("cuda" if torch.cuda.is_available() else "cpu")


def open_tools(args: argparse.Namespace) -> Tools:
    """Detector, substitute and whatever published networks are there."""
    from ...metrics.backbones.files import open_backbones
    from ...metrics.backbones.stages import random_stages
    from ...metrics.evaluate import Tools
    from ...metrics.perceptual import Perceptual
    from ...pose.detect import load_detector

    device = device_of(args)
    detector = None if args.detector == "none" else load_detector(args.detector, args.nets)
    return Tools(detector, Perceptual(random_stages().to(device)), open_backbones(args.backbones, device))


def told(tools: Tools, args: argparse.Namespace) -> dict[str, Any]:
    """Where every figure of features comes from; the published names only stand where the published nets did."""
    from ...metrics.backbones.stages import SEED

    substitute = f"random features, seed {SEED}"
    own = dict.fromkeys(("perceptual", "fd_random", "fd_random_vid", "face_distance"), substitute)
    return {"features": {**own, **tools.backbones.names}, "detector": args.detector, "device": device_of(args)}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

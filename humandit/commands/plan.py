"""``python -m humandit plan``: what a film will cost, before anything runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..framing import MODES, Framing

if TYPE_CHECKING:
    import torch

    from ..video.config import DiTConfig
    from ..video.plan import Machine, Wish

PRECISIONS = ("default", "fp32", "bf16", "fp16", "fp8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("--width", type=int, default=128, help="width in pixels, a multiple of 16")
    parser.add_argument("--height", type=int, default=128, help="height in pixels, a multiple of 16")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=float, default=4.0, help="length of the film; default: %(default)s")
    length.add_argument("--frames", type=int, help="new frames instead of seconds")
    parser.add_argument("--fps", type=float, default=12.5, help="frames per second of the video")
    parser.add_argument("--picture", type=Path, help="picture to animate: the size is chosen for its shape")
    parser.add_argument("--mode", choices=MODES, default="fit", help="how it comes to the size; default: fit")
    parser.add_argument("--model", default="mini", help="'mini', '5b' or a weight file of the video model")
    parser.add_argument("--segment-frames", type=int, default=0, help="frames per segment, 8k+1; 0: chosen")
    parser.add_argument("--steps", type=int, help="denoising steps (default: 20, bundled model: 2)")
    parser.add_argument("--guidance", type=float, help="guidance scale on the pose (default: 1.5, bundled model: 1)")
    parser.add_argument("--preset", default="exact", help="exact, balanced or fast")
    parser.add_argument("--precision", choices=PRECISIONS, default="default", help="number format of the weights")
    machine = parser.add_argument_group("machine", "this one, or one that is not here")
    machine.add_argument("--card", metavar="NAME", help='plan for another card, e.g. "RTX 4090"')
    machine.add_argument("--vram", type=float, metavar="GB", help="free memory of the card; default: asked for")
    machine.add_argument("--ram", type=float, metavar="GB", help="free main memory; default: asked for")
    machine.add_argument("--calibrate", action="store_true", help="measure this machine's speed first, and remember it")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The plan: numbers with ``--json``, else lines to read."""
    from ..video.plan import numbers, planned

    config = model_config(args.model)
    if args.calibrate:
        measure(config, args.precision)
    framing = framing_of(args)
    plan = planned(wish_of(args, config, framing), machine_of_args(args, config), args.model)
    if args.json:
        return {**numbers(plan), "model": args.model, "picture": None if framing is None else facts(framing)}
    return table(plan)


def model_config(source: str) -> DiTConfig:
    """Sizes of "mini", "5b" or the model in a file, whose tensors are not read."""
    from ..video.config import COGVIDEOX_5B, MINI
    from ..weights.load import check_video
    from ..weights.sources import headers, joined

    known = {"mini": MINI, "5b": COGVIDEOX_5B}
    return known[source] if source in known else check_video(joined(headers(source, "video")))[0]


def framing_of(args: argparse.Namespace) -> Framing | None:
    """Where the picture lies in the video, if one is given."""
    from ..framing import framed
    from ..media.read import read_image
    from ..types import Canvas

    if args.picture is None:
        return None
    height, width = read_image(args.picture).shape[:2]
    return framed(Canvas(width, height), Canvas(args.width, args.height), args.mode)


def wish_of(args: argparse.Namespace, config: DiTConfig, framing: Framing | None) -> Wish:
    from ..types import Canvas
    from ..video.plan import Wish, frames_of
    from ..video.presets import preset, usual_sampling

    canvas = Canvas(args.width, args.height) if framing is None else framing.canvas
    frames = frames_of(args.seconds, args.fps) if args.frames is None else args.frames
    sampling = preset(args.preset).applied(usual_sampling(config, steps=args.steps, guidance=args.guidance))
    return Wish(config, canvas, frames, args.fps, args.segment_frames, sampling, args.precision)


def machine_of_args(args: argparse.Namespace, config: DiTConfig) -> Machine:
    """The named card, or this machine; one without a card still plans for one if ``--vram`` is given."""
    from ..video.plan import best_device, imagined, machine_of
    from ..video.plan.machine import as_bytes, free_ram

    vram, ram = as_bytes(args.vram), as_bytes(args.ram)
    device = best_device()
    if args.card or (device.type == "cpu" and not small(config)):
        return imagined(args.card or "a card", config, args.precision, vram, ram if args.card else ram or free_ram())
    return machine_of(device, config, args.precision, vram, ram)


def small(config: DiTConfig) -> bool:
    """Whether the model is one that runs without a card."""
    from ..video.plan.autoencoders import SMALL
    from ..video.plan.flops import parameters

    return parameters(config) < SMALL


def measure(config: DiTConfig, precision: str) -> None:
    """Time this machine and remember its speed."""
    from ..video.plan import best_device, calibrate, format_of, remember

    device: torch.device = best_device()
    print(f"measuring {device.type} …", file=sys.stderr, flush=True)
    speed = calibrate(config, device, format_of(precision, config))
    remember(speed)
    print(f"{speed.device}: {speed.tflops:.4g} TFLOP/s in {speed.precision}", file=sys.stderr)


def facts(framing: Framing) -> dict[str, Any]:
    """Where the picture lies, as JSON values."""
    return {
        "size": [framing.source.width, framing.source.height],
        "scaled": [framing.scaled.width, framing.scaled.height],
        "left": framing.left,
        "top": framing.top,
        "kept": round(framing.kept, 4),
    }


def table(plan: Any) -> dict[str, str]:
    """Rows, their texts one below the other."""
    from ..video.plan import rows

    lines = rows(plan)
    if plan.advice:
        lines["advice"] = ("\n" + " " * 15).join(plan.advice)
    return {name: " " * (12 - len(name)) + value for name, value in lines.items()}

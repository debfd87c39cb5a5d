"""``python -m humandit animate --image P --motion F --model mini --out O.mp4``: the whole paper on one line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

BACKGROUNDS = ("off", "film", "still", "pan")
"""No points at all, the film's camera, one that stands still, one that pans and zooms."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("--image", type=Path, required=True, help="picture of the person to animate")
    parser.add_argument("--motion", type=Path, required=True, help="film of a person moving, or poses saved as JSON")
    parser.add_argument("--out", type=Path, required=True, help="the MP4 to write")
    parser.add_argument("--model", default="mini", help="'mini' or a weight file of the video model")
    parser.add_argument("--vae", help="weight file of its autoencoder (default: the one that belongs to 'mini')")
    parser.add_argument("--detector", default="mediapipe", help="pose detector")
    parser.add_argument(
        "--person", default="strongest", help="whose motion: strongest, largest, a number or a point X,Y of the film"
    )
    parser.add_argument("--adapt", default="robust", help="how bones are measured: robust or paper (largest lengths)")
    parser.add_argument("--ground", action="store_true", help="feet that stand in the film stand in the video")
    parser.add_argument("--keep-inside", action="store_true", help="keep head, hands and feet inside the picture")
    parser.add_argument("--width", type=int, default=192, help="width in pixels, a multiple of 16")
    parser.add_argument("--height", type=int, default=192, help="height in pixels, a multiple of 16")
    parser.add_argument("--frames", type=int, help="frames to make (default: the whole film)")
    parser.add_argument("--segment-frames", type=int, default=25, help="frames per segment, 8k+1")
    parser.add_argument("--fps", type=float, default=12.5, help="frames per second of the video")
    parser.add_argument("--preset", default="exact", help="exact, balanced or fast; default: %(default)s")
    parser.add_argument(
        "--steps", type=int, help="denoising steps (default: the preset's; exact: 20, bundled model: 2)"
    )
    parser.add_argument("--guidance", type=float, help="guidance scale on the pose (default: 1.5, bundled model: 1)")
    parser.add_argument("--sampler", help="ddim, dpm++ or dpm++2m (default: the preset's; exact: ddim)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--resume", action="store_true",
        help="go on where this film was interrupted; its finished segments lie beside --out until it is done",
    )  # fmt: skip
    parser.add_argument(
        "--continuity", default="plain", help="against drift: plain, default, still camera or gentle; default: plain"
    )
    parser.add_argument(
        "--drift", action="store_true", help="measure every segment's drift, and draw it beside --out as .drift.png"
    )
    camera = parser.add_argument_group("camera", "what moves behind the person")
    camera.add_argument("--background", choices=BACKGROUNDS, default="off", help="camera to follow; default: none")
    camera.add_argument(
        "--pan", type=float, nargs=2, default=(0.0, 0.0), metavar=("X", "Y"),
        help="with 'pan': frame widths right and heights down per second",
    )  # fmt: skip
    camera.add_argument("--zoom", type=float, default=0.0, help="with 'pan': growth per second, 0.1 is a tenth")
    camera.add_argument("--tracker", type=Path, metavar="NET", help="with 'film': CoTracker as a TorchScript file")


def run(args: argparse.Namespace) -> dict[str, Any] | None:
    """Animate, and return the figures of the run; of several processes (``torchrun``) only the first has any."""
    from ...video.spread import joined
    from .film import animated

    with joined() as first:
        return animated(args, first)

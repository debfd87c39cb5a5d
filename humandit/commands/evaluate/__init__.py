"""``humandit evaluate``: score a video model on held-out clips against its rivals, or the films of two folders."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ...errors import HumanDiTError
from .rivals import NAMES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE",
        help="a model: a bundled name (mini) or a .safetensors file; or two folders of films, or of folders of "
        "pictures, paired by name: the results, then the truth",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="put page, table and contact sheets there")
    parser.add_argument("--detector", default="mediapipe", help='finds keypoints again; "none" leaves them out')
    parser.add_argument("--nets", type=Path, metavar="FOLDER", help="where the detector's nets lie")
    parser.add_argument(
        "--backbones", type=Path, metavar="FOLDER",
        help="where the networks of LPIPS, FID, FID-VID and FVD lie; default: where `weights get` puts them",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of noise, first clip and bootstrap; default: %(default)s")
    parser.add_argument("--device", help="default: cuda if there is one, else cpu")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    model = parser.add_argument_group("a model")
    model.add_argument("--vae", help="the autoencoder; default: the bundled mini")
    model.add_argument("--against", metavar="FILE", help="other weights as one more rival, such as the previous ones")
    model.add_argument("--against-vae", metavar="FILE", help="their autoencoder; default: the model's")
    model.add_argument("--clips", type=int, default=64, help="held-out clips, 2 or more; default: %(default)s")
    model.add_argument("--segments", type=int, default=2, help="segments of each clip; default: %(default)s")
    model.add_argument("--frames", type=int, default=17, help="frames of a segment, 8k+1; default: %(default)s")
    model.add_argument("--steps", type=int, help="of sampling; default: 20, of the bundled model 2")
    model.add_argument("--guidance", type=float, help="of sampling; default: 1.5, of the bundled model 1")
    model.add_argument("--size", type=int, default=192, help="side of the clips in pixels; default: %(default)s")
    model.add_argument("--batch", type=int, default=8, help="clips denoised together, of one segment; default: 8")
    model.add_argument("--continuity", default="plain", help="against drift, as in animate; default: %(default)s")
    model.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep films there, and go on with them if it broke off"
    )
    model.add_argument("--rivals", nargs="+", metavar="NAME", choices=NAMES, default=NAMES,
                       help=f"only these beside the model, of {', '.join(NAMES)}; default: all")  # fmt: skip
    pairs = parser.add_argument_group("two folders")
    pairs.add_argument("--fps", type=float, default=12.5, help="speed of pictures in folders; default: %(default)s")
    pairs.add_argument("--segment-frames", type=int, metavar="N", help="new frames per segment, to tell the drift")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Evaluate; the dictionary is the command's result."""
    from . import folders, held_out

    if len(args.sources) > 2:
        raise HumanDiTError(f"Expected one model, or two folders, got {len(args.sources)}: {' '.join(args.sources)}.")
    return _rounded((held_out if len(args.sources) == 1 else folders).run(args))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(part) for part in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value

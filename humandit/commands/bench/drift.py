"""``humandit bench drift``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import HumanDiTError

FPS = 12.5
SHOWN = (1, 4, 8, 12)
"""Segments of which the sheets show the middle frame."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which people, which answers, and how the films are made."""
    parser.add_argument("--model", default="mini", help="a bundled name or a .safetensors file; default: %(default)s")
    parser.add_argument("--people", type=int, default=8, help="held-out people; default: %(default)s")
    parser.add_argument("--first", type=int, default=0, help="seed of the first; default: %(default)s")
    parser.add_argument("--segments", type=int, default=12, help="default: %(default)s")
    parser.add_argument("--segment-frames", type=int, default=17, help="8k+1; default: %(default)s")
    parser.add_argument("--size", type=int, default=192, help="side of the films in pixels; default: %(default)s")
    parser.add_argument("--steps", type=int, help="of --sampler; default: 20, of the bundled model 2")
    parser.add_argument("--guidance", type=float, help="of sampling; default: 1.5, of the bundled model 1")
    parser.add_argument("--sampler", default="ddim", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the noise; default: %(default)s")
    parser.add_argument("--only", nargs="+", metavar="METHOD", help="some answers; default: plain and default")
    parser.add_argument("--all", action="store_true", help="every answer alone as well: takes hours on a CPU")
    parser.add_argument("--detector", default="mediapipe", help='finds keypoints again; "none" leaves pck out')
    parser.add_argument("--nets", type=Path, metavar="FOLDER", help="where the detector's nets lie")
    parser.add_argument("--device", default="cpu", help="default: %(default)s")
    parser.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="write a plot, and a sheet of each person, here"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure; one entry per answer."""
    from ...data.synthetic import render_clip
    from ...media.write import write_image
    from ...metrics.bench_drift import Way, compare, loss
    from ...metrics.drift_plot import drift_plot
    from ...pipeline import Models
    from ...pose.detect import load_detector
    from ...video.presets import usual_sampling
    from ...weights.load import load_model, load_vae

    if args.people < 1 or args.segments < 2:
        raise HumanDiTError(f"1 person and 2 segments are the least, got {args.people} and {args.segments}.")
    methods, frames = chosen(args), 1 + args.segments * (args.segment_frames - 1)
    clips: list[Any] = [render_clip(args.first + i, "heldout", frames, args.size, FPS) for i in range(args.people)]
    models = Models(load_model(args.model, device=args.device), load_vae(args.model, device=args.device))
    detector = None if args.detector == "none" else load_detector(args.detector, args.nets)
    films: dict[str, np.ndarray] = {}

    def keep(name: str, index: int, film: np.ndarray, rows: dict[str, list[float]]) -> None:
        print(f"person {args.first + index}, {name}: {loss(rows)} dB lost", file=sys.stderr, flush=True)
        films[name] = film
        if args.pictures and len(films) == len(methods):
            _draw_sheet(args, index, clips[index].frames[1:], films)
            films.clear()

    asked = {name: getattr(args, name) for name in ("steps", "guidance", "sampler", "seed")}
    way = Way(args.segment_frames, usual_sampling(models.dit.config, **asked))
    result = compare(clips, methods, models, way, detector, keep)
    if args.pictures:
        write_image(args.pictures / "drift.png", drift_plot(result))
    return result


def chosen(args: argparse.Namespace) -> dict[str, Any]:
    """The answers that are asked for, "plain" first."""
    from ...metrics.bench_drift import METHODS

    names = list(METHODS) if args.all else ["plain", *(n for n in args.only or ["default"] if n != "plain")]
    if unknown := [name for name in names if name not in METHODS]:
        raise HumanDiTError(f"Unknown answer to drift {unknown[0]!r}. Choose from: {', '.join(METHODS)}.")
    return {name: METHODS[name] for name in names}


def _draw_sheet(args: argparse.Namespace, index: int, truth: np.ndarray, films: dict[str, np.ndarray]) -> None:
    """``person-N.jpg``: the truth and every film, in the middle of some segments."""
    from ...media.sheet import contact_sheet
    from ...media.write import write_image

    args.pictures.mkdir(parents=True, exist_ok=True)
    new = args.segment_frames - 1
    moments = [new * (number - 1) + new // 2 for number in SHOWN if number <= args.segments]
    rows = {name: film[moments] for name, film in {"truth": truth, **films}.items()}
    write_image(args.pictures / f"person-{args.first + index}.jpg", contact_sheet(rows, len(moments)))

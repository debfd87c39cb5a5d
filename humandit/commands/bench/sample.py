"""``humandit bench sample``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import HumanDiTError

if TYPE_CHECKING:
    from ...metrics.bench_sample import Race
    from ...video.presets import Preset

FPS = 12.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which films, and where."""
    parser.add_argument("--model", default="mini", help="a bundled name or a .safetensors file; default: %(default)s")
    parser.add_argument("--films", type=int, default=6, help="held-out films, each one round; default: %(default)s")
    parser.add_argument("--frames", type=int, default=17, help="frames per film, 8k+1; default: %(default)s")
    parser.add_argument("--size", type=int, default=128, help="side of the films in pixels; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the noise and the first film; default: %(default)s")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; default: %(default)s")
    parser.add_argument("--device", default="cpu", help="default: %(default)s")
    parser.add_argument("--detector", default="mediapipe", help='finds keypoints again; "none" leaves pck out')
    parser.add_argument("--nets", type=Path, metavar="FOLDER", help="where the detector's nets lie")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure; the dictionary is the command's result: one entry per preset."""
    from ...metrics.bench_sample import STOCK, TEXT_FREE, stock_racers, times
    from ...video.presets import PRESETS

    with measured(args, PRESETS, stock_racers) as (done, figures):
        stock = {name: times(done.seconds[name]) for name in (STOCK, TEXT_FREE)}
        result = {}
        for name, figure in figures:
            over, free = done.speedup(name, STOCK), done.speedup(name, TEXT_FREE)
            median = {"speedup_median": over["median"], "speedup_text_free_median": free["median"]}
            result[name] = {"speedup": over["min"], "speedup_text_free": free["min"], **median, **figure, **stock}
    return result


@contextmanager
def measured(
    args: argparse.Namespace, presets: Mapping[str, Preset], others: Any = lambda models: {}
) -> Iterator[tuple[Race, Iterator[tuple[str, dict[str, Any]]]]]:
    """A race of ``presets`` and ``others`` on held-out films, on the threads asked for, and the presets' figures."""
    import torch

    from ...metrics.bench_sample import ours, race, results, tasks
    from ...pipeline import Models
    from ...pose.detect import load_detector
    from ...weights.load import load_model, load_vae

    if args.films < 1:
        raise HumanDiTError(f"At least 1 film is needed, got {args.films}. 6 is a good number.")
    before = torch.get_num_threads()
    torch.set_num_threads(args.threads)
    try:
        models = Models(load_model(args.model, device=args.device), load_vae(args.model, device=args.device))
        films = tasks(clips(args), models, args.seed)
        racers = {**others(models), **{name: ours(models, p, films[0].shape) for name, p in presets.items()}}
        clock = time.process_time if args.device == "cpu" and args.threads == 1 else time.perf_counter
        done = race(films, racers, lambda i, name, seconds: _say(f"film {i + 1}, {name}: {seconds:.2f} s"), clock)
        detector = None if args.detector == "none" else load_detector(args.detector, args.nets)
        yield done, results(done, films, models, list(presets), detector)
    finally:
        torch.set_num_threads(before)


def clips(args: argparse.Namespace) -> list[Any]:
    """Held-out films of rendered people."""
    from ...data.synthetic import render_clip
    from ...types import VideoShape

    shape = VideoShape(args.frames, args.size, args.size)
    return [render_clip(args.seed + i, "heldout", shape.frames, shape.width, FPS) for i in range(args.films)]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

"""``humandit bench switches``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ...errors import HumanDiTError
from . import sample

if TYPE_CHECKING:
    from ...video.presets import Preset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """As ``bench sample``'s, and which switches."""
    sample.add_arguments(parser)
    parser.add_argument("--only", nargs="+", metavar="SWITCH", help="some of them; default: all that run here")


def switches() -> dict[str, Preset]:
    """Name -> a preset with this one switch, at 50 asked steps; "exact" to compare with."""
    from ...video.presets import Preset

    few = {f"{sampler} {n}": Preset(n, sampler) for sampler in ("ddim", "dpm++2m") for n in (20, 12, 8, 6, 4)}
    return {
        "exact": Preset(),
        **few,
        "guided above 500": Preset(guided_to=500),
        "guided below 500": Preset(guided_from=500),
        "unguided": Preset(guided_from=-1),
        **{f"cache {threshold}": Preset(cache=threshold) for threshold in (0.02, 0.05, 0.1)},
        "plain attention": Preset(attention="plain"),
        "compile": Preset(compile=True),
    }


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure; one entry per switch."""
    known = switches()
    chosen = ["exact", *(name for name in args.only or known if name != "exact")]
    if unknown := [name for name in chosen if name not in known]:
        raise HumanDiTError(f"Unknown switch {unknown[0]!r}. Choose from: {', '.join(known)}.")
    with sample.measured(args, {name: known[name] for name in chosen}) as (done, figures):
        return {name: {"speedup": done.speedup(name, "exact")["min"], **figure} for name, figure in figures}

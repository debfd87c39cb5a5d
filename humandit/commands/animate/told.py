"""What is said while a film is made, and what is measured of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ...errors import HumanDiTError


def quiet(segment: Any, done: int, total: int) -> None:
    """The other processes say nothing."""


def say(text: str) -> None:
    print(f"\r{text}", file=sys.stderr, flush=True)


def progress(segment: Any, done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\rsegment {segment.index + 1}: step {done}/{total}", end=end, file=sys.stderr, flush=True)


def drift_told(path: Path, drifts: list[Any]) -> dict[str, Any]:
    """The figures of every segment, and where they are drawn; nothing where nothing was measured."""
    if not drifts:
        return {}
    from ...media.write import write_image
    from ...metrics.drift import as_lists
    from ...metrics.drift_plot import drift_plot

    figures = as_lists(drifts)
    write_image(path, drift_plot({"film": figures}))
    return {"drift": {**figures, "plot": str(path)}}


def peak_megabytes_or_none() -> int | None:
    """Most memory held, MiB; None on systems that do not tell."""
    from ...metrics.bench_memory import peak_megabytes

    try:
        return round(peak_megabytes())
    except HumanDiTError:
        return None

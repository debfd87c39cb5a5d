"""The film that the arguments ask for, made and written."""

from __future__ import annotations

import argparse
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import HumanDiTError
from .inputs import camera_of, pictures_and_poses, settings_of
from .told import drift_told, peak_megabytes_or_none, progress, quiet, say

HOW = "Run the same again with --resume to go on."
"""Said when a film breaks off."""


def animated(args: argparse.Namespace, first: bool) -> dict[str, Any] | None:
    """The film as one of the processes makes it: the ``first`` writes it, shows how far it is and returns figures."""
    from ...journal import Shelf
    from ...media.write import write_mp4
    from ...pipeline import Models, animate
    from ...pose.detect import load_detector
    from ...weights.load import load_model, load_vae

    started = time.monotonic()
    models = Models(load_model(args.model), load_vae(args.vae or args.model))
    settings = settings_of(args, models.dit.config)
    detector = load_detector(args.detector)
    picture, picture_pose, film, shown = pictures_and_poses(args, detector)
    settings = replace(settings, background=camera_of(args, detector, film, shown))
    shelf = Shelf(journal_beside(args.out), say, HOW, resumes=args.resume, asked=args.resume, writes=first)
    meter = _meter(picture, picture_pose, film, settings, detector) if args.drift and first else None
    segments, drifts, on_progress = [], [], progress if first else quiet

    def frames() -> Generator[np.ndarray, None, None]:
        for finished in animate(picture, picture_pose, film, models, settings, on_progress, shelf):
            segments.append(len(finished.frames))
            shown = (finished.frames * 255).round().byte().numpy()
            drifts.extend([meter(shown)] if meter else [])
            yield from shown
            del finished, shown  # or they are kept while the next one is made

    if not first:
        for _ in frames():
            pass
        return None
    with _readable_when_full(), closing(frames()) as stream:
        write_mp4(args.out, stream, args.fps, repeatable=True)
    shelf.clear_finished()
    return {
        "video": str(args.out),
        "frames": sum(segments),
        "fps": args.fps,
        "width": args.width,
        "height": args.height,
        "segments": len(segments),
        "seconds": round(time.monotonic() - started, 1),
        "peak_memory_mb": peak_megabytes_or_none(),
        **drift_told(args.out.with_suffix(".drift.png"), drifts),
    }


def _meter(picture: np.ndarray, picture_pose: Any, film: Any, settings: Any, detector: Any) -> Any:
    """What tells each segment's drift, from the picture and poses that the film is made of."""
    from ...metrics.drift import drift_meter
    from ...metrics.pose import redetect
    from ...pipeline import driving_poses, fit_picture

    fitted, pose = fit_picture(picture, picture_pose, settings.canvas)
    poses = driving_poses(pose, film, settings)
    return drift_meter(poses, fitted, lambda frames: redetect(detector, frames, settings.fps))


def journal_beside(film: Path) -> Path:
    """The folder in which finished segments wait until ``film`` is written."""
    return film.with_name(f"{film.stem}.journal")


@contextmanager
def _readable_when_full() -> Iterator[None]:
    """A disk that is full, or a folder that cannot be written, is one readable line."""
    try:
        yield
    except OSError as problem:
        reason = problem.strerror or problem
        raise HumanDiTError(
            f"The film cannot be written: {reason}. Free some space or name another --out."
        ) from problem

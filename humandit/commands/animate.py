"""``python -m humandit animate --image P --motion F --model mini --out O.mp4``: the whole paper on one line."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import HumanDiTError, InvalidPose

BACKGROUNDS = ("off", "film", "still", "pan")
"""No points at all, the film's camera, one that stands still, one that pans and zooms."""
HOW = "Run the same again with --resume to go on."
"""Said when a film breaks off."""


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
    parser.add_argument("--width", type=int, default=128, help="width in pixels, a multiple of 16")
    parser.add_argument("--height", type=int, default=128, help="height in pixels, a multiple of 16")
    parser.add_argument("--frames", type=int, help="frames to make (default: the whole film)")
    parser.add_argument("--segment-frames", type=int, default=25, help="frames per segment, 8k+1")
    parser.add_argument("--fps", type=float, default=12.5, help="frames per second of the video")
    parser.add_argument("--preset", default="exact", help="exact, balanced or fast; default: %(default)s")
    parser.add_argument("--steps", type=int, help="denoising steps (default: the preset's; exact: 20)")
    parser.add_argument("--guidance", type=float, default=1.5, help="guidance scale on the pose")
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
    from ..video.spread import joined

    with joined() as first:
        return animated(args, first)


def animated(args: argparse.Namespace, first: bool) -> dict[str, Any] | None:
    """The film as one of the processes makes it: the ``first`` writes it, shows how far it is and returns figures."""
    from ..journal import Shelf
    from ..media.write import write_mp4
    from ..pipeline import Models, Settings, animate
    from ..pose.adapt import Retarget
    from ..pose.detect import load_detector
    from ..types import Canvas
    from ..video.continuity import continuity
    from ..video.sample import Sampling
    from ..video.spread import started_by_torchrun
    from ..weights.load import load_model, load_vae

    started = time.monotonic()
    own = {name: value for name in ("steps", "sampler") if (value := getattr(args, name)) is not None}
    sampling = Sampling(guidance=args.guidance, seed=args.seed, **own)
    settings = Settings(
        Canvas(args.width, args.height), args.fps, args.frames, args.segment_frames, sampling, preset=preset_of(args),
        continuity=continuity(args.continuity),
    )  # fmt: skip
    retarget = Retarget(args.adapt, ground=args.ground, keep_inside=args.keep_inside)
    models = Models(load_model(args.model), load_vae(args.vae or args.model))
    detector = load_detector(args.detector)
    picture, picture_pose, film, shown = _inputs(args, detector)
    background = camera_of(args, detector, film, shown)
    settings = replace(settings, retarget=retarget, background=background, spread=started_by_torchrun())
    shelf = Shelf(journal_beside(args.out), _say, HOW, resumes=args.resume, asked=args.resume, writes=first)
    meter = _meter(picture, picture_pose, film, settings, detector) if args.drift and first else None
    segments, drifts, progress = [], [], _progress if first else _quiet

    def frames() -> Generator[np.ndarray, None, None]:
        for finished in animate(picture, picture_pose, film, models, settings, progress, shelf):
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
        "peak_memory_mb": _peak_megabytes(),
        **_drift_told(args.out.with_suffix(".drift.png"), drifts),
    }


def _meter(picture: np.ndarray, picture_pose: Any, film: Any, settings: Any, detector: Any) -> Any:
    """What tells each segment's drift, from the picture and poses that the film is made of."""
    from ..metrics.drift import drift_meter
    from ..metrics.pose import redetect
    from ..pipeline import driving_poses, fit_picture

    fitted, pose = fit_picture(picture, picture_pose, settings.canvas)
    poses = driving_poses(pose, film, settings)
    return drift_meter(poses, fitted, lambda frames: redetect(detector, frames, settings.fps))


def _drift_told(path: Path, drifts: list[Any]) -> dict[str, Any]:
    """The figures of every segment, and where they are drawn; nothing where nothing was measured."""
    if not drifts:
        return {}
    from ..media.write import write_image
    from ..metrics.drift import as_lists
    from ..metrics.drift_plot import drift_plot

    figures = as_lists(drifts)
    write_image(path, drift_plot({"film": figures}))
    return {"drift": {**figures, "plot": str(path)}}


def _peak_megabytes() -> int | None:
    """Most memory held, MiB; None on systems that do not tell."""
    from ..metrics.bench_memory import peak_megabytes

    try:
        return round(peak_megabytes())
    except HumanDiTError:
        return None


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


def preset_of(args: argparse.Namespace) -> str:
    """The preset asked for, which may not contradict steps or sampler."""
    from ..video.presets import PRESETS, preset

    chosen = args.steps is not None or args.sampler is not None
    if preset(args.preset) != PRESETS["exact"] and chosen:
        raise HumanDiTError(
            f"The preset {args.preset!r} chooses steps and sampler itself. Leave yours out, or take 'exact'."
        )
    return args.preset


def _inputs(args: argparse.Namespace, detector: Any) -> tuple[np.ndarray, Any, Any, np.ndarray | None]:
    """Picture, its pose, the motion's poses and the film that they come from, if it is one."""
    from ..media.read import read_film, read_image
    from ..pose.track import follow

    picture = read_image(args.image)
    picture_pose = detector.detect([picture], args.fps)
    if args.motion.suffix == ".json":
        return picture, picture_pose, _motion_file(args.motion, args.person), None
    film = read_film(args.motion, min_frames=2)
    return picture, picture_pose, follow(detector, film.frames, film.fps, args.person)[1].poses, film.frames


def _motion_file(path: Path, who: str) -> Any:
    """The poses of a number's person in a pose file of any kind, or of the strongest."""
    from ..pose.formats import load_any, load_people, pick

    return pick(load_people(path), int(who)) if who.isdecimal() else load_any(path)


def camera_of(args: argparse.Namespace, detector: Any, poses: Any, film: np.ndarray | None) -> Any:
    """Points of the camera that was asked for, or None."""
    from ..pose.background import camera_background, cut_out, track_background
    from ..types import Canvas

    if args.background == "off":
        return None
    if args.background != "film":
        pan, zoom = (tuple(args.pan), args.zoom) if args.background == "pan" else ((0.0, 0.0), 0.0)
        return camera_background(Canvas(args.width, args.height), len(poses), poses.fps, pan, zoom)
    if film is None:
        raise InvalidPose("--background film needs a film as --motion, not poses. Use still or pan instead.")
    tracker = None
    if args.tracker:
        from ..pose.background.cotracker import CoTracker

        tracker = CoTracker.load(args.tracker)
    return track_background(film, poses.fps, cut_out(film, poses, detector), tracker=tracker)


def _quiet(segment: Any, done: int, total: int) -> None:
    """The other processes say nothing."""


def _say(text: str) -> None:
    print(f"\r{text}", file=sys.stderr, flush=True)


def _progress(segment: Any, done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\rsegment {segment.index + 1}: step {done}/{total}", end=end, file=sys.stderr, flush=True)

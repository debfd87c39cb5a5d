"""What a film is made from: picture, motion, camera and preset, as the arguments name them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import HumanDiTError, InvalidPose

if TYPE_CHECKING:
    from ...pipeline import Settings
    from ...video.config import DiTConfig


def pictures_and_poses(args: argparse.Namespace, detector: Any) -> tuple[np.ndarray, Any, Any, np.ndarray | None]:
    """Picture, its pose, the motion's poses and the film that they come from, if it is one."""
    from ...media.read import read_film, read_image
    from ...pose.track import follow

    picture = read_image(args.image)
    picture_pose = detector.detect([picture], args.fps)
    if args.motion.suffix == ".json":
        return picture, picture_pose, _motion_file(args.motion, args.person), None
    film = read_film(args.motion, min_frames=2)
    return picture, picture_pose, follow(detector, film.frames, film.fps, args.person)[1].poses, film.frames


def _motion_file(path: Path, who: str) -> Any:
    """The poses of a number's person in a pose file of any kind, or of the strongest."""
    from ...pose.formats import load_any, load_people, pick

    return pick(load_people(path), int(who)) if who.isdecimal() else load_any(path)


def camera_of(args: argparse.Namespace, detector: Any, poses: Any, film: np.ndarray | None) -> Any:
    """Points of the camera that was asked for, or None."""
    from ...pose.background import camera_background, cut_out, track_background
    from ...types import Canvas

    if args.background == "off":
        return None
    if args.background != "film":
        pan, zoom = (tuple(args.pan), args.zoom) if args.background == "pan" else ((0.0, 0.0), 0.0)
        return camera_background(Canvas(args.width, args.height), len(poses), poses.fps, pan, zoom)
    if film is None:
        raise InvalidPose("--background film needs a film as --motion, not poses. Use still or pan instead.")
    tracker = None
    if args.tracker:
        from ...pose.background.cotracker import CoTracker

        tracker = CoTracker.load(args.tracker)
    return track_background(film, poses.fps, cut_out(film, poses, detector), tracker=tracker)


def settings_of(args: argparse.Namespace, config: DiTConfig) -> Settings:
    """What was chosen, but for the camera, which needs the film; where nobody chose, what suits the model."""
    from ...pipeline import Settings
    from ...pose.adapt import Retarget
    from ...types import Canvas
    from ...video.continuity import continuity
    from ...video.presets import usual_sampling
    from ...video.spread import started_by_torchrun

    asked = {name: getattr(args, name) for name in ("steps", "guidance", "sampler", "seed")}
    return Settings(
        Canvas(args.width, args.height),
        args.fps,
        args.frames,
        args.segment_frames,
        usual_sampling(config, **asked),
        retarget=Retarget(args.adapt, ground=args.ground, keep_inside=args.keep_inside),
        preset=preset_of(args),
        spread=started_by_torchrun(),
        continuity=continuity(args.continuity),
    )


def preset_of(args: argparse.Namespace) -> str:
    """The preset asked for, which may not contradict steps or sampler."""
    from ...video.presets import PRESETS, preset

    chosen = args.steps is not None or args.sampler is not None
    if preset(args.preset) != PRESETS["exact"] and chosen:
        raise HumanDiTError(
            f"The preset {args.preset!r} chooses steps and sampler itself. Leave yours out, or take 'exact'."
        )
    return args.preset

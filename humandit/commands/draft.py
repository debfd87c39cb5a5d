"""``python -m humandit draft --image P --motion F --out O.mp4``: the film as a paper puppet, in seconds."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from ..pose.detect import Detector
    from ..pose.sequence import PoseSequence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb: those of ``animate`` that concern picture, motion and size."""
    parser.add_argument("--image", type=Path, required=True, help="picture of the person to animate")
    parser.add_argument("--motion", type=Path, required=True, help="film of a person moving, or poses saved as JSON")
    parser.add_argument("--out", type=Path, required=True, help="the MP4 to write")
    parser.add_argument("--mask", type=Path, help="picture that is white where the person is; default: found")
    parser.add_argument("--detector", default="mediapipe", help="pose detector; default: %(default)s")
    parser.add_argument("--person", default="strongest", help="whose motion: strongest, largest, a number or X,Y")
    parser.add_argument("--adapt", default="robust", help="how bones are measured: robust or paper (largest lengths)")
    parser.add_argument("--ground", action="store_true", help="feet that stand in the film stand in the draft")
    parser.add_argument("--keep-inside", action="store_true", help="keep head, hands and feet inside the picture")
    parser.add_argument("--width", type=int, default=512, help="width in pixels; default: %(default)s")
    parser.add_argument("--height", type=int, default=512, help="height in pixels; default: %(default)s")
    parser.add_argument("--frames", type=int, help="frames to draw (default: the whole film)")
    parser.add_argument("--fps", type=float, default=12.5, help="frames per second; default: %(default)s")
    parser.add_argument("--no-label", action="store_true", help='do not write "draft" into the corner')


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Draw the draft, and return the figures of the run."""
    from ..draft import labelled, play, puppet
    from ..media.read import read_image
    from ..media.write import write_mp4
    from ..pipeline import fit_picture
    from ..pose.adapt import Retarget, align
    from ..pose.detect import load_detector
    from ..types import Canvas

    started = time.monotonic()
    detector, canvas = load_detector(args.detector), Canvas(args.width, args.height)
    image = read_image(args.image)
    picture, pose = fit_picture(image, detector.detect([image], args.fps), canvas)
    retarget = Retarget(args.adapt, ground=args.ground, keep_inside=args.keep_inside)
    poses = align(pose, motion_of(args, detector), canvas, retarget).poses.resampled(args.fps)[: args.frames]
    doll = puppet(picture, replace(pose, fps=args.fps), mask_of(args.mask, image, canvas), detector)

    def frames() -> Iterator[np.ndarray]:
        for drawn in play(doll, poses):
            yield drawn.frame if args.no_label else labelled(drawn.frame)

    count = write_mp4(args.out, frames(), args.fps)
    seconds = round(time.monotonic() - started, 1)
    return {"video": str(args.out), "frames": count, "fps": args.fps, "size": str(canvas), "seconds": seconds}


def motion_of(args: argparse.Namespace, detector: Detector) -> PoseSequence:
    """The poses of the chosen person in a pose file or a film."""
    from ..media.read import read_film
    from ..pose.track import follow
    from .motion.inputs import saved

    if args.motion.suffix == ".json":
        return saved(args.motion, None, args.person)
    film = read_film(args.motion, min_frames=2)
    return follow(detector, film.frames, film.fps, args.person)[1].poses


def mask_of(path: Path | None, image: np.ndarray, canvas: Any) -> np.ndarray | None:
    """[H, W] float32 in 0..1 on the canvas, from a picture as large as ``image``."""
    import numpy as np

    from ..errors import InvalidMedia
    from ..media.frames import fit_frames
    from ..media.read import read_image

    if path is None:
        return None
    mask = read_image(path)
    if mask.shape != image.shape:
        raise InvalidMedia(
            f"The mask must be as large as the picture {list(image.shape[:2])}, got {list(mask.shape[:2])}."
        )
    return fit_frames(mask, canvas, "fill").mean(-1).astype(np.float32) / 255

"""The pose adapter (paper §3.4): a template's motion on the body of the reference picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...errors import InvalidPose
from ...types import Canvas
from .. import skeleton as coco
from ..sequence import PoseSequence
from . import paper, robust
from .chain import carried
from .ground import floor_of, floor_shift
from .inside import Fit, fit_inside
from .parts import Build, Retarget
from .points import Points

MEASURES: dict[str, Callable[[Points, Points], Build]] = {"paper": paper.measure, "robust": robust.measure}


@dataclass(frozen=True)
class Alignment:
    """A motion on its new body, and what was done to it.

    Attributes:
        poses: as long and as fast as the template, scores included, on the reference's canvas.
        build: ratios that were used, reference over template.
        shift: [T, 2] pixels by which ``ground`` moved each frame; None where it was off or the film shows no feet.
        fit: what ``keep_inside`` did to the whole film; None where it was off.
        choice: what was asked for.
    """

    poses: PoseSequence
    build: Build
    shift: np.ndarray | None
    fit: Fit | None
    choice: Retarget


def align(
    reference: PoseSequence, template: PoseSequence, canvas: Canvas | None = None, choice: Retarget | None = None
) -> Alignment:
    """The template's motion with the reference's proportions, place and size.

    Args:
        reference: one frame, the pose found in the reference picture.
        template: the driving motion, on a canvas of any size.
        canvas: size of the frames to be made; None keeps the reference's.
        choice: how; None takes every part over in full.

    Raises:
        InvalidPose: not one reference, no template, or no bone that both show.
    """
    if len(reference) != 1 or not len(template):
        raise InvalidPose(
            f"The adapter needs a reference of 1 frame and a template of at least 1, "
            f"got {len(reference)} and {len(template)}. Cut the reference to one frame."
        )
    choice = choice or Retarget()
    reference = reference if canvas is None else reference.resized(canvas)
    ref, film = Points.of(reference), Points.of(template)
    source = robust.without_flights(film) if choice.mode == "robust" else film
    filled, build = source.filled(), MEASURES[choice.mode](ref, source).weighed(choice)
    out = carried(ref, filled, build)
    shift, fit, floor = None, None, floor_of(ref, reference.canvas)
    if choice.ground:
        shift = floor_shift(out, filled, source, build.body, template.fps, floor)
        out = out if shift is None else out + shift[:, None]
    if choice.keep_inside:
        fit = fit_inside(out, filled, film.seen, template.canvas, reference.canvas, feet=floor is not None)
        out = fit(out)
    poses = replace(template, xy=out[:, : coco.COUNT].astype(np.float32), canvas=reference.canvas)
    return Alignment(poses, build, shift, fit, choice)


def adapt(
    reference: PoseSequence,
    template: PoseSequence,
    canvas: Canvas | None = None,
    mode: str = "robust",
    strength: float = 1.0,
) -> PoseSequence:
    """The poses of :func:`align`, all parts alike.

    The first frame's neck is the reference's. Missing joints keep a finite place beside their parents.
    """
    return align(reference, template, canvas, Retarget(mode, strength)).poses

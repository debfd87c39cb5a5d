"""A film for models that follow a drawn one: drawn from poses, or brought to the video's size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import host
from .types import as_people

if TYPE_CHECKING:
    from ..humandit.pose.sequence import PoseSequence
    from ..humandit.types import Canvas
    from ..humandit.video.segments import PoseImages

STILL = (
    "Connect a drawn film or poses here. A picture of the person belongs to reference of HumanDiT VCtrl or HumanDiT "
    "Sample; CogVideoX-Fun weights take none."
)
"""Said to whoever connects a picture where the motion belongs."""


def drawn_film(
    value: Any, canvas: Canvas, fps: float, frames: int | None, first: PoseSequence | None = None
) -> PoseImages:
    """The film to follow, [T, H, W, 3] in 0..1 on ``canvas``, drawn when it is asked for.

    Args:
        value: poses, POSE_KEYPOINT, or IMAGE [T, H, W, 3] of a film that is drawn already.
        fps: rate that poses are resampled to.
        frames: how many of them, None for all.
        first: a pose on ``canvas`` to put in front; only one person is drawn then.
    """
    import torch

    from ..humandit.errors import InvalidPose
    from ..humandit.media.frames import fit_frames
    from ..humandit.pipeline import fit_poses, moving
    from ..humandit.pose.drawn import DrawnFilm

    if isinstance(value, torch.Tensor):
        if value.ndim == 4 and value.shape[0] == 1:
            raise InvalidPose(f"A film to follow needs at least 2 frames, got one picture. {STILL}")
        film = host.to_image(fit_frames(host.to_uint8(value), canvas))[:frames]
        return film if first is None else torch.cat([DrawnFilm([first], canvas)[:1], film])
    people = [fit_poses(moving(person), canvas).resampled(fps)[:frames] for person in as_people(value)]
    if first is not None:
        people = [_joined(first, max(people, key=lambda person: float(person.score.mean())), fps)]
    return DrawnFilm(people, canvas)


def _joined(first: PoseSequence, motion: PoseSequence, fps: float) -> PoseSequence:
    from dataclasses import replace

    return replace(first, fps=fps).concat(motion)

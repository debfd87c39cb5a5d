"""What simple ways make of the Keypoint-DiT's two tasks: the rivals that it must beat."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence

WALK = 0.004
"""Step of the noise walk on each axis, body heights per frame: about as fast as real joints go."""
SHOULDERS = [coco.INDEX["left_shoulder"], coco.INDEX["right_shoulder"]]


@runtime_checkable
class TrueFilm(Protocol):
    """True keypoints of a person ``height`` pixels tall; see ``data.motion.films``."""

    @property
    def poses(self) -> PoseSequence: ...

    @property
    def height(self) -> float: ...


def linear(picture: PoseSequence, aligned: PoseSequence, tau: int) -> PoseSequence:
    """The bridge of ``tau`` frames on straight lines, at even speed; then ``aligned`` as it is."""
    part = np.linspace(0, 1, tau + 2, dtype=np.float32)[1:-1, None, None]
    return _bridged(picture, picture.xy[:1] * (1 - part) + aligned.xy[:1] * part, aligned)


def cubic(picture: PoseSequence, aligned: PoseSequence, tau: int) -> PoseSequence:
    """The bridge on the cubic that leaves the still pose at rest and arrives at the film's own speed."""
    span = tau + 1
    part = (np.arange(1, span, dtype=np.float32) / span)[:, None, None]
    speed = (aligned.xy[1:2] - aligned.xy[:1]) * span if len(aligned) > 1 else np.zeros_like(aligned.xy[:1])
    ease = part**2 * (3 - 2 * part)
    xy = picture.xy[:1] * (1 - ease) + aligned.xy[:1] * ease + speed * (part**3 - part**2)
    return _bridged(picture, xy, aligned)


def _bridged(picture: PoseSequence, between: np.ndarray, aligned: PoseSequence) -> PoseSequence:
    score = np.minimum(picture.score[:1], aligned.score[:1]).repeat(len(between), 0)
    return picture[:1].concat(replace(aligned, xy=between, score=score)).concat(aligned)


def hold(picture: PoseSequence, frames: int) -> PoseSequence:
    """The pose, held still for ``frames`` more."""
    return replace(picture, xy=picture.xy[:1].repeat(frames + 1, 0), score=picture.score[:1].repeat(frames + 1, 0))


def noise_walk(picture: PoseSequence, frames: int, height: float, rng: np.random.Generator) -> PoseSequence:
    """Every joint walks at random on its own."""
    still, steps = hold(picture, frames), rng.normal(0, WALK * height, (frames, coco.COUNT, 2))
    return replace(still, xy=np.concatenate([still.xy[:1], still.xy[1:] + steps.cumsum(0)]))


def paste(picture: PoseSequence, height: float, other: TrueFilm) -> PoseSequence:
    """Another film from its second frame on, moved and scaled so that its first neck and its height are ours."""
    here, there = neck(picture)[:1], neck(other.poses)[:1]
    moved = (other.poses.xy - there[:, None]) * (height / other.height) + here[:, None]
    xy = np.concatenate([picture.xy[:1], moved[1:]])
    return replace(picture, xy=xy, score=picture.score[:1].repeat(len(xy), 0))


def neck(poses: PoseSequence) -> np.ndarray:
    """[T, 2] pixels, the middle of the shoulders."""
    return poses.xy[:, SHOULDERS].mean(1)

"""Poses made whole (paper §3.4, the second task of the Keypoint-DiT)."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..errors import InvalidPose
from ..pose.sequence import PoseSequence
from .blend import Strengths, blend
from .model import KeypointDiT
from .start import MotionSampling, Progress, absent, batch, quiet, seen, watched
from .steps import REFINE_STEPS
from .tokens import from_tokens, to_tokens
from .windows import Wish, roll

USUAL, ALL = MotionSampling(REFINE_STEPS, guidance=1.0), Strengths()


def refine_motion(  # noqa: PLR0913 - what to do, how, and who watches
    model: KeypointDiT,
    start: PoseSequence,
    aligned: PoseSequence,
    tau: int,
    strengths: Strengths = ALL,
    sampling: MotionSampling = USUAL,
    on_step: Progress = quiet,
) -> PoseSequence:
    """J_fix = K(j_0, aligned, tau) (paper §3.4): a bridge from ``start`` to ``aligned``, and faults mended.

    Args:
        start: j_0, one pose.
        aligned: m poses, already on the person's proportions. Brought to the canvas of ``start``.
        tau: frames of the bridge, 0 to m, at the speed of ``aligned``. There the model sees no condition.
        strengths: how much of the model's points is taken over; on the bridge all of it.
        sampling: guidance is on the condition.

    Returns:
        1 + tau + m poses at the speed of ``aligned``, the first of them exactly j_0. At another speed than the model's
        (25 fps) the condition is resampled to it and the result back, by straight lines. Joints that ``aligned``
        or j_0 shows are present and keep their score; what j_0 shows and a frame lacks is filled in where the strength
        is above 0.

    Raises:
        InvalidPose: nothing to start from, no pose to follow, or a bridge longer than what follows.
    """
    if len(start) != 1:
        raise InvalidPose(f"Refining starts from one pose, got {len(start)}. Choose a frame.")
    if len(aligned) < 1:
        raise InvalidPose("Refining needs at least 1 pose to follow, got none.")
    if not 0 <= tau <= len(aligned):
        raise InvalidPose(
            f"The bridge has 0 to {len(aligned)} frames, as many as the poses that follow, got {tau}. Choose fewer."
        )
    begun = replace(seen(start), fps=aligned.fps)
    aligned = aligned.resized(start.canvas)
    refined = _refined(model, begun, aligned, tau, sampling, on_step)
    return _taken_over(begun, aligned, tau, refined, strengths)


def _refined(  # noqa: PLR0913 - as its caller
    model: KeypointDiT,
    begun: PoseSequence,
    aligned: PoseSequence,
    tau: int,
    sampling: MotionSampling,
    on_step: Progress,
) -> PoseSequence:
    """1 + tau + m poses as the model makes them, at the speed of ``aligned``; score 1 where it made a joint."""
    config, frames = model.config, 1 + tau + len(aligned)
    # the last pose is held for a moment, so that the way back from another speed reaches the end
    held = 0 if aligned.fps == config.fps else math.ceil(aligned.fps / config.fps)
    followed = PoseSequence.stacked([absent(begun, 1 + tau), aligned, *[aligned[-1:]] * held])
    condition = followed.resampled(config.fps)
    given = to_tokens(condition)
    presence = np.maximum(given.presence, begun.visible.astype(np.float32))
    presence[0] = begun.visible
    first = max(config.window, 1 + math.ceil(tau * config.fps / aligned.fps) + config.overlap)
    wish = Wish(batch(presence), batch(given.points), batch(given.presence))
    report = watched(on_step, presence, begun.canvas, config.fps)
    points = roll(model, batch(to_tokens(begun).points), wish, first, sampling, report)
    xy = from_tokens(points[0].numpy(), presence, begun.canvas)
    xy[0] = begun.xy[0]
    return replace(condition, xy=xy, score=presence).resampled(aligned.fps)[:frames]


def _taken_over(
    begun: PoseSequence, aligned: PoseSequence, tau: int, refined: PoseSequence, strengths: Strengths
) -> PoseSequence:
    """j_0, the bridge as the model made it, and ``aligned`` mixed with what the model made of it."""
    given = PoseSequence.stacked([begun, absent(begun, tau), aligned])
    shown, made = given.visible, (refined.score > 0)[..., None]
    filled = begun.visible & ((strengths.of_points > 0) | (np.arange(len(given)) <= tau)[:, None])
    present = shown | filled
    ours = np.where(made, refined.xy, given.xy)
    theirs = np.where(shown[..., None], given.xy, ours)
    xy = blend(ours, theirs, present, strengths, begun.canvas)
    xy[: 1 + tau] = np.concatenate([begun.xy, refined.xy[1 : 1 + tau]])
    score = np.where(filled & ~shown, begun.score, given.score)
    return replace(given, xy=xy, score=score)

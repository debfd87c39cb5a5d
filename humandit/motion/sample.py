"""The two tasks of the Keypoint-DiT (paper §3.4): motion that goes on from a pose, and poses made whole."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..diffusion.sampling import Sampling
from ..diffusion.schedule import TRAIN_STEPS
from ..errors import HumanDiTError, InvalidPose
from ..pose.sequence import PoseSequence
from .blend import Strengths, blend
from .config import MotionConfig
from .model import KeypointDiT
from .tokens import from_tokens, to_tokens
from .windows import Progress, Wish, roll, whole_windows


@dataclass(frozen=True)
class MotionSampling(Sampling):
    """How to denoise poses; as :class:`Sampling`, with checks.

    Raises:
        HumanDiTError: impossible steps or guidance.
    """

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= TRAIN_STEPS:
            raise HumanDiTError(f"Sampling takes 1 to {TRAIN_STEPS} steps, got {self.steps}. 20 is a good number.")
        if not 0 <= self.guidance < math.inf:
            raise HumanDiTError(f"Guidance is a number from 0 on, got {self.guidance}. 1 switches it off.")


USUAL, ALL = MotionSampling(), Strengths()


def _quiet(done: int, total: int) -> None: ...


def continue_motion(
    model: KeypointDiT,
    start: PoseSequence,
    frames: int,
    sampling: MotionSampling = USUAL,
    on_step: Progress = _quiet,
) -> PoseSequence:
    """Motion that goes on from ``start``: {j_1..j_m} = K(j_0) (paper §3.4).

    Args:
        start: one pose, or several whose movement is taken up; of a long sequence the last ``overlap`` frames count.
        frames: how many to add, at the speed of ``start``.
        sampling: guidance plays no part here. The same seed gives the same motion, and a longer one begins like a
            shorter.

    Returns:
        ``start``, untouched, and ``frames`` more poses. The model knows one speed (25 fps): at another, ``start`` is
        resampled to it and the result back, by straight lines. Joints that half of the start frames lack stay absent;
        the others keep their score.

    Raises:
        HumanDiTError: no frame wanted. InvalidPose: nothing to start from.
    """
    if frames < 1:
        raise HumanDiTError(f"Motion needs at least 1 new frame, got {frames}. Ask for a longer time.")
    config = model.config
    begun = _last_frames(_seen(start), config)
    fresh = math.ceil(frames * config.fps / start.fps)
    prefix = to_tokens(begun)
    stays = prefix.presence.mean(0) >= 0.5
    total = whole_windows(len(begun) + fresh, config.window, config.overlap)
    presence = np.concatenate([prefix.presence, np.tile(stays.astype(np.float32), (total - len(begun), 1))])
    points = roll(model, _batch(prefix.points), Wish(_batch(presence)), config.window, sampling, on_step)

    kept = slice(0, len(begun) + fresh)
    xy = from_tokens(points[0, kept].numpy(), presence[kept], start.canvas)[len(begun) - 1 :]
    xy[0] = begun.xy[-1]
    seen = begun.visible
    score = np.where(stays, (begun.score * seen).sum(0) / np.maximum(seen.sum(0), 1), 0)
    moving = replace(begun, xy=xy, score=np.tile(score, (len(xy), 1))).resampled(start.fps)
    return start.concat(moving[1 : frames + 1])


def refine_motion(
    model: KeypointDiT,
    start: PoseSequence,
    aligned: PoseSequence,
    tau: int,
    strengths: Strengths = ALL,
    sampling: MotionSampling = USUAL,
    on_step: Progress = _quiet,
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
    begun = replace(_seen(start), fps=aligned.fps)
    aligned = aligned.resized(start.canvas)
    refined = _refined(model, begun, aligned, tau, sampling, on_step)
    return _taken_over(begun, aligned, tau, refined, strengths)


def _refined(
    model: KeypointDiT, begun: PoseSequence, aligned: PoseSequence, tau: int, sampling: Sampling, on_step: Progress
) -> PoseSequence:
    """1 + tau + m poses as the model makes them, at the speed of ``aligned``; score 1 where it made a joint."""
    config, frames = model.config, 1 + tau + len(aligned)
    # the last pose is held for a moment, so that the way back from another speed reaches the end
    held = 0 if aligned.fps == config.fps else math.ceil(aligned.fps / config.fps)
    followed = PoseSequence.stacked([_absent(begun, 1 + tau), aligned, *[aligned[-1:]] * held])
    condition = followed.resampled(config.fps)
    given = to_tokens(condition)
    presence = np.maximum(given.presence, begun.visible.astype(np.float32))
    presence[0] = begun.visible
    first = max(config.window, 1 + math.ceil(tau * config.fps / aligned.fps) + config.overlap)
    wish = Wish(_batch(presence), _batch(given.points), _batch(given.presence))
    points = roll(model, _batch(to_tokens(begun).points), wish, first, sampling, on_step)
    xy = from_tokens(points[0].numpy(), presence, begun.canvas)
    xy[0] = begun.xy[0]
    return replace(condition, xy=xy, score=presence).resampled(aligned.fps)[:frames]


def _taken_over(
    begun: PoseSequence, aligned: PoseSequence, tau: int, refined: PoseSequence, strengths: Strengths
) -> PoseSequence:
    """j_0, the bridge as the model made it, and ``aligned`` mixed with what the model made of it."""
    given = PoseSequence.stacked([begun, _absent(begun, tau), aligned])
    shown, made = given.visible, (refined.score > 0)[..., None]
    filled = begun.visible & ((strengths.of_points > 0) | (np.arange(len(given)) <= tau)[:, None])
    present = shown | filled
    ours = np.where(made, refined.xy, given.xy)
    theirs = np.where(shown[..., None], given.xy, ours)
    xy = blend(ours, theirs, present, strengths, begun.canvas)
    xy[: 1 + tau] = np.concatenate([begun.xy, refined.xy[1 : 1 + tau]])
    score = np.where(filled & ~shown, begun.score, given.score)
    return replace(given, xy=xy, score=score)


def _seen(start: PoseSequence) -> PoseSequence:
    """``start``, which must show somebody at its end."""
    if len(start) < 1 or not start.visible[-1].any():
        raise InvalidPose(
            "The pose to start from shows no joint. Choose a picture, or a last frame, in which the person is found."
        )
    return start


def _last_frames(start: PoseSequence, config: MotionConfig) -> PoseSequence:
    """What a window sees of ``start``, at the model's speed. Resampled from the end, so that the last pose is exact."""

    def turned(poses: PoseSequence) -> PoseSequence:
        return replace(poses, xy=poses.xy[::-1], score=poses.score[::-1])

    return turned(turned(start).resampled(config.fps))[-config.overlap :]


def _absent(pose: PoseSequence, frames: int) -> PoseSequence:
    """``frames`` frames without any joint."""
    return replace(pose, xy=np.repeat(pose.xy[:1], frames, 0), score=np.zeros((frames, pose.score.shape[1])))


def _batch(values: np.ndarray) -> Tensor:
    """One film as a batch of one."""
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))[None]

"""Motion that goes on from a pose (paper §3.4, the first task of the Keypoint-DiT)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ..errors import HumanDiTError, InvalidPose
from ..pose.adapt import adapt
from ..pose.sequence import PoseSequence
from .config import MotionConfig
from .energy import energy_of_share
from .model import KeypointDiT
from .start import MotionSampling, Progress, batch, quiet, seen, watched
from .steps import GENERATE_STEPS
from .tokens import Tokens, from_tokens, to_tokens
from .windows import Wish, roll, whole_windows

BRIDGE = 0.5
"""Seconds from the start to the example."""
EXAMPLE = 2.0
"""Seconds of the example that count, its last ones."""


@dataclass(frozen=True)
class Manner:
    """What the motion should be like.

    Attributes:
        energy: how lively, as the share of usual motion that is calmer: 0 hardly moves, 0.5 is usual, 1 is wild. None
            leaves it to the model.
        example: anybody's poses, on any canvas. The motion first does what the last 2 seconds of them show, on the
            body of the start, and goes on in that manner. None for none.

    Raises:
        HumanDiTError: an energy outside 0..1. InvalidPose: an empty example.
    """

    energy: float | None = None
    example: PoseSequence | None = None

    def __post_init__(self) -> None:
        if self.energy is not None:
            energy_of_share(self.energy)
        if self.example is not None and not len(self.example):
            raise InvalidPose("The example needs at least 1 pose, got none.")


FREE, USUAL = Manner(), MotionSampling(GENERATE_STEPS)


def continue_motion(  # noqa: PLR0913 - what to do, how, and who watches
    model: KeypointDiT,
    start: PoseSequence,
    frames: int,
    manner: Manner = FREE,
    sampling: MotionSampling = USUAL,
    on_step: Progress = quiet,
) -> PoseSequence:
    """Motion that goes on from ``start``: {j_1..j_m} = K(j_0) (paper §3.4).

    Args:
        start: one pose, or several whose movement is taken up; of a long sequence the last ``overlap`` frames count.
        frames: how many to add, at the speed of ``start``.
        manner: what the motion should be like.
        sampling: guidance is on ``manner``, and off without any. The same seed gives the same motion, and a longer
            one begins like a shorter.

    Returns:
        ``start``, untouched, and ``frames`` more poses. The model knows one speed (25 fps): at another, ``start`` is
        resampled to it and the result back, by straight lines. Joints that half of the start frames lack stay absent;
        the others keep their score.

    Raises:
        HumanDiTError: no frame wanted. InvalidPose: nothing to start from, or an example without any common bone.
    """
    if frames < 1:
        raise HumanDiTError(f"Motion needs at least 1 new frame, got {frames}. Ask for a longer time.")
    config = model.config
    begun = _last_frames(seen(start), config)
    fresh = math.ceil(frames * config.fps / start.fps)
    prefix = to_tokens(begun)
    stays = prefix.presence.mean(0) >= 0.5
    total = whole_windows(len(begun) + fresh, config.window, config.overlap)
    presence = np.concatenate([prefix.presence, np.tile(stays.astype(np.float32), (total - len(begun), 1))])
    report = watched(on_step, presence, start.canvas, config.fps)
    energy = None if manner.energy is None else config.told(energy_of_share(manner.energy))
    wish = _wish(manner, energy, begun, presence)
    points = roll(model, batch(prefix.points), wish, config.window, sampling, report)

    kept = slice(0, len(begun) + fresh)
    xy = from_tokens(points[0, kept].numpy(), presence[kept], start.canvas)[len(begun) - 1 :]
    xy[0] = begun.xy[-1]
    shown = begun.visible
    score = np.where(stays, (begun.score * shown).sum(0) / np.maximum(shown.sum(0), 1), 0)
    moving = replace(begun, xy=xy, score=np.tile(score, (len(xy), 1))).resampled(start.fps)
    return start.concat(moving[1 : frames + 1])


def _wish(manner: Manner, energy: float | None, begun: PoseSequence, presence: np.ndarray) -> Wish:
    if manner.example is None:
        return Wish(batch(presence), energy=energy)
    example = _example(manner.example, begun[-1:])
    at = len(begun) + round(BRIDGE * begun.fps)
    frames = min(len(example), len(presence) - at)
    points, shown = (np.zeros((len(presence), width), np.float32) for width in (example.points.shape[1], 133))
    points[at : at + frames], shown[at : at + frames] = example.points[:frames], example.presence[:frames]
    return Wish(batch(presence), batch(points), batch(shown * presence), energy)


def _example(example: PoseSequence, person: PoseSequence) -> Tokens:
    """The last seconds of ``example`` on the body of ``person``, at the speed of the latter."""
    frames = math.ceil(EXAMPLE * example.fps)
    return to_tokens(adapt(person, example[-frames:]).resampled(person.fps))


def _last_frames(start: PoseSequence, config: MotionConfig) -> PoseSequence:
    """What a window sees of ``start``, at the model's speed. Resampled from the end, so that the last pose is exact."""
    return start[::-1].resampled(config.fps)[::-1][-config.overlap :]

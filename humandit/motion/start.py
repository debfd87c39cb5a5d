"""What both tasks of the Keypoint-DiT share: how to denoise, the pose to start from, and what is shown meanwhile."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..diffusion.sampling import Sampling
from ..diffusion.schedule import TRAIN_STEPS
from ..errors import HumanDiTError, InvalidPose
from ..pose.sequence import PoseSequence
from ..types import Canvas
from .tokens import from_tokens
from .windows import OnWindow

Progress = Callable[[int, int, PoseSequence], None]
"""Called with the steps that are done, those there are, and the poses of the window at hand as they are now; raising
inside it stops the run."""


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


def quiet(done: int, total: int, poses: PoseSequence) -> None:
    """The progress that nobody watches."""


def seen(start: PoseSequence) -> PoseSequence:
    """``start``, which must show somebody at its end."""
    if len(start) < 1 or not start.visible[-1].any():
        raise InvalidPose(
            "The pose to start from shows no joint. Choose a picture, or a last frame, in which the person is found."
        )
    return start


def absent(pose: PoseSequence, frames: int) -> PoseSequence:
    """``frames`` frames without any joint."""
    return replace(pose, xy=np.repeat(pose.xy[:1], frames, 0), score=np.zeros((frames, pose.score.shape[1])))


def batch(values: np.ndarray) -> Tensor:
    """One film as a batch of one."""
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))[None]


def watched(on_step: Progress, presence: np.ndarray, canvas: Canvas, fps: float) -> OnWindow:
    """``on_step`` for windows of joints that are all ``presence`` [T, K], on ``canvas``."""

    def report(done: int, total: int, start: int, points: Tensor) -> None:
        shown = presence[start : start + points.shape[1]]
        xy = from_tokens(points[0].float().cpu().numpy(), shown, canvas)
        on_step(done, total, PoseSequence(xy, shown, canvas, fps))

    return report

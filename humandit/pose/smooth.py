"""Smoothing without lag: detectors tremble, dancers do not.

Both filters look forward and backward in time alike, so nothing comes late, and both stop at gaps and cuts: a joint
that was away begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import InvalidPose
from . import skeleton as coco
from .jitter import body_size
from .sequence import PoseSequence

METHODS = ("one euro", "savitzky-golay", "off")
CUT = 0.5
"""A median joint that moves this many body sizes from one frame to the next marks a cut."""
SLOW, QUICK = 0.8, 12.0
"""Cut-off of the One-Euro filter for a still joint, Hz, at full strength and at none."""
BETA = 14.0
"""Hz of cut-off gained per body size and second of speed: what moves fast is left alone."""
SPEED_CUTOFF = 2.0
"""Cut-off of the speed estimate, Hz."""
SPAN = 0.32
"""Seconds to either side that Savitzky-Golay fits at full strength."""
HANDS = np.r_[coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE]


@dataclass(frozen=True)
class Smoothing:
    """How to smooth.

    Attributes:
        method: one of ``METHODS``.
        strength: 0 (nothing) to 1 (most), for body, feet and face.
        hands_strength: the same for the hands, which move faster.
    """

    method: str = "one euro"
    strength: float = 0.5
    hands_strength: float = 0.3

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InvalidPose(f"The smoothing method must be one of {', '.join(METHODS)}, got {self.method!r}.")
        for name in ("strength", "hands_strength"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidPose(f"{name} lies in 0..1, got {getattr(self, name)}.")


def smooth(poses: PoseSequence, smoothing: Smoothing | None = None) -> PoseSequence:
    """The same poses with less tremble; scores and missing joints stay as they are."""
    smoothing = smoothing or Smoothing()
    if smoothing.method == "off" or len(poses) < 3:
        return poses
    strength = np.full(coco.COUNT, smoothing.strength)
    strength[HANDS] = smoothing.hands_strength
    filtered = {"one euro": one_euro, "savitzky-golay": savitzky_golay}[smoothing.method]
    xy = filtered(poses, runs(poses), strength)
    touched = (poses.score > 0) & (strength > 0)
    return replace(poses, xy=np.where(touched[..., None], xy, poses.xy).astype(np.float32))


def runs(poses: PoseSequence) -> np.ndarray:
    """[T, K] int: number of the unbroken run that each joint is in; it grows after every gap and every cut."""
    here = poses.score > 0
    both = here[1:] & here[:-1]
    step = np.linalg.norm(np.diff(poses.xy, axis=0), axis=-1)
    far = np.array([np.median(s[b]) if b.any() else 0.0 for s, b in zip(step, both, strict=True)])
    broken = ~both | (far > CUT * body_size(poses))[:, None]
    return np.concatenate([np.zeros((1, broken.shape[1]), np.int64), np.cumsum(broken, axis=0)])


def one_euro(poses: PoseSequence, run: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """[T, K, 2] by the One-Euro filter (Casiez et al., CHI 2012), run forward and backward and averaged."""
    cutoff = QUICK * (SLOW / QUICK) ** strength
    xy = poses.xy.astype(np.float64) / body_size(poses)
    ahead = _one_euro_pass(xy, run, cutoff, poses.fps)
    back = _one_euro_pass(xy[::-1], run[::-1], cutoff, poses.fps)[::-1]
    return (ahead + back) / 2 * body_size(poses)


def _one_euro_pass(xy: np.ndarray, run: np.ndarray, cutoff: np.ndarray, fps: float) -> np.ndarray:
    """One direction; positions in body sizes. A joint whose run changes starts again from what is seen."""
    out, speed = xy.copy(), np.zeros_like(xy[0])
    smoothing = _share(np.full(len(cutoff), SPEED_CUTOFF), fps)[:, None]
    for t in range(1, len(xy)):
        same = (run[t] == run[t - 1])[:, None]
        speed = np.where(same, speed + smoothing * ((xy[t] - xy[t - 1]) * fps - speed), 0.0)
        share = _share(cutoff + BETA * np.linalg.norm(speed, axis=-1), fps)[:, None]
        out[t] = np.where(same, out[t - 1] + share * (xy[t] - out[t - 1]), xy[t])
    return out


def _share(cutoff: np.ndarray, fps: float) -> np.ndarray:
    """Weight of the new sample in an exponential filter with this cut-off in Hz."""
    return 1 / (1 + fps / (2 * np.pi * cutoff))


def savitzky_golay(poses: PoseSequence, run: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """[T, K, 2]: at every frame the value of a parabola fitted to its neighbours, weighed by their scores."""
    reach = np.round(strength * SPAN * poses.fps).astype(int)
    frames, xy = np.arange(len(poses)), poses.xy.astype(np.float64)
    moments, sums = np.zeros((*run.shape, 5)), np.zeros((*run.shape, 3, 2))
    for offset in range(-int(reach.max(initial=0)), int(reach.max(initial=0)) + 1):
        at = np.clip(frames + offset, 0, len(frames) - 1)
        inside = (frames + offset == at)[:, None] & (abs(offset) <= reach) & (run[at] == run)
        weight = np.where(inside, poses.score[at], 0.0)
        moments += weight[..., None] * float(offset) ** np.arange(5)
        sums += weight[..., None, None] * (float(offset) ** np.arange(3))[:, None] * xy[at][:, :, None]
    matrix = moments[..., np.arange(3)[:, None] + np.arange(3)]
    enough = np.linalg.matrix_rank(matrix) == 3
    matrix = np.where(enough[..., None, None], matrix, np.eye(3))
    return np.where(enough[..., None], np.linalg.solve(matrix, sums)[..., 0, :], xy)

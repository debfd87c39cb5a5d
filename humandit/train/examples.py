"""Training examples from rendered clips: latents as :mod:`.shards` has them, poses drawn anew for every batch.

An example is any of a clip's single frames as prefix with the quads k .. k+n: the frame before them (the chain's own
case), or another one (an artist's picture whose pose differs from the film's first).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..pose import skeleton as coco
from ..pose.moved import moved_picture as moved
from ..pose.raster import Background, rasterize
from ..pose.sequence import PoseSequence
from ..types import TIME_SCALE
from ..video.pose_guider import patchify_pose
from .shards import Shard

HANDS = (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE)
SINGLES = (0, 1, 2, 3, 4, 4)
"""Prefixes that are not the frame before the quads; 4 is the far-away one."""
NO_HAND, NO_FACE, NO_TOES = 0.25, 0.15, 0.6
"""Shares of the examples in which a detector loses each hand, the face, the small toes."""
HOLES, HOLE = 0.2, 0.05
"""Share of the examples with lost points, and share of their points."""
SHAKEN, SHAKE = 0.5, 0.008
"""Share of the examples that jitter, and how much at most, of the canvas."""
SMALL_TOES = [coco.INDEX["left_small_toe"], coco.INDEX["right_small_toe"]]


@dataclass(frozen=True)
class Batch:
    """prefix [B, 1, C, h, w], latents [B, n, C, h, w], pose [B, n+1, h, w, 512], person [B, n, 1, h, w], float.

    text [B, n+1, 1, h, w]: 1 where burned-in text covers the picture, or None where nobody looked for it.
    """

    prefix: Tensor
    latents: Tensor
    pose: Tensor
    person: Tensor
    text: Tensor | None = None

    def singly(self) -> list[Batch]:
        """Every example as a batch of its own."""
        parts = (self.prefix, self.latents, self.pose, self.person)
        texts = [None] * len(self.prefix) if self.text is None else self.text.split(1)
        return [Batch(*row, text=text) for *row, text in zip(*(part.split(1) for part in parts), texts, strict=True)]

    def to(self, device: torch.device) -> Batch:
        parts = (self.prefix, self.latents, self.pose, self.person)
        return Batch(*(part.to(device) for part in parts), text=None if self.text is None else self.text.to(device))


def worn(poses: PoseSequence, rng: np.random.Generator) -> PoseSequence:
    """Keypoints as a detector would hand them over: hands, face or toes missing now and then, a little jitter."""
    poses = lossy(poses, rng)
    if rng.random() >= SHAKEN:
        return poses
    shake = rng.normal(0, rng.uniform(0, SHAKE) * poses.canvas.square, poses.xy.shape).astype(np.float32)
    return replace(poses, xy=poses.xy + shake)


def lossy(poses: PoseSequence, rng: np.random.Generator) -> PoseSequence:
    """The same without the jitter."""
    score = poses.score.copy()
    for hand in HANDS:
        if rng.random() < NO_HAND:
            score[:, hand] = 0
    if rng.random() < NO_FACE:
        score[:, coco.FACE_SLICE] = 0
    if rng.random() < NO_TOES:
        score[:, SMALL_TOES] = 0
    if rng.random() < HOLES:
        score[rng.random(score.shape) < HOLE] = 0
    return replace(poses, score=score)


def example(
    shard: Shard, clip: int, quads: int, rng: np.random.Generator, moved_picture: bool = False
) -> tuple[Tensor, ...]:
    """Prefix [1, C, h, w], latents [n, C, h, w], pose tokens [n+1, h, w, 512] (uint8), person [n, 1, h, w].

    With ``moved_picture``, which half of the time is the prefix's, pose tokens are [n+1, h, w, 1408] floats.
    """
    start = int(rng.integers(0, shard.quads.shape[1] - quads + 1))
    single = start if rng.random() < 0.5 else int(rng.choice(SINGLES))
    frame = _time_of(shard, single)
    first = start * TIME_SCALE + 1
    times = [frame, *range(first, first + quads * TIME_SCALE)]
    poses = worn(PoseSequence(shard.xy[clip, times], shard.score[clip, times], shard.canvas, 12.5), rng)
    background = None
    if rng.random() < 0.5:
        background = Background(shard.background[clip, times], shard.background_visible[clip, times])
    images = rasterize(poses, shard.canvas, background)
    if moved_picture:
        images = torch.cat([images, _moved(shard, clip, single, poses, rng)], -1)
    chosen = slice(start, start + quads)
    person = shard.person[clip, chosen, None]
    return shard.singles[clip, single][None], shard.quads[clip, chosen], patchify_pose(images), person


def _time_of(shard: Shard, single: int) -> int:
    return shard.xy.shape[1] - 1 if single == 4 else single * TIME_SCALE


def _moved(shard: Shard, clip: int, single: int, poses: PoseSequence, rng: np.random.Generator) -> Tensor:
    """The prefix, or another single frame, moved to ``poses``."""
    shown = single if rng.random() < 0.5 else int(rng.choice(SINGLES))
    time = _time_of(shard, shown)
    own = worn(PoseSequence(shard.xy[clip, [time]], shard.score[clip, [time]], shard.canvas, 12.5), rng)
    return moved(shard.pictures[clip, shown].float() / 255, poses[:1] if shown == single else own, poses)


def draw_batch(
    shards: list[Shard], size: int, quads: int, rng: np.random.Generator, moved_picture: bool = False
) -> Batch:
    """``size`` examples drawn evenly over all clips."""
    ends = np.cumsum([len(s) for s in shards])
    rows = []
    for pick in rng.integers(0, ends[-1], size):
        index = int(np.searchsorted(ends, pick, side="right"))
        rows.append(example(shards[index], int(pick - (ends[index] - len(shards[index]))), quads, rng, moved_picture))
    return Batch(*(torch.stack(parts).float() for parts in zip(*rows, strict=True)))


def scramble(
    batch: Batch, rng: np.random.Generator, dropout: float, noise: float = 0.12, noise_share: float = 0.4
) -> Batch:
    """Training-time noise: no pose now and then, noise of a level up to ``noise`` on a share of the prefixes."""
    keep = torch.from_numpy(rng.random(len(batch.pose)) >= dropout).to(batch.pose.dtype)
    level = torch.from_numpy(
        rng.uniform(0, noise, len(batch.prefix)) * (rng.random(len(batch.prefix)) < noise_share)
    ).float()
    fuzz = torch.from_numpy(rng.standard_normal(batch.prefix.shape, np.float32))
    prefix = batch.prefix + level[:, None, None, None, None] * fuzz
    return replace(batch, prefix=prefix, pose=batch.pose * keep[:, None, None, None, None])

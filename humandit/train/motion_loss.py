"""What an error of the Keypoint-DiT costs: position and velocity, weighted by presence, parts balanced.

Errors are those of model space, where hands are told from their wrist and the face from the nose, so that a wrong arm
does not drown a wrong hand; relative to the person's height, so that everybody counts alike.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..diffusion.schedule import Schedule
from ..motion.tokens import GROUPS, decode
from ..pose import skeleton as coco
from .motion_examples import MotionBatch

SHARES = (
    (slice(coco.BODY_SLICE.start, coco.FEET_SLICE.stop), 2.0),
    (coco.FACE_SLICE, 1.0),
    (slice(coco.LEFT_HAND_SLICE.start, coco.RIGHT_HAND_SLICE.stop), 1.0),
)
"""Parts with the weight of their mean squared error: body and feet, face, both hands."""
GIVEN, FARTHER, FREE = 0.03, 0.006, 0.15
"""Expected errors in heights: of a frame whose condition is given, more per frame away from one, and at most."""
STRAIGHT = 0.75
"""Error, in model space over heights, from which the cost of a free frame grows straight; of sure frames the less the
surer. Squares alone would let few flying joints decide how much all the others are smoothed."""
IN_PICTURE = 6.0
"""Brings errors in the picture to the size of those in model space."""
LEAST = 0.2
"""Smallest height, in shares of the square, that errors are divided by."""


def clean_of(model: torch.nn.Module, schedule: Schedule, batch: MotionBatch, noise: Tensor, timestep: Tensor) -> Tensor:
    """[B, T, 2K] the clean motion that the model sees in the noised one; the prefix is the truth."""
    noisy = schedule.add_noise(batch.points, noise, timestep)
    points = torch.cat([batch.points[:, : batch.prefix], noisy[:, batch.prefix :]], 1)
    given = (batch.condition, batch.condition_presence, batch.prefix, batch.energy)
    output = model(points, batch.presence, timestep, *given).float()
    clean = schedule.clean(output, noisy, timestep)
    return torch.cat([batch.points[:, : batch.prefix], clean[:, batch.prefix :]], 1)


def balanced(error: Tensor, presence: Tensor) -> Tensor:
    """[B] from costs [B, T, K]: the weighted mean over each part's present joints, summed by ``SHARES``."""
    total = error.new_zeros(len(error))
    for part, share in SHARES:
        weight = presence[:, :, part]
        mean = (error[:, :, part] * weight).sum((1, 2)) / weight.sum((1, 2)).clamp_min(1)
        total = total + share * mean
    return total


def certainty(batch: MotionBatch) -> Tensor:
    """[B, T, 1] weight of each frame: one over its expected squared error, 1 where nothing is known. Mending is a
    matter of thousandths and would drown among the guesses of free motion, whose errors are ten times as large."""
    given = batch.condition_presence.any(-1)
    given[:, : batch.prefix] = True
    frames = torch.arange(given.shape[1], device=given.device)
    apart = (frames[:, None] - frames).abs()
    gap = apart.expand(len(given), -1, -1).masked_fill(~given[:, None], len(frames)).amin(-1)
    return ((GIVEN + FARTHER * gap).clamp_max(FREE) / FREE).pow(-2)[..., None]


def placed(told: Tensor, presence: Tensor) -> Tensor:
    """Errors in model space [B, T, K, 2] -> in shares of the square: a point's own and its anchor's together."""
    places = torch.zeros_like(told)
    for group in GROUPS:
        points, anchor = list(group.points), list(group.anchor)
        moved = told[:, :, points] / group.scale
        if anchor:
            there = presence[:, :, anchor, None]
            moved = moved + (places[:, :, anchor] * there).sum(2, keepdim=True) / there.sum(2, keepdim=True).clamp_min(
                1
            )
        places[:, :, points] = moved
    return places


def cost(wrong: Tensor, sure: Tensor) -> Tensor:
    """[B, T, K] of errors [B, T, K, 2], ``sure`` [B, T, 1]: the square of small ones, straight for large ones
    (Charbonnier's)."""
    bend = STRAIGHT / sure
    return sure * 2 * bend.square() * ((1 + wrong.square().sum(-1) / bend.square()).sqrt() - 1)


def motion_loss(clean: Tensor, batch: MotionBatch, velocity: float) -> Tensor:
    """[B] errors of position and, times ``velocity``, of the change from frame to frame; sure frames count more.

    Told from the anchors, and in the picture: a wrist that is right beside a wrong neck is wrong.
    """
    wrong = (clean - batch.points).unflatten(-1, (-1, 2)) / batch.height.clamp_min(LEAST)[:, None, None, None]
    there = IN_PICTURE * placed(wrong, batch.presence)
    return _motion_loss(wrong, batch, velocity) + _motion_loss(there, batch, velocity)


def _motion_loss(wrong: Tensor, batch: MotionBatch, velocity: float) -> Tensor:
    start, presence, sure = batch.prefix, batch.presence, certainty(batch)[:, batch.prefix :]
    place = balanced(cost(wrong[:, start:], sure), presence[:, start:])
    steady = presence[:, start - 1 : -1] * presence[:, start:]
    change = cost(wrong[:, start - 1 :].diff(dim=1), sure)
    return place + velocity * balanced(change, steady)


def training_loss(  # noqa: PLR0913 - as in the video's
    model: torch.nn.Module, schedule: Schedule, batch: MotionBatch, noise: Tensor, timestep: Tensor,
    max_weight: float, velocity: float,
) -> Tensor:  # fmt: skip
    """Mean over the batch, weighted like the velocity target up to a ceiling."""
    error = motion_loss(clean_of(model, schedule, batch, noise, timestep), batch, velocity)
    power = schedule.alpha_bar.to(timestep.device)[timestep]
    return (error * (1 / (1 - power)).clamp_max(max_weight)).mean()


def position_error(clean: Tensor, batch: MotionBatch) -> float:
    """Mean distance in the picture over present joints after the prefix, heights of the person."""
    present = batch.presence.numpy() > 0
    made, truth = (decode(points.float().numpy(), present) for points in (clean, batch.points))
    apart = np.linalg.norm(made - truth, axis=-1) / batch.height.numpy()[:, None, None]
    return float(apart[:, batch.prefix :][present[:, batch.prefix :]].mean())

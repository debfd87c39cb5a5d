"""Training examples drawn on the training device itself, a whole batch at once.

One example by :mod:`.examples` costs a processor milliseconds; a graphics card would wait for them most of the time.
Here latents and keypoints of all clips lie in its memory, and what is random is drawn there. The examples are those of
:mod:`.examples`: the same choices with the same odds, in other draws.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..pose import skeleton as coco
from ..pose.bodies import Bodies
from ..pose.moved import Nearer, moved, nearer
from ..pose.raster import BODY_CHANNELS
from ..types import POSE_CHANNELS, POSE_SCALE, TIME_SCALE, Canvas
from ..video.pose_guider import patchify_pose
from .bank import Bank
from .examples import (
    HANDS,
    HOLE,
    HOLES,
    NO_FACE,
    NO_HAND,
    NO_TOES,
    SHAKE,
    SHAKEN,
    SINGLES,
    SMALL_TOES,
    Batch,
)


def draw(
    bank: Bank,
    size: int,
    quads: int,
    dropout: float,
    noise: float,
    noise_share: float,
    moved_picture: bool = False,
    nearer: Nearer = nearer,
) -> Batch:
    """``size`` examples with detector's faults, pose dropout and prefix noise: ``scramble(draw_batch(...))``."""
    device = bank.singles.device
    clip = torch.randint(len(bank), (size,), device=device)
    start = torch.randint(bank.quads.shape[1] - quads + 1, (size,), device=device)
    single = torch.where(_hit(size, 0.5, device), start, _any_single(size, device))
    shown = torch.where(_hit(size, 0.5, device), single, _any_single(size, device))
    steps = torch.arange(quads * TIME_SCALE, device=device)
    film = torch.cat([_time_of(bank, single)[:, None], start[:, None] * TIME_SCALE + 1 + steps], dim=1)
    times = torch.cat([_time_of(bank, shown)[:, None], film], dim=1)
    points, seen = worn(bank.points[clip[:, None], times], bank.seen[clip[:, None], times], bank.canvas)
    images = dots(points[:, 1:], seen[:, 1:], bank.canvas)
    if moved_picture:
        pictures = bank.pictures[clip, shown].float() / 255
        own, film_body = (_bodies(points[:, part], seen[:, part]) for part in (slice(0, 1), slice(1, None)))
        images = torch.cat([images, moved(pictures, own, film_body, bank.canvas, nearer)], -1)
    keep = ~_hit(size, dropout, device)
    pose = patchify_pose(images) * keep[:, None, None, None, None]
    prefix = bank.singles[clip, single][:, None].float()
    level = torch.rand(size, device=device) * noise * _hit(size, noise_share, device)
    prefix = prefix + level[:, None, None, None, None] * torch.randn_like(prefix)
    chosen = start[:, None] + torch.arange(quads, device=device)
    person = bank.person[clip[:, None], chosen][:, :, None].float()
    return Batch(prefix, bank.quads[clip[:, None], chosen].float(), pose, person)


def _bodies(points: Tensor, seen: Tensor) -> Bodies:
    return Bodies.of(points[..., : coco.COUNT, :], seen[..., : coco.COUNT])


def _any_single(size: int, device: torch.device) -> Tensor:
    return torch.tensor(SINGLES, device=device)[torch.randint(len(SINGLES), (size,), device=device)]


def _time_of(bank: Bank, single: Tensor) -> Tensor:
    """Which of the 18 frames a single one is."""
    return torch.where(single == SINGLES[-1], bank.points.shape[1] - 1, single * TIME_SCALE)


def worn(points: Tensor, seen: Tensor, canvas: Canvas) -> tuple[Tensor, Tensor]:
    """What a detector loses and shakes, of points [B, T, 133 + B, 2]; half of them without the background's."""
    size, device = len(points), points.device
    points, seen = points.clone(), seen.clone()
    for hand in HANDS:
        seen[:, :, hand] &= ~_hit(size, NO_HAND, device)[:, None, None]
    seen[:, :, coco.FACE_SLICE] &= ~_hit(size, NO_FACE, device)[:, None, None]
    seen[:, :, SMALL_TOES] &= ~_hit(size, NO_TOES, device)[:, None, None]
    lost = _hit(size, HOLES, device)[:, None, None] & (torch.rand(seen[:, :, : coco.COUNT].shape, device=device) < HOLE)
    seen[:, :, : coco.COUNT] &= ~lost
    seen[:, :, coco.COUNT :] &= _hit(size, 0.5, device)[:, None, None]
    shake = torch.rand(size, device=device) * SHAKE * canvas.square * _hit(size, SHAKEN, device)
    body = points[:, :, : coco.COUNT]
    points[:, :, : coco.COUNT] = body + shake[:, None, None, None] * torch.randn_like(body)
    return points, seen


def dots(points: Tensor, seen: Tensor, canvas: Canvas) -> Tensor:
    """Pose images [B, T, 4h, 4w, 8] float, 0 or 1: ``rasterize`` of :mod:`..pose.raster` for a batch."""
    size, frames, count = seen.shape
    height, width = canvas.height // POSE_SCALE, canvas.width // POSE_SCALE
    column, row = (points / POSE_SCALE).floor().long().unbind(-1)
    shown = seen & (column >= 0) & (row >= 0) & (column < width) & (row < height)
    shown[:, :, list(coco.EXCLUDED)] = False
    channel = torch.arange(count, device=points.device) % BODY_CHANNELS
    channel[coco.COUNT :] = BODY_CHANNELS
    film = torch.arange(size * frames, device=points.device)[:, None].expand(-1, count).view(shown.shape)
    place = ((film * height + row) * width + column) * POSE_CHANNELS + channel
    images = torch.zeros(size * frames * height * width * POSE_CHANNELS + 1, device=points.device)
    images[torch.where(shown, place, len(images) - 1).flatten()] = 1  # those that are not shown share one place
    return images[:-1].view(size, frames, height, width, POSE_CHANNELS)


def _hit(size: int, share: float, device: torch.device) -> Tensor:
    return torch.rand(size, device=device) < share

"""Training examples drawn on the training device itself, a whole batch at once.

One example by :mod:`.examples` costs a processor milliseconds; a graphics card would wait for them most of the time.
Here latents and keypoints of all clips lie in its memory, and what is random is drawn there. The examples are those of
:mod:`.examples`: the same choices with the same odds, in other draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..data.synthetic.shards import unpack_mask
from ..pose import skeleton as coco
from ..pose.raster import BODY_CHANNELS
from ..pose.sequence import VISIBLE
from ..types import POSE_CHANNELS, POSE_SCALE, TIME_SCALE, Canvas
from ..video.light_vae import LightVAE
from ..video.pose_guider import patchify_pose
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
from .shards import Points, encode_clips, person_positions, points_of


@dataclass(frozen=True)
class Bank:
    """Latents and points of M clips, mirrored ones among them, on one device; see ``Shard`` in :mod:`.shards`.

    Attributes:
        singles, quads, person: as in ``Shard``.
        points: [M, 18, 133 + B, 2] pixels: keypoints, then background points.
        seen: [M, 18, 133 + B] bool: those to draw.
        canvas: frame size.
    """

    singles: Tensor
    quads: Tensor
    person: Tensor
    points: Tensor
    seen: Tensor
    canvas: Canvas

    def __len__(self) -> int:
        return len(self.singles)


def load_bank(path: Path, vae: LightVAE, device: torch.device) -> Bank:
    """One rendered shard with its mirror image; ``vae`` lies on ``device``, where all is encoded."""
    with np.load(path) as file:
        raw = {name: file[name] for name in file.files if name not in ("motion", "seeds", "fps")}
    frames, other = (torch.from_numpy(raw[name]).to(device) for name in ("frames", "other"))
    canvas = Canvas(frames.shape[3], frames.shape[2])
    person = person_positions(unpack_mask(raw["mask"], canvas.width)).to(device)
    plain, flipped = encode_clips(vae, frames, other), encode_clips(vae, frames.flip(3), other.flip(2))
    alone = points_of(raw)
    points, seen = (torch.from_numpy(part).to(device) for part in _drawn(alone + alone.mirrored(canvas.width)))
    return Bank(
        torch.cat([plain[0], flipped[0]]),
        torch.cat([plain[1], flipped[1]]),
        torch.cat([person, person.flip(3)]),
        points,
        seen,
        canvas,
    )


def joined(banks: list[Bank]) -> Bank:
    """All clips in one."""
    names = ("singles", "quads", "person", "points", "seen")
    return replace(banks[0], **{name: torch.cat([getattr(bank, name) for bank in banks]) for name in names})


def draw(bank: Bank, size: int, quads: int, dropout: float, noise: float, noise_share: float) -> Batch:
    """``size`` examples with detector's faults, pose dropout and prefix noise: ``scramble(draw_batch(...))``."""
    device = bank.singles.device
    clip = torch.randint(len(bank), (size,), device=device)
    start = torch.randint(bank.quads.shape[1] - quads + 1, (size,), device=device)
    other = torch.tensor(SINGLES, device=device)[torch.randint(len(SINGLES), (size,), device=device)]
    single = torch.where(_hit(size, 0.5, device), start, other)
    frame = torch.where(single == SINGLES[-1], bank.points.shape[1] - 1, single * TIME_SCALE)
    steps = torch.arange(quads * TIME_SCALE, device=device)
    times = torch.cat([frame[:, None], start[:, None] * TIME_SCALE + 1 + steps], dim=1)
    points, seen = bank.points[clip[:, None], times], bank.seen[clip[:, None], times]
    images = dots(*worn(points, seen, bank.canvas), bank.canvas)
    keep = ~_hit(size, dropout, device)
    pose = patchify_pose(images) * keep[:, None, None, None, None]
    prefix = bank.singles[clip, single][:, None].float()
    level = torch.rand(size, device=device) * noise * _hit(size, noise_share, device)
    prefix = prefix + level[:, None, None, None, None] * torch.randn_like(prefix)
    chosen = start[:, None] + torch.arange(quads, device=device)
    person = bank.person[clip[:, None], chosen][:, :, None].float()
    return Batch(prefix, bank.quads[clip[:, None], chosen].float(), pose, person)


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
    images = torch.zeros(size * frames, height, width, POSE_CHANNELS, device=points.device)
    film = torch.arange(size * frames, device=points.device)[:, None].expand(-1, count)
    where = (film, row.flatten(0, 1), column.flatten(0, 1), channel.expand(size * frames, -1))
    chosen = shown.flatten(0, 1)
    images[tuple(part[chosen] for part in where)] = 1
    return images.unflatten(0, (size, frames))


def _drawn(points: Points) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints and background points in one, and which to draw."""
    xy = np.concatenate([points.xy, points.background], 2).astype(np.float32)
    return xy, np.concatenate([points.score >= VISIBLE, points.background_visible], 2)


def _hit(size: int, share: float, device: torch.device) -> Tensor:
    return torch.rand(size, device=device) < share

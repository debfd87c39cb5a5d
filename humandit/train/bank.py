"""All clips' latents and keypoints in the training device's own memory, a room for rendered shards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.synthetic.shards import unpack_mask
from ..pose.sequence import VISIBLE
from ..types import Canvas
from ..video.light_vae import LightVAE
from .shards import Points, encode_clips, person_positions, points_of, single_frames


@dataclass(frozen=True)
class Bank:
    """Latents and points of M clips, mirrored ones among them, on one device; see ``Shard`` in :mod:`.shards`.

    Attributes:
        pictures, singles, quads, person: as in ``Shard``; the pictures [M, 5, 3, ?, ?].
        points: [M, 18, 133 + B, 2] pixels: keypoints, then background points.
        seen: [M, 18, 133 + B] bool: those to draw.
        canvas: frame size.
    """

    pictures: Tensor
    singles: Tensor
    quads: Tensor
    person: Tensor
    points: Tensor
    seen: Tensor
    canvas: Canvas

    def __len__(self) -> int:
        return len(self.singles)


def load_bank(path: Path, vae: LightVAE, device: torch.device, side: int | None = None) -> Bank:
    """One rendered shard with its mirror image; ``vae`` lies on ``device``, where all is encoded.

    Args:
        side: pixels of the clips' sides, to which they are brought; None leaves them as they are. The pictures stay.
    """
    with np.load(path) as file:
        raw = {name: file[name] for name in file.files if name not in ("motion", "seeds", "fps")}
    frames, other = (torch.from_numpy(raw[name]).to(device) for name in ("frames", "other"))
    own = Canvas(frames.shape[3], frames.shape[2])
    masks = torch.from_numpy(unpack_mask(raw["mask"], own.width)).to(device)
    alone = points_of(raw)
    points, seen = (torch.from_numpy(part).to(device) for part in _drawn(alone + alone.mirrored(own.width)))
    pictures = single_frames(frames, other)
    pictures = torch.cat([pictures, pictures.flip(3)]).movedim(-1, 2).contiguous()
    if side is not None and side != own.width:
        frames, other, masks = resized(frames, side), resized(other[:, None], side)[:, 0], resized_masks(masks, side)
        points = points * (side / own.width)
    canvas = Canvas(frames.shape[3], frames.shape[2])
    plain, flipped = encode_clips(vae, frames, other), encode_clips(vae, frames.flip(3), other.flip(2))
    person = person_positions(masks)
    return Bank(
        pictures,
        torch.cat([plain[0], flipped[0]]),
        torch.cat([plain[1], flipped[1]]),
        torch.cat([person, person.flip(3)]),
        points,
        seen,
        canvas,
    )


def resized(frames: Tensor, side: int) -> Tensor:
    """Square frames [M, T, H, W, 3] uint8 brought to ``side`` pixels."""
    made = [
        F.interpolate(clip.movedim(-1, 1).float(), (side, side), mode="bilinear", antialias=True) for clip in frames
    ]
    return torch.stack(made).round().clamp(0, 255).byte().movedim(2, -1)


def resized_masks(masks: Tensor, side: int) -> Tensor:
    """Masks [M, T, H, W] bool brought to ``side`` pixels; whatever touches a pixel marks it."""
    return F.adaptive_max_pool2d(masks.float(), side) > 0


PARTS = ("pictures", "singles", "quads", "person", "points", "seen")


def reserved(bank: Bank, clips: int, pictures: Tensor | None = None) -> Bank:
    """Room for so many clips like those of ``bank``; for their ``pictures`` there may be some already."""
    made = {name: (part := getattr(bank, name)).new_empty((clips, *part.shape[1:])) for name in PARTS[1:]}
    if pictures is None:
        pictures = bank.pictures.new_empty((clips, *bank.pictures.shape[1:]))
    return replace(bank, pictures=pictures, **made)


def stored(room: Bank, bank: Bank, at: int) -> None:
    """Put the clips of ``bank`` into ``room`` behind the first ``at``, as far as there is room."""
    for name in PARTS:
        left = getattr(room, name)[at : at + len(bank)]
        left.copy_(getattr(bank, name)[: len(left)])


def up_to(room: Bank, clips: int) -> Bank:
    """The first clips, in the same memory."""
    return replace(room, **{name: getattr(room, name)[:clips] for name in PARTS})


def _drawn(points: Points) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints and background points in one, and which to draw."""
    xy = np.concatenate([points.xy, points.background], 2).astype(np.float32)
    return xy, np.concatenate([points.score >= VISIBLE, points.background_visible], 2)

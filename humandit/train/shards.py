"""Rendered shards as training takes them: latents, keypoints, and where the person is; each with its mirror image.

A clip of 17 frames gives latents of the frames 0, 4, 8, 12 and of one far-away moment of the same scene, each
encoded ALONE, and of the four frame quads between them. The light VAE's encoder is local in time, so these equal
encodings of the cut clips.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..data.synthetic.shards import unpack_mask
from ..pose import skeleton as coco
from ..types import SPACE_SCALE, TIME_SCALE, Canvas
from ..video.light_vae import LightVAE


@dataclass(frozen=True)
class Shard:
    """Latents and keypoints of some clips (M includes mirrored copies).

    Attributes:
        pictures: [M, 5, H, W, 3] uint8: frames 0, 4, 8, 12 and the far-away one.
        singles: [M, 5, C, h, w] float16: the same.
        quads: [M, 4, C, h, w] float16: frames 1-4, 5-8, 9-12, 13-16.
        xy, score: [M, 18, 133, 2] and [M, 18, 133]: 17 frames and the far-away one.
        background, background_visible: [M, 18, B, 2] and [M, 18, B]; the far-away frame has none visible.
        person: [M, 4, h, w] bool: latent positions of each quad that the person touches.
        canvas: frame size.
    """

    pictures: Tensor
    singles: Tensor
    quads: Tensor
    xy: np.ndarray
    score: np.ndarray
    background: np.ndarray
    background_visible: np.ndarray
    person: Tensor
    canvas: Canvas

    def __len__(self) -> int:
        return len(self.singles)


@dataclass(frozen=True)
class Points:
    """Of M clips, pixels: ``xy``, ``score``, ``background`` and ``background_visible`` of a :class:`Shard`."""

    xy: np.ndarray
    score: np.ndarray
    background: np.ndarray
    background_visible: np.ndarray

    def mirrored(self, width: int) -> Points:
        """In pictures of that width flipped left to right."""
        background = (self.background * [-1, 1] + [width, 0]).astype(np.float32)
        return Points(*mirrored_points(self.xy, self.score, width), background, self.background_visible)

    def __add__(self, more: Points) -> Points:
        return Points(*(np.concatenate(pair) for pair in zip(vars(self).values(), vars(more).values(), strict=True)))


def points_of(raw: Mapping[str, np.ndarray]) -> Points:
    """The points of a shard's file: its films' and, behind them, of the far-away frame, which has none of the
    background."""
    nobody = np.zeros_like(raw["background_visible"][:, :1])
    return Points(
        np.concatenate([raw["xy"], raw["other_xy"][:, None]], axis=1),
        np.concatenate([raw["score"], raw["other_score"][:, None]], axis=1),
        np.concatenate([raw["background_xy"], raw["background_xy"][:, :1]], axis=1),
        np.concatenate([raw["background_visible"], nobody], axis=1),
    )


def mirrored_points(xy: np.ndarray, score: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints of the picture flipped left to right; pixel column c becomes width - 1 - c."""
    flipped = xy[..., coco.MIRROR, :].copy()
    flipped[..., 0] = width - flipped[..., 0]
    return flipped, score[..., coco.MIRROR]


def single_frames(frames: Tensor, other: Tensor) -> Tensor:
    """[M, 5, H, W, 3]: of frames [M, 17, H, W, 3] every fourth but the last, and the far-away one [M, H, W, 3]."""
    return torch.cat([frames[:, :-1:TIME_SCALE], other[:, None]], 1)


@torch.inference_mode()
def encode_clips(vae: LightVAE, frames: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Frames [M, 17, H, W, 3] and far-away frames [M, H, W, 3], uint8 -> singles, quads (float16)."""
    singles, quads = [], []
    for clip, alone in zip(frames, single_frames(frames, other), strict=True):
        singles.append(vae.single.encode(alone.float() / 255).half())
        quads.append(vae.quad.encode(clip[1:].float() / 255).half())
    return torch.stack(singles), torch.stack(quads)


def person_positions(masks: np.ndarray | Tensor) -> Tensor:
    """Masks [M, 17, H, W] -> [M, 4, h, w] bool: the latent positions of each quad that the person touches."""
    quads = torch.as_tensor(masks)[:, 1:].unflatten(1, (-1, TIME_SCALE)).unflatten(3, (-1, SPACE_SCALE))
    return quads.unflatten(5, (-1, SPACE_SCALE)).any(6).any(4).any(2)


def load_shard(path: Path, vae: LightVAE, mirror: bool = True) -> Shard:
    """Read one rendered shard and encode it, with its mirror image if asked."""
    raw = np.load(path)
    frames, other = torch.from_numpy(raw["frames"]), torch.from_numpy(raw["other"])
    canvas = Canvas(frames.shape[3], frames.shape[2])
    singles, quads = encode_clips(vae, frames, other)
    points, person = points_of(raw), person_positions(unpack_mask(raw["mask"], canvas.width))
    pictures = single_frames(frames, other)
    if mirror:
        pictures = torch.cat([pictures, pictures.flip(3)])
        flipped = encode_clips(vae, frames.flip(3), other.flip(2))
        singles, quads = torch.cat([singles, flipped[0]]), torch.cat([quads, flipped[1]])
        points, person = points + points.mirrored(canvas.width), torch.cat([person, person.flip(3)])
    return Shard(
        pictures, singles, quads, points.xy, points.score, points.background, points.background_visible, person, canvas
    )

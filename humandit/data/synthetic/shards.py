"""Clips in shards: uncompressed npz files that load fast, written whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...media.write import whole_file
from .clip import Clip, render_clip

CLIPS = 64
"""Clips per shard."""


@dataclass(frozen=True)
class Order:
    """A set of clips to render: ``clips`` seeds from ``seed`` on, each of ``frames`` frames of ``size`` pixels."""

    folder: Path
    split: str
    clips: int
    frames: int
    size: int
    seed: int
    fps: float = 12.5

    @property
    def shards(self) -> int:
        return -(-self.clips // CLIPS)

    def seeds(self, shard: int) -> range:
        first = self.seed + shard * CLIPS
        return range(first, min(first + CLIPS, self.seed + self.clips))

    def path(self, shard: int) -> Path:
        return self.folder / f"{self.split}-{self.size}-{self.frames}-{self.seeds(shard).start:07d}.npz"


def write_shard(order: Order, shard: int) -> int:
    """Render one shard unless it lies there already; returns the number of frames rendered (0 if skipped)."""
    path = order.path(shard)
    if path.exists():
        return 0
    seeds = list(order.seeds(shard))
    arrays = pack([render_clip(s, order.split, order.frames, order.size, order.fps) for s in seeds])
    arrays |= {"seeds": np.array(seeds), "fps": np.array(order.fps, np.float32)}
    with whole_file(path) as part:
        np.savez(part, allow_pickle=False, **arrays)
    return len(seeds) * (order.frames + 1)


def pack(clips: list[Clip]) -> dict[str, np.ndarray]:
    """Arrays of a shard. N clips, T frames, K = 133.

    frames [N, T, H, W, 3] uint8; xy [N, T, K, 2], score [N, T, K] float32; mask [N, T, ceil(H*W/8)] uint8 bits;
    background_xy [N, T, B, 2], background_visible [N, T, B]; other [N, H, W, 3], other_xy [N, K, 2],
    other_score [N, K], other_mask [N, ceil(H*W/8)]; motion [N] text.
    """
    bits = lambda m: np.packbits(m.reshape(*m.shape[:-2], -1), axis=-1)  # noqa: E731
    return {
        "frames": np.stack([c.frames for c in clips]),
        "xy": np.stack([c.poses.xy for c in clips]),
        "score": np.stack([c.poses.score for c in clips]),
        "mask": np.stack([bits(c.mask) for c in clips]),
        "background_xy": np.stack([c.background_xy for c in clips]),
        "background_visible": np.stack([c.background_visible for c in clips]),
        "other": np.stack([c.other for c in clips]),
        "other_xy": np.stack([c.other_pose.xy[0] for c in clips]),
        "other_score": np.stack([c.other_pose.score[0] for c in clips]),
        "other_mask": np.stack([bits(c.other_mask) for c in clips]),
        "motion": np.array([c.motion for c in clips]),
    }


def unpack_mask(bits: np.ndarray, size: int) -> np.ndarray:
    """[..., size, size] bool from the packed masks of :func:`pack`."""
    flat = np.unpackbits(bits, axis=-1, count=size * size)
    return flat.reshape(*bits.shape[:-1], size, size).astype(bool)

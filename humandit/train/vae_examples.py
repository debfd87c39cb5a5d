"""What the light autoencoder learns from: crops of rendered clips, weighed where the person is, and moved pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.synthetic.shards import unpack_mask
from ..errors import InvalidMedia
from ..types import SPACE_SCALE, TIME_SCALE

FRAMES = 2 * TIME_SCALE + 1
"""Of a crop: a first frame and two quads."""
ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
"""Pictures that are read; of an animated one the first frame."""
SIDE = 256
"""Pictures are brought to this many pixels on their shorter side and cut square."""
ZOOM, PAN = (0.6, 1.25), 2.0
"""Pixels of a picture per pixel of a crop, and how many it moves per frame at most."""


@dataclass(frozen=True)
class Clips:
    """Rendered clips: frames [N, T, H, W, 3] uint8 and the person's pixels [N, T, H, W] bool."""

    frames: Tensor
    person: Tensor

    def to(self, device: torch.device) -> Clips:
        return Clips(self.frames.to(device), self.person.to(device))


def load_clips(paths: Sequence[Path]) -> Clips:
    """All clips of some shards."""
    frames, person = [], []
    for path in paths:
        with np.load(path) as raw:
            frames.append(raw["frames"])
            person.append(unpack_mask(raw["mask"], raw["frames"].shape[3]))
    return Clips(torch.from_numpy(np.concatenate(frames)), torch.from_numpy(np.concatenate(person)))


def load_pictures(folder: Path) -> Tensor:
    """Every picture of a folder, uint8 [N, 256, 256, 3].

    Raises:
        InvalidMedia: the folder holds none.
    """
    from ..media.frames import fit_frames
    from ..media.read import read_image
    from ..types import Canvas

    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in ENDINGS)
    if not paths:
        raise InvalidMedia(f"{folder} holds no pictures ({', '.join(ENDINGS)}). Give another --pictures folder.")
    canvas = Canvas(SIDE, SIDE)
    return torch.from_numpy(np.concatenate([fit_frames(read_image(path)[None], canvas, "fill") for path in paths]))


def random_crops(clips: Clips, count: int, size: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Floats [count, 9, size, size, 3] in 0..1 and their person [count, 9, size, size, 1], 0 or 1.

    Nine frames from a quad's start, cut on whole blocks, every second crop mirrored."""
    frames, person = [], []
    for clip in rng.integers(0, len(clips.frames), count):
        start = TIME_SCALE * int(rng.integers(0, (clips.frames.shape[1] - FRAMES) // TIME_SCALE + 1))
        top, left = (
            SPACE_SCALE * int(rng.integers(0, (side - size) // SPACE_SCALE + 1)) for side in clips.person.shape[2:]
        )
        where = int(clip), slice(start, start + FRAMES), slice(top, top + size), slice(left, left + size)
        parts = clips.frames[where], clips.person[where]
        if rng.random() < 0.5:
            parts = parts[0].flip(2), parts[1].flip(2)
        frames.append(parts[0])
        person.append(parts[1])
    return torch.stack(frames).float() / 255, torch.stack(person)[..., None].float()


def moved_pictures(pictures: Tensor, count: int, size: int, rng: np.random.Generator) -> Tensor:
    """Floats [count, 9, size, size, 3] in 0..1: a camera that glides over pictures, at a zoom of each one's own."""
    side = pictures.shape[1]
    zoom = rng.uniform(*ZOOM, count) * size / side
    path = np.arange(FRAMES)[None, :, None] * rng.uniform(-PAN, PAN, (count, 1, 2)) * rng.integers(0, 2, (count, 1, 1))
    room = np.clip(1 - zoom, 0, 1)[:, None, None]
    centre = np.clip(rng.uniform(-1, 1, (count, 1, 2)) * room + 2 * path / side, -room, room)
    theta = np.zeros((count, FRAMES, 2, 3), np.float32)
    theta[:, :, [0, 1], [0, 1]] = zoom[:, None, None]
    theta[:, :, 0, 0] *= np.where(rng.random(count) < 0.5, -1, 1)[:, None]
    theta[:, :, :, 2] = centre
    chosen = pictures[torch.from_numpy(rng.integers(0, len(pictures), count)).to(pictures.device)]
    images = chosen.permute(0, 3, 1, 2).float().repeat_interleave(FRAMES, 0) / 255
    turned = torch.from_numpy(theta).flatten(0, 1).to(images)
    grid = F.affine_grid(turned, [len(images), 3, size, size], align_corners=False)
    cut = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    return cut.permute(0, 2, 3, 1).unflatten(0, (count, FRAMES))

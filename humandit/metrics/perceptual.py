"""Perceptual distance: how far apart the features of two pictures lie, place by place.

On AlexNet or VGG16 with the published heads it is LPIPS (Zhang et al., CVPR 2018; ``lpips/lpips.py`` of
richzhang/PerceptualSimilarity, version 0.1). On the random net (:func:`.backbones.stages.random_stages`) it is a
substitute, called ``perceptual``: its numbers compare with each other, never with LPIPS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .backbones.stages import Tapped
from .image import means_inside

TINY = 1e-10
BATCH = 8
"""Frames at a time."""


@dataclass(frozen=True)
class Perceptual:
    """A distance of pictures.

    Attributes:
        net: makes the features.
        heads: LPIPS's weights of every stage's channels, [C] each, the stages' distances are summed; None weighs all
            channels alike and takes the mean of the stages.
    """

    net: Tapped
    heads: tuple[Tensor, ...] | None = None

    @torch.inference_mode()
    def stages(self, frames: np.ndarray) -> list[Tensor]:
        """Features of uint8 frames [T, H, W, 3], [T, C, h, w] for each stage, of length 1 at every place."""
        device = self.net.shift.device
        parts = []
        for start in range(0, len(frames), BATCH):
            some = torch.from_numpy(np.ascontiguousarray(frames[start : start + BATCH])).to(device)
            parts.append([unit_length(maps) for maps in self.net(some.permute(0, 3, 1, 2).float() / 255)])
        return [torch.cat(stage) for stage in zip(*parts, strict=True)]

    @torch.inference_mode()
    def maps(self, a: Sequence[Tensor], b: Sequence[Tensor]) -> list[Tensor]:
        """Distance at every place of every stage, [T, h, w] each; the arguments come from :meth:`stages`."""
        squares = [(x - y) ** 2 for x, y in zip(a, b, strict=True)]
        if self.heads is None:
            return [square.sum(1) / len(squares) for square in squares]
        return [(square * head[:, None, None]).sum(1) for square, head in zip(squares, self.heads, strict=True)]

    def frames(self, a: Sequence[Tensor], b: Sequence[Tensor]) -> np.ndarray:
        """[T] distance of each frame of ``a`` from that of ``b``, each from :meth:`stages`."""
        return sum(place.mean((1, 2)) for place in self.maps(a, b)).cpu().double().numpy()  # type: ignore[union-attr]

    def frames_inside(self, a: Sequence[Tensor], b: Sequence[Tensor], mask: np.ndarray) -> np.ndarray:
        """[T] distance inside a mask [T, H, W] bool; NaN where that is empty."""
        return means_inside(self.picture(a, b, mask.shape[1:]), mask)

    def picture(self, a: Sequence[Tensor], b: Sequence[Tensor], size: tuple[int, ...]) -> np.ndarray:
        """[T, H, W] the distance as a picture of ``size``: where a film differs."""
        large = [F.interpolate(place[:, None], size, mode="bilinear")[:, 0] for place in self.maps(a, b)]
        return sum(large).cpu().numpy()  # type: ignore[union-attr]


def unit_length(maps: Tensor) -> Tensor:
    """[B, C, h, w] with vectors of length 1 along C."""
    return maps / (maps.square().sum(1, keepdim=True).sqrt() + TINY)


def channel_means(stages: Sequence[Tensor]) -> np.ndarray:
    """[T, sum of C] what a whole frame looks like: each channel's mean over the picture."""
    return torch.cat([stage.mean((2, 3)) for stage in stages], 1).cpu().double().numpy()


def film_features(means: np.ndarray, window: int) -> np.ndarray:
    """[N, 2 F] of frames' features [T, F]: over every whole ``window`` of frames their mean, and the mean size of
    their change from frame to frame."""
    starts = range(0, len(means) - window + 1, window)
    parts = [means[start : start + window] for start in starts]
    rows = [np.concatenate([part.mean(0), np.abs(np.diff(part, axis=0)).mean(0)]) for part in parts]
    return np.array(rows).reshape(len(rows), 2 * means.shape[1])

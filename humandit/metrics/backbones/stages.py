"""Maps of features at several scales: AlexNet and VGG16 for LPIPS, and a net of fixed random weights in their place."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import Conv2d

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""Of pictures in -1..1, before the first layer: ``ScalingLayer`` in ``lpips/lpips.py`` of
richzhang/PerceptualSimilarity."""

ALEX_TAPS, VGG_TAPS = (1, 4, 7, 9, 11), (3, 8, 15, 22, 29)
"""Layers of torchvision's ``features`` whose outputs LPIPS takes (``lpips/pretrained_networks.py``)."""
VGG_PLAN = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Channels and layers of VGG16's five parts."""

SEED = 0
WIDTHS = (16, 32, 64, 64, 64)
"""Channels of the random net's stages; each is half as large as the one before."""
BIAS = 0.2
"""Spread of its biases: without them flat grey would have no features to compare."""


def alexnet() -> nn.Sequential:
    """torchvision's ``alexnet().features``, empty."""
    return nn.Sequential(
        Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        Conv2d(192, 384, 3, padding=1), nn.ReLU(),
        Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        Conv2d(256, 256, 3, padding=1), nn.ReLU(),
    )  # fmt: skip


def vgg16() -> nn.Sequential:
    """torchvision's ``vgg16().features`` up to its last convolution, empty."""
    layers: list[nn.Module] = []
    channels = 3
    for width, count in VGG_PLAN:
        for _ in range(count):
            layers += [Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers[:-1])


class Tapped(nn.Module):
    """Pictures [B, 3, H, W] in 0..1 -> the outputs [B, C, h, w] of some layers of ``features``."""

    shift: Tensor
    scale: Tensor

    def __init__(self, features: nn.Sequential, taps: tuple[int, ...]) -> None:
        super().__init__()
        self.features, self.taps = features, taps
        self.register_buffer("shift", torch.tensor(SHIFT)[:, None, None], persistent=False)
        self.register_buffer("scale", torch.tensor(SCALE)[:, None, None], persistent=False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        x = (2 * pictures - 1 - self.shift) / self.scale
        out = []
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in self.taps:
                out.append(x)
        return out


def random_stages(seed: int = SEED, widths: tuple[int, ...] = WIDTHS) -> Tapped:
    """Pairs of 3 x 3 convolutions between halvings, with weights drawn once and for all.

    That the structure of a deep net does most of a perceptual loss's work, its training the rest, is the finding of
    Liu et al., "A Generic Perceptual Loss for Modeling Structured Output Dependencies" (CVPR 2021); in Zhang et al.
    (CVPR 2018) random nets stand between plain differences and trained ones.
    """
    rng = np.random.default_rng(seed)
    layers: list[nn.Module] = []
    channels, taps = 3, []
    for width in widths:
        for _ in range(2):
            layers += [_drawn(rng, channels, width), nn.ReLU()]
            channels = width
        taps.append(len(layers) - 1)
        layers.append(nn.AvgPool2d(2, ceil_mode=True))
    return Tapped(nn.Sequential(*layers[:-1]), tuple(taps)).eval().requires_grad_(False)


def _drawn(rng: np.random.Generator, channels: int, width: int) -> Conv2d:
    layer: Any = Conv2d(channels, width, 3, padding=1, padding_mode="replicate")
    weight = rng.standard_normal((width, channels, 3, 3)) * np.sqrt(2 / (9 * channels))
    layer.weight.data = torch.from_numpy(weight).float()
    layer.bias.data = torch.from_numpy(BIAS * rng.standard_normal(width)).float()
    return layer

"""The 3D ResNet-50 of FID-VID: 16 frames of 112 x 112 to 2048 features.

Layers and names follow ``tool/metrics/resnet3d.py`` of Wangt-CN/DisCo, which is that of kenshohara/3D-ResNets-PyTorch
with its ``resnet-50-kinetics.pth``; own code.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import Conv3d, Linear

SIDE, FRAMES = 112, 16
MEAN = (114.7748, 107.7354, 99.4750)
"""Of the Kinetics films, grey levels of red, green and blue."""
STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))
"""Inner channels, blocks and first stride of the four stages."""
WIDER = 4
CLASSES = 400


def conv(channels: int, width: int, kernel: int, stride: int = 1) -> Conv3d:
    return Conv3d(channels, width, kernel, stride, kernel // 2, bias=False)


class Bottleneck(nn.Module):
    """Narrow, look around, widen; and the input beside it."""

    def __init__(self, channels: int, inner: int, stride: int) -> None:
        super().__init__()
        width = WIDER * inner
        self.conv1, self.bn1 = conv(channels, inner, 1), nn.BatchNorm3d(inner)
        self.conv2, self.bn2 = conv(inner, inner, 3, stride), nn.BatchNorm3d(inner)
        self.conv3, self.bn3 = conv(inner, width, 1), nn.BatchNorm3d(width)
        changes = stride != 1 or channels != width
        self.downsample = nn.Sequential(conv(channels, width, 1, stride), nn.BatchNorm3d(width)) if changes else None

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet3D(nn.Module):
    """Films [B, 3, 16, 112, 112] in grey levels less :data:`MEAN` -> features [B, 2048]."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = Conv3d(3, 64, 7, (1, 2, 2), 3, bias=False)
        self.bn1 = nn.BatchNorm3d(64)
        channels = 64
        for number, (inner, count, stride) in enumerate(STAGES, 1):
            blocks = []
            for index in range(count):
                blocks.append(Bottleneck(channels, inner, stride if index == 0 else 1))
                channels = WIDER * inner
            self.add_module(f"layer{number}", nn.Sequential(*blocks))
        self.fc = Linear(channels, CLASSES)

    def forward(self, films: Tensor) -> Tensor:
        x = F.max_pool3d(F.relu(self.bn1(self.conv1(films))), 3, 2, 1)
        for number in range(1, len(STAGES) + 1):
            x = self.get_submodule(f"layer{number}")(x)
        return x.mean((2, 3, 4))


def prepared(frames: Tensor) -> Tensor:
    """Grey levels [T, 3, 112, 112] -> [N, 3, 16, 112, 112] less the mean; the last frame fills up the last sixteen, as
    ``DatasetFVDVideoResize`` in DisCo's ``tool/metrics/utils.py`` does."""
    rest = -len(frames) % FRAMES
    whole = torch.cat([frames, frames[-1:].expand(rest, -1, -1, -1)]) if rest else frames
    mean = torch.tensor(MEAN, device=frames.device)[:, None, None]
    return (whole - mean).unflatten(0, (-1, FRAMES)).transpose(1, 2)

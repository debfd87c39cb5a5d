"""The clarity scorer of the paper (App. A.1): ResNet-18 (He et al., CVPR 2016) and a sigmoid, of any width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import Conv2d, Linear

from ...errors import InvalidWeights

BLOCKS = (2, 2, 2, 2)
"""Residual blocks per stage: with two convolutions each, the first one and the last layer, eighteen."""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class ClarityConfig:
    """Sizes. ``width`` channels of the first stage: 64 is ResNet-18 (11.2 M parameters). ``side`` pixels of a crop;
    crops of up to 64 keep their resolution in the stem, which halves it twice in the original."""

    width: int = 64
    side: int = 64

    @classmethod
    def from_dict(cls, values: Mapping[str, int]) -> ClarityConfig:
        """Unknown keys are refused."""
        unknown = sorted(set(values) - set(asdict(cls())))
        if unknown:
            raise InvalidWeights(f"The config of a clarity scorer has unknown keys: {', '.join(unknown)}.")
        return cls(**values)

    @property
    def name(self) -> str:
        return "ResNet-18" if self.width == 64 else f"ResNet-18 at {self.width}/64 of its widths"


MINI = ClarityConfig(width=8)
"""175 k parameters."""
PAPER = ClarityConfig()


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions beside a way past them."""

    def __init__(self, width: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = Conv2d(width, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.downsample = (
            nn.Sequential(Conv2d(width, out, 1, stride, bias=False), nn.BatchNorm2d(out))
            if stride > 1 or width != out
            else nn.Identity()
        )

    def forward(self, x_BCHW: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x_BCHW)))
        return F.relu(self.bn2(self.conv2(y)) + self.downsample(x_BCHW))


class ClarityNet(nn.Module):
    """Crops in, clarity out. Names of the tensors follow torchvision's ResNet."""

    def __init__(self, config: ClarityConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        small = config.side <= 64
        self.conv1 = Conv2d(3, width, 3 if small else 7, 1 if small else 2, 1 if small else 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(3, 2, 1)
        widths = [width * 2**i for i in range(4)]
        before = [width, *widths[:-1]]
        for number, (start, out, count) in enumerate(zip(before, widths, BLOCKS, strict=True), 1):
            blocks = [
                BasicBlock(start if i == 0 else out, out, 2 if i == 0 and number > 1 else 1) for i in range(count)
            ]
            setattr(self, f"layer{number}", nn.Sequential(*blocks))
        self.fc = Linear(widths[-1], 1)

    def logits(self, crops_BCHW: Tensor) -> Tensor:
        """[B] before the sigmoid, of crops [B, 3, S, S] in 0..1."""
        mean, std = (crops_BCHW.new_tensor(v)[:, None, None] for v in (MEAN, STD))
        x = self.pool(F.relu(self.bn1(self.conv1((crops_BCHW - mean) / std))))
        for number in range(1, 5):
            x = self.get_submodule(f"layer{number}")(x)
        return self.fc(x.mean((2, 3)))[:, 0]

    def forward(self, crops_BCHW: Tensor) -> Tensor:
        """[B] clarity 0..1."""
        return torch.sigmoid(self.logits(crops_BCHW))

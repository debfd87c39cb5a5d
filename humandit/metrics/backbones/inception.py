"""The Inception network of FID: 299 x 299 pictures to 2048 features.

Layers, names and the three changes against torchvision's (padding left out of average pools, a maximum in the last
block, 1008 classes) follow ``pytorch_fid/inception.py`` of mseitzer/pytorch-fid, whose weights were ported from
TensorFlow's ``inception-2015-12-05``; own code.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import Conv2d, Linear

SIDE = 299
CLASSES = 1008


class Conv(nn.Module):
    """Convolution, batch norm, ReLU."""

    def __init__(self, channels: int, width: int, kernel: int | tuple[int, int] = 1, stride: int = 1) -> None:
        super().__init__()
        sides = (kernel, kernel) if isinstance(kernel, int) else kernel
        inside = stride == 1
        padding = (sides[0] // 2, sides[1] // 2) if inside else 0
        self.conv = Conv2d(channels, width, sides, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(width, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


def unpadded(channels: int, width: int, kernel: int) -> Conv:
    """A layer of the stem that loses the border."""
    layer = Conv(channels, width, kernel)
    layer.conv.padding = (0, 0)
    return layer


Step = str | tuple[str, ...]
"""A layer's name, or several that take the same input."""


class Block(nn.Module):
    """Branches side by side, and one of pooling."""

    branches: tuple[tuple[Step, ...], ...] = ()
    branch_pool: nn.Module

    def pooled(self, x: Tensor) -> Tensor:
        """The branch of pooling."""
        return self.branch_pool(F.avg_pool2d(x, 3, 1, 1, count_include_pad=False))

    def forward(self, x: Tensor) -> Tensor:
        out = []
        for steps in self.branches:
            y = x
            for step in steps:
                names = (step,) if isinstance(step, str) else step
                y = torch.cat([self.get_submodule(name)(y) for name in names], 1)
            out.append(y)
        return torch.cat([*out, self.pooled(x)], 1)


class BlockA(Block):
    branches = (("branch1x1",), ("branch5x5_1", "branch5x5_2"), ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"))

    def __init__(self, channels: int, pool: int) -> None:
        super().__init__()
        self.branch1x1 = Conv(channels, 64)
        self.branch5x5_1, self.branch5x5_2 = Conv(channels, 48), Conv(48, 64, 5)
        self.branch3x3dbl_1, self.branch3x3dbl_2 = Conv(channels, 64), Conv(64, 96, 3)
        self.branch3x3dbl_3 = Conv(96, 96, 3)
        self.branch_pool = Conv(channels, pool)


class BlockB(Block):
    branches = (("branch3x3",), ("branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"))

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch3x3 = Conv(channels, 384, 3, 2)
        self.branch3x3dbl_1, self.branch3x3dbl_2 = Conv(channels, 64), Conv(64, 96, 3)
        self.branch3x3dbl_3 = Conv(96, 96, 3, 2)

    def pooled(self, x: Tensor) -> Tensor:
        return F.max_pool2d(x, 3, 2)


class BlockC(Block):
    branches = (
        ("branch1x1",),
        ("branch7x7_1", "branch7x7_2", "branch7x7_3"),
        ("branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5"),
    )

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        flat, tall = (1, 7), (7, 1)
        self.branch1x1 = Conv(channels, 192)
        self.branch7x7_1, self.branch7x7_2 = Conv(channels, inner), Conv(inner, inner, flat)
        self.branch7x7_3 = Conv(inner, 192, tall)
        self.branch7x7dbl_1, self.branch7x7dbl_2 = Conv(channels, inner), Conv(inner, inner, tall)
        self.branch7x7dbl_3, self.branch7x7dbl_4 = Conv(inner, inner, flat), Conv(inner, inner, tall)
        self.branch7x7dbl_5 = Conv(inner, 192, flat)
        self.branch_pool = Conv(channels, 192)


class BlockD(Block):
    branches = (("branch3x3_1", "branch3x3_2"), ("branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4"))

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch3x3_1, self.branch3x3_2 = Conv(channels, 192), Conv(192, 320, 3, 2)
        self.branch7x7x3_1, self.branch7x7x3_2 = Conv(channels, 192), Conv(192, 192, (1, 7))
        self.branch7x7x3_3, self.branch7x7x3_4 = Conv(192, 192, (7, 1)), Conv(192, 192, 3, 2)

    def pooled(self, x: Tensor) -> Tensor:
        return F.max_pool2d(x, 3, 2)


class BlockE(Block):
    branches = (
        ("branch1x1",),
        ("branch3x3_1", ("branch3x3_2a", "branch3x3_2b")),
        ("branch3x3dbl_1", "branch3x3dbl_2", ("branch3x3dbl_3a", "branch3x3dbl_3b")),
    )

    def __init__(self, channels: int, maximum: bool = False) -> None:
        super().__init__()
        self.maximum = maximum
        self.branch1x1 = Conv(channels, 320)
        self.branch3x3_1 = Conv(channels, 384)
        self.branch3x3_2a, self.branch3x3_2b = Conv(384, 384, (1, 3)), Conv(384, 384, (3, 1))
        self.branch3x3dbl_1, self.branch3x3dbl_2 = Conv(channels, 448), Conv(448, 384, 3)
        self.branch3x3dbl_3a, self.branch3x3dbl_3b = Conv(384, 384, (1, 3)), Conv(384, 384, (3, 1))
        self.branch_pool = Conv(channels, 192)

    def pooled(self, x: Tensor) -> Tensor:
        return self.branch_pool(F.max_pool2d(x, 3, 1, 1)) if self.maximum else super().pooled(x)


class Inception(nn.Module):
    """Pictures [B, 3, H, W] in 0..1 -> features [B, 2048]."""

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3, self.Conv2d_2a_3x3 = Conv(3, 32, 3, 2), unpadded(32, 32, 3)
        self.Conv2d_2b_3x3, self.Conv2d_3b_1x1 = Conv(32, 64, 3), Conv(64, 80)
        self.Conv2d_4a_3x3 = unpadded(80, 192, 3)
        self.Mixed_5b, self.Mixed_5c, self.Mixed_5d = BlockA(192, 32), BlockA(256, 64), BlockA(288, 64)
        self.Mixed_6a, self.Mixed_6b, self.Mixed_6c = BlockB(288), BlockC(768, 128), BlockC(768, 160)
        self.Mixed_6d, self.Mixed_6e = BlockC(768, 160), BlockC(768, 192)
        self.Mixed_7a, self.Mixed_7b, self.Mixed_7c = BlockD(768), BlockE(1280), BlockE(2048, maximum=True)
        self.fc = Linear(2048, CLASSES)

    def forward(self, pictures: Tensor) -> Tensor:
        x = 2 * F.interpolate(pictures, (SIDE, SIDE), mode="bilinear", align_corners=False) - 1
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(F.max_pool2d(x, 3, 2)))
        x = F.max_pool2d(x, 3, 2)
        for name in ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c"):
            x = self.get_submodule(f"Mixed_{name}")(x)
        return x.mean((2, 3))

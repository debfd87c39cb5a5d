"""ViTPose: heat-map pose nets in ONNX, also the files of Wan-Animate's preprocessing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .heads import heatmap_points
from .onnx_file import read_onnx
from .onnx_net import OnnxNet
from .points import checked_count
from .signature import expect, image_size
from .simcc import MEAN, STD
from .window import Window

SIZE = (192, 256)
"""Width and height where the file leaves them open."""


class HeatmapNet:
    """A heat-map pose net; see :class:`humandit.pose.detect.topdown.PoseNet`.

    Red first and normalised as ImageNet (ViTAE-Transformer/ViTPose configs, ``to_rgb``; Wan2.2 ``pose2d.py``).
    """

    def __init__(self, path: str | Path, device: str | None = None) -> None:
        file = expect(read_onnx(path), "heatmap")
        self.size = image_size(file, SIZE)
        self.aspect = self.size[0] / self.size[1]
        self._net = OnnxNet(file.path, device)
        self.device = self._net.device
        count = next(iter(file.outputs.values()))[1] or len(self._maps(np.zeros((*self.size[::-1], 3), np.uint8)))
        checked_count(count, file.path.name)

    def __call__(self, frame: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray]:
        unit, score = heatmap_points(self._maps(window.crop(frame, *self.size, whole=True)))
        return window.place(unit), score

    def _maps(self, crop: np.ndarray) -> np.ndarray:
        """[K, h, w] of a uint8 RGB crop."""
        return self._net(((crop.astype(np.float32) - MEAN) / STD).transpose(2, 0, 1)[None])[0][0]

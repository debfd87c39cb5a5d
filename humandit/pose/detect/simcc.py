"""DWPose, RTMW and RTMPose: SimCC pose nets in ONNX, as OpenMMLab's and DWPose's projects publish them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...errors import InvalidWeights
from .heads import simcc_points
from .onnx_file import read_onnx
from .onnx_net import OnnxNet
from .points import checked_count
from .signature import expect, image_size
from .window import Window

MEAN, STD = np.array([123.675, 116.28, 103.53], np.float32), np.array([58.395, 57.12, 57.375], np.float32)
"""Of the training, red first: ``bgr_to_rgb=True`` in DWPose's own ``dwpose-l_384x288.py`` and in mmpose's RTMPose and
RTMW configs. Some public code feeds blue first all the same (Tau-J/rtmlib issue 48); the nets are better off in red."""
SIZE = (288, 384)
"""Width and height where the file leaves them open."""


class SimccNet:
    """A SimCC pose net; see :class:`humandit.pose.detect.topdown.PoseNet`."""

    def __init__(self, path: str | Path, device: str | None = None) -> None:
        file = expect(read_onnx(path), "simcc")
        self.size = image_size(file, SIZE)
        self.aspect = self.size[0] / self.size[1]
        self._net = OnnxNet(file.path, device)
        self._swap = list(file.outputs)[0].endswith("y")
        self.device = self._net.device
        x, y = self._rows(np.zeros((*self.size[::-1], 3), np.uint8))  # the first run tells what the file may leave open
        checked_count(len(x), file.path.name)
        if x.shape[1] * self.size[1] != y.shape[1] * self.size[0] or len(x) != len(y):
            raise InvalidWeights(
                f"Expected rows of one resolution for pictures of {self.size[0]} x {self.size[1]}, but "
                f"{file.path.name} gives {list(x.shape)} and {list(y.shape)}. Choose another file."
            )

    def __call__(self, frame: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray]:
        unit, score = simcc_points(*self._rows(window.crop(frame, *self.size, whole=False)))
        return window.place(unit), score

    def _rows(self, crop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """[K, a W] and [K, a H] of a uint8 RGB crop."""
        pixels = ((crop.astype(np.float32) - MEAN) / STD).transpose(2, 0, 1)[None]
        x, y = (output[0] for output in self._net(pixels))
        return (y, x) if self._swap else (x, y)

"""Person nets: where people are in a frame. YOLOX with and without its own suppression, RTMDet, YOLOv10."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...errors import InvalidWeights
from .onnx_file import read_onnx
from .onnx_net import OnnxNet
from .signature import expect, image_size
from .ssd import overlap

SURE = 0.3
"""Smallest score of a person, as in DWPose's own code."""
SAME = 0.45
"""Boxes that share more than this are one person, as in DWPose's own code."""
MOST = 8
"""People that one frame may show."""
STRIDES = (8, 16, 32)
"""Pixels per cell of the three grids that YOLOX without suppression gives."""
GREY = 114
"""Where the picture does not fill the net's input."""
SIDE = 640
"""Pixels of the input where the file leaves them open."""

MEAN, STD = np.array([103.53, 116.28, 123.675], np.float32), np.array([57.375, 57.12, 58.395], np.float32)
"""Of RTMDet's training, blue first (mmdet, ``rtmdet_l_8xb32-300e_coco.py``)."""
RTMDET_WEIGHT = "rtm_cls"
"""Part of the name of RTMDet's last layer; its files are otherwise like those of YOLOX."""


class PersonNet:
    """A person net in ONNX: YOLOX (raw grids or final boxes), RTMDet, YOLOv10.

    Attributes:
        device: what it really runs on.
    """

    def __init__(self, path: str | Path, device: str | None = None) -> None:
        file = expect(read_onnx(path), "person")
        self.width, self.height = image_size(file, (SIDE, SIDE))
        self._normal = any(RTMDET_WEIGHT in name for name in file.weights)
        self._cells = sum((self.width // stride) * (self.height // stride) for stride in STRIDES)
        _, rows, columns = next(iter(file.outputs.values()))
        self._unit = columns == 6 and rows != self._cells
        self._name = file.path.name
        self._net = OnnxNet(file.path, device)
        self.device = self._net.device

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        """[N, 5] people of a uint8 RGB frame, surest first: x0, y0, x1, y1 in pixels, and a score 0..1."""
        picture, scale = letterbox(frame, self.width, self.height)
        rows, *labels = (output[0].astype(np.float64) for output in self._net(self._pixels(picture)[None]))
        found = self._boxes(rows, labels[0] if labels else np.zeros(len(rows)))
        found = found[found[:, 4] >= SURE]
        found[:, :4] = np.clip(found[:, :4] / scale, 0, np.tile([frame.shape[1], frame.shape[0]], 2))
        found = found[((found[:, 2:4] - found[:, :2]) >= 2).all(1)]
        return separate(found)

    def _boxes(self, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """[N, 5] boxes in pixels of the net's input, whatever their score."""
        if len(rows) == self._cells and rows.shape[1] >= 6:
            return grid_boxes(rows, self.width, self.height)
        if rows.shape[1] not in (5, 6):
            raise InvalidWeights(
                f"Expected boxes [N, 5 or 6] or {self._cells} grid cells from {self._name}, got {list(rows.shape)}. "
                "Choose another person net."
            )
        return final_boxes(rows, labels)

    def _pixels(self, picture: np.ndarray) -> np.ndarray:
        """[3, H, W] as the net was trained.

        YOLOX takes blue first, 0..255 (Megvii-BaseDetection/YOLOX and mmdet read by OpenCV and do not swap), RTMDet
        blue first and normalised (mmdet, ``bgr_to_rgb=False``), YOLOv10 red first, 0..1 (THU-MIG/yolov10).
        """
        pixels = picture.astype(np.float32)
        if self._unit:
            pixels /= 255
        else:
            pixels = pixels[..., ::-1]
        return ((pixels - MEAN) / STD if self._normal else pixels).transpose(2, 0, 1)


def letterbox(frame: np.ndarray, width: int, height: int) -> tuple[np.ndarray, float]:
    """The frame scaled into the upper left of a grey [height, width, 3], and the scale."""
    import cv2

    scale = min(width / frame.shape[1], height / frame.shape[0])
    size = max(int(frame.shape[1] * scale), 1), max(int(frame.shape[0] * scale), 1)
    picture = np.full((height, width, 3), GREY, np.uint8)
    picture[: size[1], : size[0]] = cv2.resize(frame, size, interpolation=cv2.INTER_LINEAR)
    return picture, scale


def grid_boxes(rows: np.ndarray, width: int, height: int) -> np.ndarray:
    """[A, 5] boxes of class 0 (person) from YOLOX's raw grids.

    Args:
        rows: [A, 5 + C] centre from the cell's corner and log of the size, both in strides; objectness; classes.
        width, height: of the net's input, pixels.
    """
    corners, strides = [], []
    for stride in STRIDES:
        y, x = np.divmod(np.arange((width // stride) * (height // stride)), width // stride)
        corners.append(np.stack([x, y], -1) * stride)
        strides.append(np.full((len(x), 1), stride))
    stride = np.concatenate(strides)
    centre = rows[:, :2] * stride + np.concatenate(corners)
    half = np.exp(np.clip(rows[:, 2:4], -20, 20)) * stride / 2
    return np.concatenate([centre - half, centre + half, rows[:, 4:5] * rows[:, 5:6]], 1)


def final_boxes(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """[N, 5] boxes of class 0 (person) from a net with its own suppression.

    Args:
        rows: [N, 5] corners and score, or [N, 6] with the class.
        labels: [N] class, used where the rows have none.
    """
    return rows[(rows[:, 5] if rows.shape[1] == 6 else labels) == 0, :5]


def separate(boxes: np.ndarray) -> np.ndarray:
    """Up to :data:`MOST` of [N, 5] boxes, surest first, without those that share much with a surer one."""
    left, kept = boxes[np.argsort(-boxes[:, 4], kind="stable")], []
    while len(left) and len(kept) < MOST:
        kept.append(left[0])
        left = left[1:][overlap(left[0, :4], left[1:, :4]) <= SAME]
    return np.array(kept).reshape(-1, 5)

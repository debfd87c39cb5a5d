"""The adapted skeleton over the reference picture, to be looked at."""

from __future__ import annotations

import numpy as np

from ...types import Canvas
from .. import skeleton as coco
from ..draw import draw
from ..sequence import PoseSequence

DIM = 0.4
"""Brightness that is left of the picture."""
GREY = 0.6
"""Brightness of the reference's own skeleton, without colour."""


def overlay(picture: np.ndarray, reference: PoseSequence, adapted: PoseSequence) -> np.ndarray:
    """uint8 [1 or 2, H, W, 3]: the darkened ``picture`` [H, W, 3] with the reference's skeleton in grey and in colours
    the adapted one's first frame, and the frame that is farthest from it."""
    canvas = Canvas(picture.shape[1], picture.shape[0])
    own = draw(reference[:1], canvas)[0].max(-1, keepdims=True)
    base = np.maximum(picture * DIM, own * GREY)
    picks = dict.fromkeys((0, farthest(adapted)))
    drawn = np.concatenate([draw(adapted[i : i + 1], canvas) for i in picks])
    return np.where(drawn.any(-1, keepdims=True), drawn, base).astype(np.uint8)


def farthest(poses: PoseSequence) -> int:
    """The frame whose body differs most from the first, by the mean way of the joints that both show."""
    body = slice(0, coco.FEET_SLICE.stop)
    both = poses.visible[:, body] & poses.visible[:1, body]
    away = np.linalg.norm(poses.xy[:, body] - poses.xy[:1, body], axis=-1)
    return int(np.argmax((away * both).sum(1) / np.maximum(both.sum(1), 1)))

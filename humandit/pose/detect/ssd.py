"""Anchors and decoding of the two single-shot detectors (body and face)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

OVERLAP = 0.3
"""Boxes that share more than this with the strongest are averaged into it."""


@dataclass(frozen=True)
class Found:
    """The strongest detection of a frame, in units of the crop (0..1).

    Attributes:
        box: x0, y0, x1, y1.
        points: [P, 2] keypoints of the detection.
        score: 0..1.
    """

    box: np.ndarray
    points: np.ndarray
    score: float


def anchors(side: int, strides: tuple[int, ...]) -> np.ndarray:
    """[A, 2] anchor centres (0..1): two per cell and layer, layers of one stride interleaved per cell."""
    rows, layer = [], 0
    while layer < len(strides):
        stride = strides[layer]
        same = strides.count(stride)
        cells = -(-side // stride)
        y, x = np.divmod(np.arange(cells * cells), cells)
        centres = (np.stack([x, y], -1) + 0.5) / cells
        rows.append(np.repeat(centres, 2 * same, axis=0))
        layer += same
    return np.concatenate(rows)


def strongest(
    raw_boxes: np.ndarray, raw_scores: np.ndarray, centres: np.ndarray, side: int, threshold: float
) -> Found | None:
    """The best of :func:`detections`, or None."""
    return next(iter(detections(raw_boxes, raw_scores, centres, side, threshold, 1)), None)


def detections(
    raw_boxes: np.ndarray, raw_scores: np.ndarray, centres: np.ndarray, side: int, threshold: float, most: int
) -> list[Found]:
    """Up to ``most`` detections at or above ``threshold``, best first, each averaged with those that overlap it.

    Args:
        raw_boxes: [A, 4 + 2P] centre, size and keypoints in pixels of the crop, relative to the anchors.
        raw_scores: [A] logits.
        centres: [A, 2] from :func:`anchors`.
        side: of the crop, pixels.
        threshold: smallest score that counts.
    """
    scores = 1 / (1 + np.exp(-np.clip(raw_scores, -100, 100).astype(np.float64)))
    keep = np.flatnonzero(scores >= threshold)
    scores = scores[keep]
    raw = raw_boxes[keep].astype(np.float64) / side
    centre = raw[:, :2] + centres[keep]
    boxes = np.concatenate([centre - raw[:, 2:4] / 2, centre + raw[:, 2:4] / 2], 1)
    points = raw[:, 4:].reshape(len(keep), raw.shape[1] // 2 - 2, 2) + centres[keep][:, None]
    found, left = [], np.ones(len(keep), bool)
    while left.any() and len(found) < most:
        best = int(np.where(left, scores, -1).argmax())
        near = left & (overlap(boxes[best], boxes) > OVERLAP)
        near[best] = True
        weight = scores[near] / scores[near].sum()
        found.append(Found(weight @ boxes[near], np.tensordot(weight, points[near], 1), float(scores[best])))
        left &= ~near
    return found


def overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """[N] intersection over union of one box with others."""
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), 1)
    area = np.prod(box[2:] - box[:2]) + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return shared / np.maximum(area - shared, 1e-12)

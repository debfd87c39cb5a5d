"""Fréchet distance between two sets of motions, on features that can be read.

Every second of a motion is one sample. Of eleven joints (nose, elbows, wrists, hips, knees, ankles), relative to the
neck and in body heights, it holds the mean place and its spread over the second, the mean speed and the mean
acceleration; and of the neck how far it travels. Joints that are not seen in the whole second count as zero: both
sets are made from the same pictures. Every feature is divided by its spread over the real set.
"""

from __future__ import annotations

import numpy as np

from ..pose import skeleton as coco
from ..pose.sequence import PoseSequence

WINDOW = 25
"""Frames of one sample: a second."""
SIDED = ("elbow", "wrist", "hip", "knee", "ankle")
JOINTS = [0, *(coco.INDEX[f"{side}_{joint}"] for joint in SIDED for side in ("left", "right"))]
SHOULDERS = [coco.INDEX["left_shoulder"], coco.INDEX["right_shoulder"]]
LEAST = 1e-3
"""Spreads below this share of the body are taken for it."""


def features(poses: PoseSequence, height: float) -> np.ndarray:
    """[N, 68]: one row per whole second of ``poses`` of a person ``height`` pixels tall."""
    neck = poses.xy[:, SHOULDERS].mean(1)
    points, seen = (poses.xy[:, JOINTS] - neck[:, None]) / height, poses.visible[:, JOINTS]
    starts = range(0, len(poses) - WINDOW + 1, WINDOW)
    return np.stack([_row(points[s : s + WINDOW], seen[s : s + WINDOW], neck[s : s + WINDOW] / height) for s in starts])


def _row(points: np.ndarray, seen: np.ndarray, neck: np.ndarray) -> np.ndarray:
    whole = np.all(seen, axis=0)
    speed = np.linalg.norm(np.diff(points, axis=0), axis=-1).mean(0) * WINDOW
    bend = np.linalg.norm(np.diff(points, n=2, axis=0), axis=-1).mean(0) * WINDOW
    per_joint = np.concatenate([points.mean(0), points.std(0), speed[:, None], bend[:, None]], -1)
    return np.concatenate([(per_joint * whole[:, None]).ravel(), neck.std(0)])


def frechet_distance(made: np.ndarray, real: np.ndarray) -> float:
    """:func:`gaussian_distance` of two feature sets [N, F] and [M, F], in spreads of ``real``."""
    scale = np.maximum(real.std(0), LEAST)
    return gaussian_distance(made / scale, real / scale)


def gaussian_distance(made: np.ndarray, real: np.ndarray) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2) of two feature sets [N, F] and [M, F] as they are.

    What FID and FVD are on their networks' features (Heusel et al. 2017; ``calculate_frechet_distance`` in
    ``pytorch_fid/fid_score.py`` of mseitzer/pytorch-fid), with the root taken of a symmetric product, so that it is
    real whatever the rank.
    """
    (mean_a, cov_a), (mean_b, cov_b) = _moments(made), _moments(real)
    root = _square_root(cov_b)
    crossed = np.linalg.eigvalsh(root @ cov_a @ root)
    both = np.sqrt(np.maximum(crossed, 0)).sum()
    return max(float(((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * both), 0.0)


def _moments(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rows.mean(0), np.cov(rows, rowvar=False)


def _square_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T

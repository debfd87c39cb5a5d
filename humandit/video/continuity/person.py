"""Where the person is, from the poses: soft masks between the pictures of reference and film."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...pose.background.person import breadths, person_masks
from ...pose.raster import Raster
from ...pose.sequence import PoseSequence

MARGIN, FEATHER = 0.12, 0.12
"""Shoulder breadths by which the painted body is made wider, and over which its edge is soft."""

STILL_SHARE = 0.006
"""Part of the canvas's longer side that background points may move in a whole film of a camera that stands still."""


def stands_still(film: Raster) -> bool:
    """Whether background points are there and say that the camera stands still.

    The middle one of the points counts, so single ones may be lost and found elsewhere.
    """
    points = film.background
    if points is None or not points.visible.any():
        return False
    known = np.where(points.visible[..., None], points.xy, np.nan)
    first = np.take_along_axis(known, points.visible.argmax(0)[None, :, None], axis=0)
    away = np.linalg.norm(known - first, axis=-1)
    middle = [np.median(row[~np.isnan(row)]) for row in away if not np.isnan(row).all()]
    return bool(max(middle) <= STILL_SHARE * film.poses.canvas.square)


def soft_masks(poses: PoseSequence) -> Tensor:
    """[T, H, W] in 0..1: 1 on the person, whose body is painted from the joints, hair and loose clothes included; 0
    where nobody can be."""
    hard = torch.from_numpy(np.stack(list(person_masks(poses)))).float()[:, None]
    breadth = float(np.median(breadths(poses)))
    grow, soft = (max(round(part * breadth), 1) for part in (MARGIN, FEATHER))
    wide = F.max_pool2d(hard, 2 * grow + 1, 1, grow)
    for _ in range(2):  # two boxes make a ramp
        wide = F.avg_pool2d(wide, 2 * soft + 1, 1, soft, count_include_pad=False)
    return wide[:, 0]


def background_back(frames: Tensor, masks: Tensor, reference: Tensor, reference_mask: Tensor) -> Tensor:
    """``frames`` with the reference picture wherever the person is in neither; for a camera that stands still.

    What the person covers in the reference is unknown and stays as it was made, shadows on the floor as well only
    where the painted body reaches.

    Args:
        frames: [T, H, W, 3].
        masks: [T, H, W], soft, the person in each.
        reference: [H, W, 3], and ``reference_mask`` [H, W].
    """
    still = ((1 - masks) * (1 - reference_mask))[..., None].to(frames)
    return frames * (1 - still) + reference * still

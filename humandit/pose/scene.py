"""What the poses tell of a whole film: where the person is, how fast they move, and whether the camera stands still."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .background.person import breadths, person_masks
from .raster import Raster
from .sequence import PoseSequence

MARGIN, FEATHER = 0.12, 0.12
"""Shoulder breadths by which the painted body is made wider, and over which its edge is soft."""
STILL_SHARE = 0.006
"""Part of the canvas's longer side that background points may move in a whole film of a camera that stands still."""
FEW = 4
"""Joints that must be seen in two frames for their speed to be known."""


@dataclass(frozen=True)
class Scene:
    """A film as it is about to be drawn: its poses [1 + frames], the reference's first, and background points."""

    film: Raster

    def masks(self, frames: slice) -> Tensor:
        """[t, H, W] in 0..1 of the frames that there are: 1 on the person, 0 where nobody can be."""
        return soft_masks(self.film.poses[frames].resized(self.film.canvas))

    def speed(self, frame: int) -> float:
        """How far the joints move at a frame, in pixels per frame, from the one before to the one after.

        Endless where hardly a joint is seen in both: nothing is known then.
        """
        poses = self.film.poses
        before, after = max(frame - 1, 0), min(frame + 1, len(poses) - 1)
        both = poses.visible[before] & poses.visible[after]
        if both.sum() < FEW or after == before:
            return float("inf")
        return float(np.linalg.norm(poses.xy[after, both] - poses.xy[before, both], axis=-1).mean() / (after - before))

    @property
    def stands_still(self) -> bool:
        """Whether background points are there and say that the camera stands still.

        The middle one of the points counts, so single ones may be lost and found elsewhere.
        """
        points = self.film.background
        if points is None or not points.visible.any():
            return False
        known = np.where(points.visible[..., None], points.xy, np.nan)
        first = np.take_along_axis(known, points.visible.argmax(0)[None, :, None], axis=0)
        away = np.linalg.norm(known - first, axis=-1)
        middle = [np.median(row[~np.isnan(row)]) for row in away if not np.isnan(row).all()]
        return bool(max(middle) <= STILL_SHARE * self.film.poses.canvas.square)


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

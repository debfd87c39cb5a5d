"""What the poses tell of a whole film: where the person is, how fast they move, and where the background has gone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .background.follow import CameraWay, camera_way, stands_still
from .background.person import breadths, person_masks
from .raster import Background, Raster
from .sequence import PoseSequence

MARGIN, FEATHER = 0.12, 0.12
"""Shoulder breadths by which the painted body is made wider, and over which its edge is soft."""
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

    def backgrounds(self, picture: Tensor, frames: slice) -> tuple[Tensor, Tensor]:
        """The reference picture as the background points move, [t, H, W, 3], and where in it background is known,
        [t, H, W] in 0..1: nowhere without points, or where they do not move as a flat picture's would."""
        shown = [self._view(picture, frame) for frame in range(len(self.film))[frames]]
        return torch.stack([view for view, _ in shown]), torch.stack([known for _, known in shown])

    def _view(self, picture: Tensor, frame: int) -> tuple[Tensor, Tensor]:
        import cv2

        known = 1 - self._reference_mask
        if self._still:
            return picture, known
        matrix = None if self._way is None else self._way.matrix(frame)
        if matrix is None:
            return picture, torch.zeros_like(known)
        size, edge = (known.shape[1], known.shape[0]), F.pad(known[1:-1, 1:-1], (1, 1, 1, 1))
        moved, inside = (
            torch.from_numpy(cv2.warpAffine(image.cpu().float().numpy(), matrix, size, borderMode=border))
            for image, border in ((picture, cv2.BORDER_REPLICATE), (edge, cv2.BORDER_CONSTANT))
        )
        return moved.to(picture), inside

    @cached_property
    def _reference_mask(self) -> Tensor:
        return self.masks(slice(0, 1))[0]

    @cached_property
    def _still(self) -> bool:
        points = self.film.background
        return points is not None and stands_still(points, self.film.poses.canvas.square)

    @cached_property
    def _way(self) -> CameraWay | None:
        """In pixels of the canvas that is drawn."""
        points, canvas = self.film.background, self.film.canvas
        if points is None:
            return None
        scale = np.array([canvas.width, canvas.height]) / (self.film.poses.canvas.width, self.film.poses.canvas.height)
        return camera_way(Background((points.xy * scale).astype(np.float32), points.visible), canvas.square)


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

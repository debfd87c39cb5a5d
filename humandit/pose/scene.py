"""What the poses tell of a whole film: where the person is, how fast they move, and where the background has gone."""

from __future__ import annotations

from dataclasses import dataclass, replace
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

RIM = 0.04
"""Part of the longer side by which the picture's edge is drawn out over what comes into view: the little that a slow
pan uncovers then fits, and more is the model's."""


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

    def begun(self, picture: Tensor, before: Tensor, frame: int) -> tuple[Tensor, Tensor] | None:
        """The reference as it would have been taken at ``frame`` by a camera that moves: the person in their place, the
        background where the points are now.

        Args:
            picture: the reference [H, W, 3]. before: the film's frame there, for what the reference does not show.

        Returns:
            The picture and its pose image [1, 4h, 4w, 8]; None where the camera stands still or its way is not known.
        """
        if self._matrix(frame) is None:
            return None
        points, (view, known) = self._points, self._view(picture, frame)
        person = soft_masks(self.film.poses[0:1].resized(self.film.canvas), margin=0)[0]
        behind = torch.lerp(before.to(view), view, known[..., None].to(view))
        pose = self.film.poses[0:1].resized(self.film.canvas)
        shown = None if points is None else Background(points.xy[frame : frame + 1], points.visible[frame : frame + 1])
        drawn = replace(self.film, poses=pose, background=shown, taken=0)
        return torch.lerp(behind, picture, person[..., None].to(view)), drawn[0:1]

    def _view(self, picture: Tensor, frame: int) -> tuple[Tensor, Tensor]:
        known = 1 - self._reference_mask
        if self._still:
            return picture, known
        matrix = self._matrix(frame)
        return (picture, torch.zeros_like(known)) if matrix is None else _warped(picture, known, matrix)

    def _matrix(self, frame: int) -> np.ndarray | None:
        """From places of the reference to those of ``frame``, [2, 3]; None for a still or unknown camera."""
        return None if self._still or self._way is None else self._way.matrix(frame)

    @cached_property
    def _reference_mask(self) -> Tensor:
        return self.masks(slice(0, 1))[0]

    @cached_property
    def _still(self) -> bool:
        points = self.film.background
        return points is not None and stands_still(points, self.film.poses.canvas.square)

    @cached_property
    def _way(self) -> CameraWay | None:
        return None if self._points is None else camera_way(self._points, self.film.canvas.square)

    @cached_property
    def _points(self) -> Background | None:
        """In pixels of the canvas that is drawn."""
        points, canvas = self.film.background, self.film.canvas
        if points is None:
            return None
        scale = np.array([canvas.width, canvas.height]) / (self.film.poses.canvas.width, self.film.poses.canvas.height)
        return Background((points.xy * scale).astype(np.float32), points.visible)


def _warped(picture: Tensor, known: Tensor, matrix: np.ndarray) -> tuple[Tensor, Tensor]:
    """The picture [H, W, 3] moved, and where it is ``known`` [H, W]; its edge is drawn out by :data:`RIM`."""
    import cv2

    size, rim = (known.shape[1], known.shape[0]), max(round(RIM * max(known.shape)), 1)
    wide = F.pad(known[None, None], (rim, rim, rim, rim), mode="replicate")[0, 0].numpy()
    from_wide = np.hstack([matrix[:, :2], matrix[:, 2:] - rim * matrix[:, :2].sum(1, keepdims=True)])
    inside = cv2.warpAffine(wide, from_wide, size, borderMode=cv2.BORDER_CONSTANT)
    moved = cv2.warpAffine(picture.cpu().float().numpy(), matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return torch.from_numpy(moved).to(picture), torch.from_numpy(inside)


def soft_masks(poses: PoseSequence, margin: float = MARGIN) -> Tensor:
    """[T, H, W] in 0..1: 1 on the person, whose body is painted from the joints, hair and loose clothes included, and
    made wider by ``margin``; 0 where nobody can be."""
    hard = torch.from_numpy(np.stack(list(person_masks(poses)))).float()[:, None]
    breadth = float(np.median(breadths(poses)))
    grow, soft = round(margin * breadth), max(round(FEATHER * breadth), 1)
    wide = F.max_pool2d(hard, 2 * grow + 1, 1, grow)
    for _ in range(2):  # two boxes make a ramp
        wide = F.avg_pool2d(wide, 2 * soft + 1, 1, soft, count_include_pad=False)
    return wide[:, 0]

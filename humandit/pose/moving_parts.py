"""The parts of a body as lines with flesh, and how each goes from where it is in a film back to a picture.

All of it is arithmetic on tensors, so that a film's few frames and a training batch's thousands take the same way. A
part is a line from ``a`` to ``b`` with a half width; along the line it is stretched as the line is, across it by the
person's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from . import skeleton as coco
from .bodies import CROWN, PALMS, Bodies, size_beside
from .skeleton import HIPS, NECK, SIDES, joint

LEAST = 0.25
"""Pixels under which a line has no direction."""
STRETCH = 4.0
"""How much more, or less, a part may be stretched along than across."""


def _lines() -> tuple[tuple[int, int, float, float, float, float], ...]:
    """From, to, half widths at both ends, how far the flesh goes on behind the end, and how far in front."""
    limbs = [(HIPS, NECK, 0.42, 0.5, 0.05, 0.15), (NECK, CROWN, 0.2, 0.42, 0.0, 0.35)]
    for side in SIDES:
        at = lambda name: joint(side, name)  # noqa: B023, E731 - used within its turn
        limbs += [
            (at("shoulder"), at("elbow"), 0.2, 0.15, 0.0, 0.15), (at("elbow"), at("wrist"), 0.15, 0.11, 0.0, 0.15),
            (at("wrist"), PALMS[side], 0.13, 0.15, 1.1, 0.0),
            (at("hip"), at("knee"), 0.3, 0.22, 0.0, 0.1), (at("knee"), at("ankle"), 0.22, 0.14, 0.05, 0.0),
            (at("ankle"), at("big_toe"), 0.14, 0.13, 0.2, 0.2),
        ]  # fmt: skip
    return tuple(limbs)


LINES = _lines()
OWN = {
    4: list(range(coco.LEFT_HAND_SLICE.start, coco.LEFT_HAND_SLICE.stop)),
    10: list(range(coco.RIGHT_HAND_SLICE.start, coco.RIGHT_HAND_SLICE.stop)),
}
"""Number of a part among the lines -> its own points. Heads do worse by theirs: faces turn, hair does not."""
FEW, LEAN = 4, 0.1
"""Points that must be seen for a part to follow them, and how much it leans to its line, beside their spread."""
IN_FRONT = torch.tensor([0.0, 0.3, *(0.7, 0.8, 0.8, 0.0, 0.0, 0.0) * 2])
"""By how many half widths a part is taken for nearer than it is: arms are mostly in front of trunks."""


@dataclass(frozen=True)
class Parts:
    """P parts of [..., P]: where they lie in the film, and the way back to the picture.

    Attributes:
        a, way: [..., P, 2] begin of the line, and the way to its end.
        thick: [..., P, 2] half widths at the ends, pixels.
        reach: [..., P, 2] how far flesh goes on in front of the line and behind it, in lengths of it.
        matrix: [..., P, 2, 2], and ``origin`` [..., P, 2]: a point p of the film is at origin + matrix (p - a) of the
            picture.
        there: [..., P] bool: whether both show it.
    """

    a: Tensor
    way: Tensor
    thick: Tensor
    reach: Tensor
    matrix: Tensor
    origin: Tensor
    there: Tensor


def parts(picture: Bodies, film: Bodies) -> Parts:
    """Of bodies in a film [B, T, ...] and the same people in pictures [B, 1, ...]."""
    table = torch.tensor(LINES, device=film.xy.device)
    ends = table[:, :2].long()
    begin, end = ends[:, 0], ends[:, 1]
    pairs = [(body.xy[..., begin, :], body.xy[..., end, :] - body.xy[..., begin, :]) for body in (picture, film)]
    (origin, back), (a, along) = pairs
    there = picture.seen[..., begin] & picture.seen[..., end] & film.seen[..., begin] & film.seen[..., end]
    length, length_back = (way.norm(dim=-1) for way in (along, back))
    size = size_beside(picture, film)[..., None]
    there = there & (length > LEAST) & (length_back > LEAST) & (size > 0)
    length, length_back = length.clamp_min(LEAST), length_back.clamp_min(LEAST)
    size = size.clamp_min(0.05)
    unit, unit_back = along / length[..., None], back / length_back[..., None]
    lengthwise = (length_back / length * size).clamp(1 / STRETCH, STRETCH) / size
    across = _across(picture, film, unit, unit_back, size)
    along_line = lengthwise[..., None, None] * _outer(unit_back, unit)
    matrix = along_line + across[..., None, None] * _outer(_left(unit_back), _left(unit))
    matrix, origin = _by_own_points(picture, film, matrix, origin.expand_as(a), a)
    breadth = picture.breadth[..., None, None] * size[..., None]
    thick = (table[:, 2:4] * breadth).clamp_min(1e-3)
    return Parts(a, along, thick, table[:, [5, 4]].expand_as(thick), matrix, origin, there)


def _by_own_points(picture: Bodies, film: Bodies, matrix: Tensor, origin: Tensor, a: Tensor) -> tuple[Tensor, Tensor]:
    """Matrices and origins where hands follow all their points, by least squares that lean to the line's."""
    matrices, origins = list(matrix.unbind(-3)), list(origin.unbind(-2))
    for part, points in OWN.items():
        now, then = film.xy[..., points, :], picture.xy[..., points, :]
        both = film.seen[..., points] & picture.seen[..., points]
        weight = both.to(now)[..., None] / both.sum(-1).clamp_min(1)[..., None, None].to(now)
        centre, centre_then = (weight * now).sum(-2), (weight * then).sum(-2)
        away, away_then = now - centre[..., None, :], then - centre_then[..., None, :]
        spread = (weight * away).mT @ away
        lean = LEAN * spread.diagonal(dim1=-2, dim2=-1).sum(-1)[..., None, None].clamp_min(0.1)
        eye = torch.eye(2, device=now.device)
        right = (weight * away_then).mT @ away + lean * matrices[part]
        fitted = right @ _inverse(spread + lean * eye)
        use = both.sum(-1) >= FEW
        matrices[part] = torch.where(use[..., None, None], fitted, matrices[part])
        there = centre_then + (fitted @ (a[..., part, :] - centre)[..., None])[..., 0]
        origins[part] = torch.where(use[..., None], there, origins[part])
    return torch.stack(matrices, -3), torch.stack(origins, -2)


def _inverse(matrix: Tensor) -> Tensor:
    """Of symmetric matrices [..., 2, 2]."""
    (p, q), (r, s) = (row.unbind(-1) for row in matrix.unbind(-2))
    return torch.stack([torch.stack([s, -q], -1), torch.stack([-r, p], -1)], -2) / (p * s - q * r)[..., None, None]


def _across(picture: Bodies, film: Bodies, unit: Tensor, unit_back: Tensor, size: Tensor) -> Tensor:
    """[..., P] stretch across the lines: by size, but the trunk's by how far its shoulders turned."""
    across = (1 / size).expand(unit.shape[:-1]).clone()
    left, right = joint("left", "shoulder"), joint("right", "shoulder")
    now, then = (
        ((body.xy[..., left, :] - body.xy[..., right, :]) * _left(way[..., 0, :])).sum(-1)
        for body, way in ((film, unit), (picture, unit_back))
    )
    least = 0.35 * picture.breadth
    wide, wide_back = _at_least(now, least * size[..., 0]), _at_least(then, least)
    across[..., 0] = wide_back / wide
    return across


def _at_least(value: Tensor, least: Tensor) -> Tensor:
    """``value``, no nearer to zero than ``least``."""
    return torch.where(value < 0, -1.0, 1.0) * torch.maximum(value.abs(), least.clamp_min(1e-3))


def _left(way: Tensor) -> Tensor:
    """[..., 2] turned by a right angle."""
    return torch.stack([-way[..., 1], way[..., 0]], -1)


def _outer(a: Tensor, b: Tensor) -> Tensor:
    return a[..., :, None] * b[..., None, :]

"""A picture's person moved along their bones, part by part: what a small model is shown beside the poses.

It is no film: parts overlap as they happen to, and nothing is filled in. It tells a model where in the picture each
pixel of the body has been, which takes long to learn from dots alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor

from ..types import POSE_SCALE, Canvas
from .bodies import Bodies
from .moving_parts import IN_FRONT, LINES, Parts, parts
from .sequence import PoseSequence

INSIDE, OUTSIDE = 1.0, 1.6
"""Half widths up to which a pixel is a part's own, and from which it is nobody's."""
Nearest = tuple[Tensor, Tensor, Tensor]
"""Rank, depth and number of the part that was nearest so far, each [B, T, 4h, 4w]."""
Nearer = Callable[[Nearest, Sequence[Tensor], Tensor, Tensor], Nearest]
"""See :func:`nearer`."""


def moved_picture(picture: Tensor, own: PoseSequence, film: PoseSequence) -> Tensor:
    """:func:`moved` for one picture: [T, 4h, 4w, 14] float32.

    Args:
        picture: [H, W, 3] in 0..1. own: its pose, one frame. film: poses [T] on the same canvas.
    """
    picture_body, film_body = (
        Bodies.of(torch.from_numpy(poses.xy)[None], torch.from_numpy(poses.visible)[None]) for poses in (own, film)
    )
    planes = picture.float().cpu().movedim(-1, 0)[None]
    return moved(planes, picture_body, film_body, film.canvas)[0]


def nearer(found: Nearest, numbers: Sequence[Tensor], x: Tensor, y: Tensor) -> Nearest:
    """What is nearest when one more part is looked at.

    Args:
        numbers: of the part, each [B, T, 1, 1]: where it begins, the way to its end, half widths at both, how far flesh
            goes on at both in lengths of the way, by how much it is taken for nearer, whether it is there, its number.
        x, y: pixels' places, which broadcast to [B, T, 4h, 4w].
    """
    rank, depth, which = found
    begin_x, begin_y, way_x, way_y, thick, thin, before, behind, in_front, there, number = numbers
    away_x, away_y = x - begin_x, y - begin_y
    along = (away_x * way_x + away_y * way_y) / (way_x * way_x + way_y * way_y).clamp_min(1e-6)
    along = torch.minimum(torch.maximum(along, -before), 1 + behind)
    off_x, off_y = away_x - along * way_x, away_y - along * way_y
    own = (off_x * off_x + off_y * off_y).sqrt() / (thick + along.clamp(0, 1) * (thin - thick))
    ranked = torch.where(own < INSIDE, own - in_front, own)
    closer = (ranked < rank) & (there > 0)
    return torch.where(closer, ranked, rank), torch.where(closer, own, depth), torch.where(closer, number, which)


def moved(
    pictures: Tensor,
    picture: Bodies,
    film: Bodies,
    canvas: Canvas,
    nearer: Nearer = nearer,
) -> Tensor:
    """The pictures' people where the films' poses are.

    Args:
        pictures: [B, 3, ?, ?] in 0..1. picture: the people's bodies there [B, 1]. film: and in the films [B, T].
        canvas: to which all points belong.
        nearer: looks at one part, as the function of that name.

    Returns:
        [B, T, 4h, 4w, 14]: red, green and blue, -1 to 1, of each pixel under a pose image's, multiplied by the share,
        0 to 1, of the body; that share; and the share where the picture shows the same part, 0 where another one.
    """
    size = canvas.height // POSE_SCALE, canvas.width // POSE_SCALE
    body = parts(picture, film)
    depth, which = _nearest_parts(body, size, nearer)
    share = ((OUTSIDE - depth) / (OUTSIDE - INSIDE)).clamp(0, 1)
    places = _sources(body, which, size)
    grid = 2 * places.flatten(1, 2) / torch.tensor([canvas.width, canvas.height], device=depth.device) - 1
    sampled = F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    colours = rearrange(sampled, "n c (t h a) (w b) -> n t h w (a b c)", t=depth.shape[1], a=POSE_SCALE, b=POSE_SCALE)
    _, shown = _nearest_parts(parts(picture, picture), size, nearer)
    own = share * (_looked_up(shown, places, size) == which)
    return torch.cat([(2 * colours - 1) * share[..., None], share[..., None], own[..., None]], -1)


def _looked_up(shown: Tensor, places: Tensor, size: tuple[int, int]) -> Tensor:
    """Of [B, 1, 4h, 4w], what is at the first of the ``places`` under each pixel, [B, T, 4h, 4w]."""
    column, row = (places[:, :, ::POSE_SCALE, ::POSE_SCALE] / POSE_SCALE).long().unbind(-1)
    index = row.clamp(0, size[0] - 1) * size[1] + column.clamp(0, size[1] - 1)
    return shown.flatten(1).gather(1, index.flatten(1)).view(index.shape)


def _nearest_parts(body: Parts, size: tuple[int, int], nearer: Nearer) -> tuple[Tensor, Tensor]:
    """Depth under the nearest part, in its half widths, and its number, int64; each [B, T, 4h, 4w]."""
    y, x = _places(size, body.a.device)
    blank = torch.zeros(*body.a.shape[:2], *size, device=body.a.device)
    found = blank + torch.inf, blank + torch.inf, blank
    table = torch.stack(
        [
            *body.a.unbind(-1), *body.way.unbind(-1), *body.thick.unbind(-1), *body.reach.unbind(-1),
            IN_FRONT.to(blank).expand_as(body.there), body.there.to(blank),
            torch.arange(len(LINES)).to(blank).expand_as(body.there),
        ]
    )[..., None, None]  # fmt: skip
    for part in range(len(LINES)):
        found = nearer(found, table[:, :, :, part].unbind(0), x, y)
    return found[1], found[2].long()


def _sources(body: Parts, which: Tensor, size: tuple[int, int]) -> Tensor:
    """Where each pixel of the frames has been in the picture, [B, T, 8h, 8w, 2] pixels: all that lie under one pixel of
    the pose images go with its part."""
    y, x = _places(size, which.device)
    numbers = torch.cat([body.matrix.flatten(-2), body.origin, body.a], -1)
    index = which.flatten(2)[..., None].expand(-1, -1, -1, numbers.shape[-1])
    xx, xy, yx, yy, to_x, to_y, begin_x, begin_y = numbers.gather(2, index).unflatten(2, size).unbind(-1)
    rows = []
    for down in _inside():
        row = []
        for right in _inside():
            away_x, away_y = x + right - begin_x, y + down - begin_y
            row.append(torch.stack([to_x + xx * away_x + xy * away_y, to_y + yx * away_x + yy * away_y], -1))
        rows.append(torch.stack(row, 4).flatten(3, 4))
    return torch.stack(rows, 3).flatten(2, 3)


def _inside() -> list[float]:
    """From the middle of a pose image's pixel to the middles of the frame's pixels under it."""
    return [k + 0.5 - POSE_SCALE / 2 for k in range(POSE_SCALE)]


def _places(size: tuple[int, int], device: torch.device) -> tuple[Tensor, Tensor]:
    """Middles of the pose images' pixels in pixels of the frames: [4h, 1] down and [4w] to the right."""
    down, right = (POSE_SCALE * (torch.arange(count, device=device) + 0.5) for count in size)
    return down[:, None], right

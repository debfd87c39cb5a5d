"""Bodies as tensors, batch first: the joints of a skeleton with a few more between them, and how large somebody is."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from . import skeleton as coco
from .skeleton import HIPS, NECK, SIDES, joint

CROWN = coco.COUNT + 2
PALMS = {"left": coco.COUNT + 3, "right": coco.COUNT + 4}
"""More points behind the 133 and the middles: the top of the head, the middles of the knuckles."""
KNUCKLES = (5, 9, 13, 17)
HEAD = slice(0, 5)
LENGTHS = {("shoulder", "elbow"): 0.85, ("elbow", "wrist"): 0.72, ("hip", "knee"): 1.15, ("knee", "ankle"): 1.1}
USUAL = (
    (joint("left", "shoulder"), joint("right", "shoulder"), 1.0),
    (NECK, HIPS, 1.4),
    *((joint(side, a), joint(side, b), long) for side in SIDES for (a, b), long in LENGTHS.items()),
)
"""Pairs of joints, and their distance in shoulder breadths."""
LEANING = 0.65
"""Which of the distances counts: pictures only ever shorten, so more than the middle one."""


@dataclass(frozen=True)
class Bodies:
    """Joints [..., 138, 2] in pixels, and which are seen, [..., 138] bool."""

    xy: Tensor
    seen: Tensor

    @classmethod
    def of(cls, xy: Tensor, seen: Tensor) -> Bodies:
        """From the 133 keypoints."""
        both = [(_middle(xy, seen, [joint(s, name) for s in SIDES])) for name in ("shoulder", "hip")]
        head_seen = seen[..., HEAD]
        weight = head_seen.to(xy)[..., None]
        middle = (xy[..., HEAD, :] * weight).sum(-2) / weight.sum(-2).clamp_min(1)
        crown = both[0][0] + 1.25 * (middle - both[0][0]), head_seen.any(-1) & both[0][1]
        palms = [
            _middle(xy, seen, [part.start + k for k in KNUCKLES])
            for part in (coco.LEFT_HAND_SLICE, coco.RIGHT_HAND_SLICE)
        ]
        more = [*both, crown, *palms]
        return cls(
            torch.cat([xy, torch.stack([point for point, _ in more], -2)], -2),
            torch.cat([seen, torch.stack([there for _, there in more], -1)], -1),
        )

    @property
    def breadth(self) -> Tensor:
        """[...] shoulder breadths in pixels as the bones tell; 0 where none is seen."""
        lengths = torch.stack(
            [(self.xy[..., a, :] - self.xy[..., b, :]).norm(dim=-1) / long for a, b, long in USUAL], -1
        )
        there = torch.stack([self.seen[..., a] & self.seen[..., b] for a, b, _ in USUAL], -1)
        return _leaning(lengths, there)


def _middle(xy: Tensor, seen: Tensor, points: list[int]) -> tuple[Tensor, Tensor]:
    return xy[..., points, :].mean(-2), seen[..., points].all(-1)


def _leaning(values: Tensor, there: Tensor) -> Tensor:
    """The :data:`LEANING` quantile over the last axis of those that are there; 0 where none is."""
    ordered = torch.where(there, values, torch.inf).sort(-1).values
    at = ((there.sum(-1) - 1).clamp_min(0) * LEANING).round().long()
    found = ordered.gather(-1, at[..., None])[..., 0]
    return torch.where(there.any(-1), found, 0.0)


def size_beside(picture: Bodies, film: Bodies) -> Tensor:
    """[...] how large the person is in the film beside the picture's; 0 where nothing tells."""
    ratios, there = [], []
    for a, b, _ in USUAL:
        now, then = ((body.xy[..., a, :] - body.xy[..., b, :]).norm(dim=-1) for body in (film, picture))
        ratios.append(now / then.clamp_min(1))
        there.append(film.seen[..., a] & film.seen[..., b] & picture.seen[..., a] & picture.seen[..., b] & (then > 1))
    return _leaning(torch.stack(ratios, -1), torch.stack(torch.broadcast_tensors(*there), -1))

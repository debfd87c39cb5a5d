"""The picture cut into parts: which pixels are torso, head, arms, hands, legs and feet, each with what it hides."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from . import girth
from .fill import spread_colours
from .girth import Capsule
from .joints import HIPS, NECK, SIDES, Figure, joint

GUESSED = 0.55
"""Score under which an arm counts as hidden behind the body."""
LOOSE = 1.15
"""Half widths up to which a limb's clothes reach."""
TRUNK = 0.22
"""Shoulder breadths that the trunk reaches beyond the hull of its joints; the unit of distance from it."""
STEEP = 2.5
"""How much faster the trunk ends between the legs than at the sides."""
CORE = 0.6
"""Half widths up to which one leg goes on behind the other."""
EVEN = 0.035
"""Shoulder breadths over which borders of parts are smoothed."""
UNDER = 0.14
"""Shoulder breadths that the torso goes on under arms and head."""
THROAT_FADE = 0.5
"""Half widths of the neck over which the head fades into it."""
FEATHER = 1 / 450
"""Softness of cuts within the person, of the picture's longer side."""
FAINT = 0.004
"""Share of a pixel under which nothing is seen: one step of 255."""
FEWEST = 12
"""Pixels under which a part is too small to be cut out."""


@dataclass(frozen=True)
class Part:
    """One part of the person.

    Attributes:
        name: "torso", "head", "left arm", …
        picture: uint8 [h, w, 4] RGBA; colours go on beyond the edge.
        corner: [2] place of its upper left pixel in the picture.
        capsules: the bones it is made of.
    """

    name: str
    picture: np.ndarray
    corner: np.ndarray
    capsules: list[Capsule] = field(default_factory=list)

    def moved(self, shift: np.ndarray) -> Part:
        """The same, ``shift`` pixels further."""
        return replace(self, corner=self.corner + shift, capsules=[c.moved(shift) for c in self.capsules])


def parts(picture: np.ndarray, matte: np.ndarray, rest: Figure) -> list[Part]:
    """Every part that the picture shows enough of.

    Args:
        picture: uint8 [H, W, 3].
        matte: [H, W] float32 in 0..1, the person.
        rest: the picture's joints.
    """
    flesh = girth.flesh(matte, rest)
    body = np.nonzero(matte > FAINT)
    points = np.stack(body[::-1], -1).astype(np.float32)
    depth = {name: np.min([c.depth(points) for c in some], axis=0) for name, some in flesh.items()}
    trunk, hull = (whole[body] for whole in _trunk(matte.shape, rest))
    label = _evened(_labels(depth, trunk, hull, flesh, points, rest), matte, body, EVEN * rest.breadth)
    cuts = {name: _limb_cut(name, label, depth[name], flesh[name][0], points) for name in flesh}
    cuts["torso"] = _torso_cut(label, hull, trunk, depth, flesh, points)
    made = (_cut_out(name, picture, matte, body, *cuts[name], flesh.get(name, [])) for name in cuts)
    return [part for part in made if part is not None]


def _trunk(size: tuple[int, int], rest: Figure) -> tuple[np.ndarray, np.ndarray]:
    """[H, W] distance from the trunk in its own unit, and [H, W] bool, the hull of shoulders and hips."""
    import cv2

    hull = np.zeros(size, np.uint8)
    corners = rest.xy[[joint(s, n) for s in SIDES for n in ("shoulder", "hip")]]
    cv2.fillConvexPoly(hull, cv2.convexHull(np.round(np.clip(corners, -9e3, 9e3)).astype(np.int32)), 1)
    spine = [corners[[0, 2]].mean(0), corners[[1, 3]].mean(0)]
    wide = max(round(0.4 * rest.breadth), 1)
    neck, hips = (tuple(map(int, np.clip(p, -9e3, 9e3))) for p in spine)
    cv2.line(hull, neck, hips, 1, wide)
    away = cv2.distanceTransform(1 - hull, cv2.DIST_L2, 5) / (TRUNK * rest.breadth)
    return away * np.where(_below(size, rest), STEEP, 1), hull > 0


def _below(size: tuple[int, int], rest: Figure) -> np.ndarray:
    """[H, W] bool: beyond the hips, seen from the neck."""
    spine = rest.xy[HIPS] - rest.xy[NECK]
    y, x = np.ogrid[: size[0], : size[1]]
    return (x - rest.xy[HIPS, 0]) * spine[0] + (y - rest.xy[HIPS, 1]) * spine[1] > 0


def _labels(
    depth: dict[str, np.ndarray], trunk: np.ndarray, hull: np.ndarray, flesh: dict[str, list[Capsule]],
    points: np.ndarray, rest: Figure,
) -> np.ndarray:  # fmt: skip
    """[H, W] name of the part that each pixel belongs to."""
    names, costs = ["torso"], [trunk]
    for name, far in depth.items():
        cost = far / LOOSE
        if name.endswith(("arm", "hand")) and in_front(rest, name.split()[0]):
            shoulder = hull & (flesh[name][0].along(points) < flesh[name][0].thick[0])
            on_top = (far < 1) & ~(shoulder if name.endswith("arm") else np.zeros_like(hull))
            cost = np.where(on_top, far - 10, cost)
        names.append(name)
        costs.append(cost)
    return np.array(names)[np.argmin(costs, axis=0)]


def _evened(label: np.ndarray, matte: np.ndarray, body: tuple[np.ndarray, ...], reach: float) -> np.ndarray:
    """[P] labels by the majority around each pixel: without slivers, and with smooth borders."""
    import cv2

    names = np.unique(label)
    votes = []
    for name in names:
        vote = np.zeros(matte.shape, np.float32)
        vote[body] = (label == name) * matte[body]
        votes.append(cv2.GaussianBlur(vote, (0, 0), max(reach, 0.5))[body])
    return names[np.argmax(votes, axis=0)]


def in_front(rest: Figure, side: str) -> bool:
    """Whether the picture shows this arm before the body."""
    joints = [joint(side, name) for name in ("elbow", "wrist")]
    return bool(rest.seen[joints].any() and rest.score[joints].max() >= GUESSED)


def _limb_cut(
    name: str, label: np.ndarray, depth: np.ndarray, root: Capsule, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """[P] share of the part, 0..1, and [P] bool, where the picture shows it. Parts go on under what hides them."""
    own, twin = label == name, label == _other(name)
    hidden = (depth < np.where(twin, CORE, 1)) & ~own
    if name.endswith(("hand", "foot")):
        return (own | hidden).astype(np.float32), own
    before = root.along(points)
    joined = hidden & (label == "torso")
    if name.endswith("leg"):
        return (own | hidden).astype(np.float32), own | joined
    length = root.thick[0] * (THROAT_FADE if name == "head" else 1)
    fading = np.clip(before / max(length, 1) + 1, 0, 1)
    return ((own | hidden) * fading).astype(np.float32), own | (joined & (before < root.thick[0]))


def _other(name: str) -> str:
    """The same part of the other side."""
    side, _, kind = name.partition(" ")
    return f"{SIDES[side == SIDES[0]]} {kind}" if kind else ""


def _torso_cut(
    label: np.ndarray, hull: np.ndarray, trunk: np.ndarray, depth: dict[str, np.ndarray],
    flesh: dict[str, list[Capsule]], points: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """As :func:`_limb_cut`: the torso goes on under whatever is drawn upon it."""
    own = label == "torso"
    upper = np.isin(label, [n for n in depth if n.endswith(("arm", "hand"))] + ["head"])
    cap = np.zeros_like(own)
    for side in SIDES:
        arm = flesh[f"{side} arm"][0]
        cap |= np.linalg.norm(points - arm.a, axis=-1) < 0.85 * arm.thick[0]
    throat = flesh["head"][0]
    up = throat.along(points)
    cap |= (throat.depth(points) < 1.2) & (up < 0)
    under = upper & (
        hull | (trunk < UNDER / TRUNK) | cap | ((throat.depth(points) < 0.9) & (up < 0.4 * throat.thick[0]))
    )
    return (own | under).astype(np.float32), own | (cap & upper)


def _cut_out(
    name: str, picture: np.ndarray, matte: np.ndarray, body: tuple[np.ndarray, ...], share: np.ndarray,
    own: np.ndarray, capsules: list[Capsule],
) -> Part | None:  # fmt: skip
    """The part, or None where there is too little of it."""
    alpha, known = np.zeros(matte.shape, np.float32), np.zeros(matte.shape, np.float32)
    alpha[body], known[body] = share, own & (matte[body] > 0.95)
    alpha = matte * _softened(alpha, matte > FAINT)
    if known.sum() < FEWEST or (alpha > 0.5).sum() < FEWEST:
        return None
    rows, columns = np.flatnonzero((alpha > FAINT).any(1)), np.flatnonzero((alpha > FAINT).any(0))
    margin = 2
    top, left = max(rows[0] - margin, 0), max(columns[0] - margin, 0)
    box = slice(top, rows[-1] + margin + 1), slice(left, columns[-1] + margin + 1)
    colour = spread_colours(picture[box], known[box])
    rgba = np.concatenate([colour, 255 * alpha[box][..., None]], -1)
    return Part(name, np.clip(rgba + 0.5, 0, 255).astype(np.uint8), np.array([left, top], np.float32), capsules)


def _softened(share: np.ndarray, body: np.ndarray) -> np.ndarray:
    """[H, W] with soft cuts inside the body and none at its edge, which is soft already."""
    import cv2

    soft = max(FEATHER * max(share.shape), 0.6)
    whole = cv2.GaussianBlur(body.astype(np.float32), (0, 0), soft)
    return np.minimum(cv2.GaussianBlur(share, (0, 0), soft) / np.maximum(whole, 1e-3), 1)

"""Which part of the person each pixel belongs to, judged by the distance from the bones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import girth
from .girth import Capsule
from .joints import HIPS, NECK, SIDES, Figure, joint

FAINT = 0.004
"""Share of a pixel under which nothing is seen: one step of 255."""
GUESSED = 0.55
"""Score under which an arm counts as hidden behind the body."""
LOOSE = 1.15
"""Half widths up to which a limb's clothes reach."""
WIDEST = {"hand": 1.0, "foot": 1.0, "arm": 1.8}
"""Half widths from which it grows unlikely that something belongs to a part: to the torso rather."""
TRUNK = 0.22
"""Shoulder breadths that the trunk reaches beyond the hull of its joints; the unit of distance from it."""
STEEP = 2.5
"""How much faster the trunk ends between the legs than at the sides."""
EVEN = 0.035
"""Shoulder breadths over which borders of parts are smoothed."""
BETWEEN, FILLED = 1.1, 0.8
"""A skirt closes the gap between the legs: how many half widths away the gap begins, what share must be the person."""
WIDE, TOLD = 3, 3
"""Of five places across, how many must lie in the gap, and in how many rows: legs one behind the other tell nothing."""
STATIONS, SHORTEST = np.linspace(0.15, 1.95, 25), 0.42
"""Where that is looked at, in bones down from the hips, and how long a skirt is at least: trousers close high up."""


@dataclass(frozen=True)
class Body:
    """The person's P pixels, and how they lie to the bones.

    Attributes:
        place: rows [P] and columns [P].
        points: [P, 2] float32, the same as x and y.
        share: [P] float32 in 0..1, how much of each is the person.
        flesh: part -> its capsules, of all but the torso.
        depth: part -> [P] distance in half widths of the nearest of its bones.
        trunk: [P] distance from the trunk, in its own unit.
        hull: [P] bool: within shoulders and hips.
        skirt: how far down the legs one goes, in bones from the hips; 0 for none.
    """

    place: tuple[np.ndarray, ...]
    points: np.ndarray
    share: np.ndarray
    flesh: dict[str, list[Capsule]]
    depth: dict[str, np.ndarray]
    trunk: np.ndarray
    hull: np.ndarray
    skirt: float


def body(matte: np.ndarray, rest: Figure) -> Body:
    """The person's pixels of a mask [H, W] in 0..1."""
    flesh = girth.flesh(matte, rest)
    place = np.nonzero(matte > FAINT)
    points = np.stack(place[::-1], -1).astype(np.float32)
    depth = {name: np.min([c.depth(points) for c in some], axis=0) for name, some in flesh.items()}
    trunk, hull = (whole[place] for whole in _trunk(matte.shape, rest))
    return Body(place, points, matte[place], flesh, depth, trunk, hull, _skirt(matte, rest))


def labels(who: Body, size: tuple[int, int], rest: Figure) -> np.ndarray:
    """[P] name of the part that each pixel belongs to."""
    names, costs = ["torso"], [who.trunk]
    for name, far in who.depth.items():
        side, kind = (*name.split(), "")[:2]
        cost = np.where(far > WIDEST[kind], far**2, far / LOOSE) if kind in WIDEST else far / LOOSE
        if kind in ("arm", "hand") and in_front(rest, side, kind):
            shoulder = who.hull & (who.flesh[name][0].along(who.points) < who.flesh[name][0].thick[0])
            cost = np.where((far < 1) & ~(shoulder & (kind == "arm")), far - 10, cost)
        if kind == "leg":
            cost = np.where(_covered(who, name), np.maximum(cost, 1) + who.trunk, cost)
        names.append(name)
        costs.append(cost)
    label = _evened(np.array(names)[np.argmin(costs, axis=0)], who, size, EVEN * rest.breadth)
    return _attached(label, who, size)


def in_front(rest: Figure, side: str, kind: str) -> bool:
    """Whether the picture shows this arm, or this hand, before the body."""
    joints = [joint(side, name) for name in (("elbow", "wrist") if kind == "arm" else ("wrist",))]
    sure = bool(rest.seen[joints].any() and rest.score[joints].max() >= GUESSED)
    return sure and (kind == "arm" or girth.seen_hand(rest, side))


def _trunk(size: tuple[int, ...], rest: Figure) -> tuple[np.ndarray, np.ndarray]:
    """[H, W] distance from the trunk in its own unit, and [H, W] bool, the hull of shoulders and hips."""
    import cv2

    hull = np.zeros(size, np.uint8)
    corners = rest.xy[[joint(s, n) for s in SIDES for n in ("shoulder", "hip")]]
    cv2.fillConvexPoly(hull, cv2.convexHull(np.round(np.clip(corners, -9e3, 9e3)).astype(np.int32)), 1)
    neck, hips = (tuple(map(int, np.clip(p, -9e3, 9e3))) for p in rest.xy[[NECK, HIPS]])
    cv2.line(hull, neck, hips, 1, max(round(0.4 * rest.breadth), 1))
    away = cv2.distanceTransform(1 - hull, cv2.DIST_L2, 5) / (TRUNK * rest.breadth)
    return away * np.where(_below(size, rest), STEEP, 1), hull > 0


def _below(size: tuple[int, ...], rest: Figure) -> np.ndarray:
    """[H, W] bool: beyond the hips, seen from the neck."""
    spine = rest.xy[HIPS] - rest.xy[NECK]
    y, x = np.ogrid[: size[0], : size[1]]
    return (x - rest.xy[HIPS, 0]) * spine[0] + (y - rest.xy[HIPS, 1]) * spine[1] > 0


def _skirt(matte: np.ndarray, rest: Figure) -> float:
    """How far down the legs the person goes on where trousers would leave a gap: 0 not at all, 1 knees, 2 ankles."""
    legs = [girth.limb(None, rest, side, ("hip", "knee", "ankle")) for side in SIDES]
    across, hem, told = np.linspace(0.35, 0.65, 5)[:, None], 0.0, 0
    for part in STATIONS:
        left, right = (bones[int(part)] for bones in legs)
        ends = [c.a + part % 1 * (c.b - c.a) for c in (left, right)]
        spots = ends[0] + across * (ends[1] - ends[0])
        x, y = np.round(spots[(left.depth(spots) > BETWEEN) & (right.depth(spots) > BETWEEN)]).astype(int).T
        inside = (x >= 0) & (y >= 0) & (x < matte.shape[1]) & (y < matte.shape[0])
        if inside.sum() < WIDE:
            continue
        if (matte[y[inside], x[inside]] > 0.5).mean() < FILLED:
            break
        hem, told = float(part), told + 1
    return hem if hem >= SHORTEST and told >= TOLD else 0.0


def _covered(who: Body, name: str) -> np.ndarray:
    """[P] bool: pixels of a leg that its skirt covers."""
    thigh, shin = who.flesh[name]
    down = [c.along(who.points) / max(float(np.linalg.norm(c.b - c.a)), 1e-6) for c in (thigh, shin)]
    upper = thigh.away(who.points) < shin.away(who.points)
    return np.where(upper, np.minimum(down[0], 1), 1 + np.maximum(down[1], 0)) < who.skirt


def _evened(label: np.ndarray, who: Body, size: tuple[int, int], reach: float) -> np.ndarray:
    """[P] labels by the majority around each pixel: without slivers, and with smooth borders."""
    import cv2

    names = np.unique(label)
    votes = []
    for name in names:
        vote = np.zeros(size, np.float32)
        vote[who.place] = (label == name) * who.share
        votes.append(cv2.GaussianBlur(vote, (0, 0), max(reach, 0.5))[who.place])
    return names[np.argmax(votes, axis=0)]


def _attached(label: np.ndarray, who: Body, size: tuple[int, int]) -> np.ndarray:
    """[P] labels, where pieces of a limb that hang on none of its bones belong to the torso."""
    import cv2

    for name, far in who.depth.items():
        own = np.zeros(size, np.uint8)
        own[who.place] = label == name
        _, pieces = cv2.connectedComponents(own)
        piece = pieces[who.place]
        held = np.unique(piece[(far < 1) & (piece > 0)])
        label = np.where((piece > 0) & ~np.isin(piece, held), "torso", label)
    return label

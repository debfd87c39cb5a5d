"""Each part's net, and where its points go at a moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import maps
from .girth import seen_hand, throat
from .joints import FACE, HANDS, HIPS, NECK, NOSE, SIDES, TOES, Figure, joint, turn_of, turning
from .maps import smooth
from .mesh import Mesh, mesh
from .moves import Motion
from .parts import Part

CHAINS = {"arm": ("shoulder", "elbow", "wrist"), "leg": ("hip", "knee", "ankle")}
ENDS = {"hand": ("elbow", "wrist"), "foot": ("knee", "ankle")}
"""The bone that carries hand or foot where their own points are not known."""
STEP = {"torso": 0.16, "head": 0.1, "arm": 0.07, "leg": 0.1, "hand": 0.06, "foot": 0.07}
"""Squares of the nets, in shoulder breadths."""
LIMITS = {"head": (0.78, 1.25), "hand": (0.45, 1.5), "foot": (0.5, 1.4)}
"""How much these parts may be squeezed and stretched by turning."""
HEM = 0.5
"""Lengths of the thigh over which a long skirt bends at the knees."""
ROOT = 6.0
"""Weight of the joint that a hand or foot hangs on, beside its other points."""
PULL, FADING = {"head": 0.18, "hand": 0.22}, 0.3
"""How far a point of face or hand pulls what is about it, in spreads of all of them, and how soon that fades."""
BEND = 0.9
"""Half widths of a limb over which its bend is spread, on either side of the joint."""


@dataclass(frozen=True)
class Moment:
    """One moment's joints [135, 2] in pixels, and the size beside the picture's."""

    xy: np.ndarray
    size: float


@dataclass(frozen=True)
class Skin:
    """A part that can be moved.

    Attributes:
        name: "torso", "left arm", …
        net: its picture.
        lower: [V] in 0..1: of a limb, how far each point goes with the lower bone; of the head, with the head.
        guides: joints that the part follows on its own, empty where picture or film does not show them.
    """

    name: str
    net: Mesh
    lower: np.ndarray
    guides: tuple[int, ...]

    @property
    def kind(self) -> str:
        return self.name.split()[-1]

    @property
    def side(self) -> str:
        return self.name.split()[0]

    def at(self, rest: Figure, now: Moment) -> np.ndarray:
        """[V, 2] places of the net's points."""
        if self.kind == "torso":
            return _torso(self.net.points, rest, now)
        if self.kind == "head":
            return _head(self, rest, now)
        if self.kind in CHAINS:
            chain = [joint(self.side, name) for name in CHAINS[self.kind]]
            return maps.limb(self.net.points, self.lower, rest.xy[chain], now.xy[chain], now.size)
        return _end(self, rest, now)


def skin(part: Part, rest: Figure, moves: Motion) -> Skin:
    """The part with its net, and what it follows of these movements."""
    kind = part.name.split()[-1]
    net = mesh(part.picture, part.corner, max(STEP[kind] * rest.breadth, 2))
    lower = np.ones(len(net.points))
    if kind in CHAINS:
        upper, under = part.capsules
        away = upper.away(net.points) - under.away(net.points)
        lower = smooth(0.5 + away / (2 * BEND * under.thick[0]))
    if kind == "head":
        lower = smooth(throat(rest, net.points))
    net = net.ordered(lower)
    return Skin(part.name, net, lower, _guides(part.name, rest, moves))


def _guides(name: str, rest: Figure, moves: Motion) -> tuple[int, ...]:
    side, kind = name.split()[0], name.split()[-1]
    wanted: dict[str, list[int]] = {"head": [NOSE, *FACE]}
    if kind == "hand":
        wanted["hand"] = list(range(HANDS[side].start, HANDS[side].stop)) if seen_hand(rest, side) else []
    if kind == "foot":
        wanted["foot"] = TOES[side]
    both = [k for k in wanted.get(kind, []) if rest.seen[k] and moves.known[k]]
    return tuple(both) if len(both) >= {"head": 3, "hand": 12, "foot": 2}.get(kind, 0) else ()


def _torso(points: np.ndarray, rest: Figure, now: Moment) -> np.ndarray:
    """Below the hips, skirts and coats go with both legs."""
    moved = maps.torso(points, rest.xy, now.xy, rest.breadth, now.size)
    spine = rest.xy[HIPS] - rest.xy[NECK]
    down = (points - rest.xy[NECK]) @ spine / max(float(spine @ spine), 1e-6)
    below = 0.85 * smooth((down - 1.25) / 0.9)[:, None]
    if not (below > 0).any():
        return moved
    legs = []
    for side in SIDES:
        chain = [joint(side, name) for name in CHAINS["leg"]]
        thigh = rest.xy[chain[1]] - rest.xy[chain[0]]
        past = (points - rest.xy[chain[1]]) @ thigh / max(float(thigh @ thigh), 1e-6)
        legs.append(maps.limb(points, smooth(past / HEM + 0.5), rest.xy[chain], now.xy[chain], now.size))
    apart = rest.xy[joint(SIDES[0], "hip")] - rest.xy[joint(SIDES[1], "hip")]
    first = smooth((points - rest.xy[HIPS]) @ apart / max(float(apart @ apart), 1e-6) + 0.5)[:, None]
    return moved * (1 - below) + below * (legs[0] * first + legs[1] * (1 - first))


def _head(part: Skin, rest: Figure, now: Moment) -> np.ndarray:
    points = part.net.points
    body = maps.torso(points, rest.xy, now.xy, rest.breadth, now.size)
    own = _own(part, rest, now)
    if own is None:
        own = _carried(points, rest, now, NECK, NOSE)
    return body + part.lower[:, None] * (own - body)


def _end(part: Skin, rest: Figure, now: Moment) -> np.ndarray:
    before, root = (joint(part.side, name) for name in ENDS[part.kind])
    own = _own(part, rest, now, root)
    return _carried(part.net.points, rest, now, before, root) if own is None else own


def _own(part: Skin, rest: Figure, now: Moment, *roots: int) -> np.ndarray | None:
    """Points moved by the part's own guides; None without any."""
    if not part.guides:
        return None
    guides = [*roots, *part.guides]
    before, after = rest.xy[guides], now.xy[guides]
    weight = np.array([ROOT if k in roots else _weight(k) for k in guides])
    matrix, shift = maps.fitted(before, after, weight, now.size, LIMITS[part.kind], part.kind != "head")
    moved = part.net.points @ matrix.T + shift
    if part.kind == "foot":
        return moved
    missed = after - (before @ matrix.T + shift)
    reach = float(np.sqrt(((before - before.mean(0)) ** 2).sum(-1).mean())) * PULL[part.kind]
    return moved + maps.rest_of(part.net.points, before, missed, max(reach, 1), 3 * reach * now.size, FADING)


def _weight(guide: int) -> float:
    """Ears, eyes and nose count more than single points of a face."""
    return 4.0 if guide in (3, 4) else 2.0 if guide < 5 else 0.25 if guide in FACE else 1.0


def _carried(points: np.ndarray, rest: Figure, now: Moment, before: int, root: int) -> np.ndarray:
    """Points turned about ``root`` with the bone that ends there."""
    turn = turn_of(rest.xy[root] - rest.xy[before], now.xy[root] - now.xy[before])
    return now.xy[root] + now.size * (points - rest.xy[root]) @ turning(turn).T

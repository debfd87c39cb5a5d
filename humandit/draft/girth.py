"""How thick the limbs are: usual proportions, corrected by where the person in the picture ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..pose import skeleton as coco
from .joints import FACE, HANDS, NECK, NOSE, SIDES, Figure, joint

USUAL = {
    ("shoulder", "elbow"): (0.17, 0.13), ("elbow", "wrist"): (0.13, 0.09),
    ("hip", "knee"): (0.25, 0.18), ("knee", "ankle"): (0.17, 0.11),
}  # fmt: skip
"""Half widths at a bone's two ends in shoulder breadths, tight clothes included."""
THROAT, SKULL, FINGER, PALM, FOOT = 0.17, 0.36, 0.06, 0.14, 0.13
"""Half widths of neck, head, one finger, a hand whose fingers are not seen, and foot, in shoulder breadths."""
FINGERTIPS = 0.7
"""How far a hand whose fingers are not seen reaches beyond the wrist, in lengths of the forearm."""
THROAT_ROOT = 0.17
"""Where the neck begins, from the line of the shoulders to the middle of the head."""
CHIN, USUAL_CHIN = coco.FACE_SLICE.start + 8, 0.42
"""The chin's point, and where the neck ends without it, from its root to the middle of the head."""
THINNEST, WIDEST = 0.75, 1.8
"""Limits of the correction: beyond them the mask shows something else than this limb."""
STATIONS = np.linspace(0.25, 0.85, 6)
"""Where a bone is measured, from one end to the other."""


@dataclass(frozen=True)
class Capsule:
    """A bone with flesh: a line that is thicker at one end.

    Attributes:
        a, b: [2] ends in pixels.
        thick: half widths at the ends in pixels.
    """

    a: np.ndarray
    b: np.ndarray
    thick: tuple[float, float]

    def along(self, points: np.ndarray) -> np.ndarray:
        """[...] where points [..., 2] lie along the line, in pixels from ``a``."""
        way = self.b - self.a
        return (points - self.a) @ way / max(float(np.linalg.norm(way)), 1e-6)

    def away(self, points: np.ndarray) -> np.ndarray:
        """[...] distance of points [..., 2] from the line in pixels."""
        return np.linalg.norm(points - self.a - self._part(points)[..., None] * (self.b - self.a), axis=-1)

    def depth(self, points: np.ndarray) -> np.ndarray:
        """[...] the same in half widths: under 1 is inside."""
        return self.away(points) / (self.thick[0] + self._part(points) * (self.thick[1] - self.thick[0]))

    def moved(self, shift: np.ndarray) -> Capsule:
        """The same, ``shift`` pixels further."""
        return Capsule(self.a + shift, self.b + shift, self.thick)

    def _part(self, points: np.ndarray) -> np.ndarray:
        """[...] in 0..1: which place of the line is nearest."""
        return np.clip(self.along(points) / max(float(np.linalg.norm(self.b - self.a)), 1e-6), 0, 1)


def flesh(matte: np.ndarray | None, rest: Figure) -> dict[str, list[Capsule]]:
    """Capsules of every part but the torso, by name; limbs are measured on the person's mask ``matte`` [H, W], if
    there is one."""
    out = {"head": [head(rest)[0]]}
    for side in SIDES:
        out[f"{side} arm"] = limb(matte, rest, side, ("shoulder", "elbow", "wrist"))
        out[f"{side} hand"] = hand(rest, side)
        out[f"{side} leg"] = limb(matte, rest, side, ("hip", "knee", "ankle"))
        out[f"{side} foot"] = foot(rest, side)
    return out


def limb(matte: np.ndarray | None, rest: Figure, side: str, names: tuple[str, ...]) -> list[Capsule]:
    """Capsules of the bones between the joints ``names`` of one side."""
    out = []
    for a, b in zip(names[:-1], names[1:], strict=True):
        ends = rest.xy[joint(side, a)], rest.xy[joint(side, b)]
        wide = rest.breadth * np.array(USUAL[a, b])
        ratio = 1.0 if matte is None else _measured(matte, Capsule(*ends, (wide[0], wide[1])))
        out.append(Capsule(*ends, (ratio * wide[0], ratio * wide[1])))
    return out


def hand(rest: Figure, side: str) -> list[Capsule]:
    """Capsules of a hand: its fingers where the picture shows them, else a stub beyond the wrist."""
    part = HANDS[side]
    if seen_hand(rest, side):
        xy, thick = rest.xy[part], FINGER * rest.breadth
        return [Capsule(xy[p], xy[c], (1.3 * thick if p == 0 else thick, thick))
                for c, p in enumerate(coco.HAND_PARENTS) if p >= 0]  # fmt: skip
    wrist, elbow = rest.xy[joint(side, "wrist")], rest.xy[joint(side, "elbow")]
    thick = PALM * rest.breadth
    return [Capsule(wrist, wrist + FINGERTIPS * (wrist - elbow), (thick, thick))]


def seen_hand(rest: Figure, side: str) -> bool:
    """Whether the picture shows enough of a hand's points to move them."""
    return bool(rest.seen[HANDS[side]].sum() >= 12)


def foot(rest: Figure, side: str) -> list[Capsule]:
    """Capsules of a foot: from the ankle and from the heel to the toes."""
    thick = FOOT * rest.breadth
    toes = rest.xy[[joint(side, "big_toe"), joint(side, "small_toe")]]
    starts = [rest.xy[joint(side, "ankle")]]
    if rest.seen[joint(side, "heel")]:
        starts.append(rest.xy[joint(side, "heel")])
    return [Capsule(start, toe, (thick, thick)) for start in starts for toe in toes]


def head(rest: Figure) -> tuple[Capsule, float]:
    """The head with its neck as a capsule, and its half width in pixels."""
    neck, middle = rest.xy[NECK], head_middle(rest)
    face = [k for k in FACE if rest.seen[k]]
    apart = float(np.ptp(rest.xy[face], axis=0).max()) if len(face) > 20 else 0.0
    size = float(np.clip(0.75 * apart, SKULL * rest.breadth, 1.6 * SKULL * rest.breadth))
    up = middle - neck
    return Capsule(neck + THROAT_ROOT * up, middle + 0.25 * up, (THROAT * rest.breadth, size)), size


def throat(rest: Figure, points: np.ndarray) -> np.ndarray:
    """[...] how far up the neck points [..., 2] lie: 0 and less on the shoulders, 1 and more in the head."""
    neck = rest.xy[NECK]
    up = head_middle(rest) - neck
    part = (points - neck) @ up / max(float(up @ up), 1e-6)
    return (part - THROAT_ROOT) / (_chin(rest, neck, up) - THROAT_ROOT)


def _chin(rest: Figure, neck: np.ndarray, up: np.ndarray) -> float:
    """Where the neck ends on the way ``up`` from its root to the middle of the head, 0..1."""
    if not rest.seen[CHIN]:
        return USUAL_CHIN
    part = float((rest.xy[CHIN] - neck) @ up / max(float(up @ up), 1e-6))
    return float(np.clip(0.85 * part, 0.3, 0.6))


def head_middle(rest: Figure) -> np.ndarray:
    """[2] pixels, the middle of what is seen of nose, eyes and ears."""
    seen = [k for k in range(5) if rest.seen[k]] or [NOSE]
    return rest.xy[seen].mean(0)


def _measured(matte: np.ndarray, usual: Capsule) -> float:
    """Thickness beside the usual one: how far it is from the bone to the nearer edge of the mask."""
    way = usual.b - usual.a
    length = float(np.linalg.norm(way))
    if length < 4:
        return 1.0
    normal = np.array([-way[1], way[0]]) / length
    ratios = []
    for part in STATIONS:
        thick = usual.thick[0] + part * (usual.thick[1] - usual.thick[0])
        steps = np.arange(0, WIDEST * thick + 1, 0.5)
        exits = [_exit(matte, usual.a + part * way, sign * normal, steps) for sign in (1, -1)]
        if min(exits) > 0:
            ratios.append(min(exits) / thick)
    return float(np.clip(np.median(ratios), THINNEST, WIDEST)) if ratios else 1.0


def _exit(matte: np.ndarray, start: np.ndarray, direction: np.ndarray, steps: np.ndarray) -> float:
    """Pixels from ``start`` until the mask ends; the last step where it does not."""
    x, y = np.round(start + steps[:, None] * direction).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < matte.shape[1]) & (y < matte.shape[0])
    covered = inside & (matte[np.clip(y, 0, matte.shape[0] - 1), np.clip(x, 0, matte.shape[1] - 1)] > 0.5)
    return float(steps[np.argmin(covered)]) if not covered.all() else float(steps[-1])

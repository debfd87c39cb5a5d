"""The picture cut into parts: torso, head, arms, hands, legs and feet, each going on under what hides it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from .fill import spread_colours
from .girth import Capsule
from .joints import SIDES, Figure
from .labels import FAINT, TRUNK, Body, body, labels

CORE = 0.6
"""Half widths up to which one leg goes on behind the other."""
UNDER = 0.14
"""Shoulder breadths that the torso goes on under arms and head."""
STUB = 0.45
"""Half widths of the neck that the torso keeps of it."""
THROAT_FADE = 0.5
"""Half widths of the neck over which the head fades into it."""
SHOULDER = 0.85
"""Half widths of the upper arm that the torso keeps about the shoulder."""
FEATHER = 1 / 450
"""Softness of cuts within the person, of the picture's longer side."""
SURE = 0.95
"""Share of a pixel from which its colour is the person's own."""
FEWEST = 12
"""Pixels under which a part is too small to be cut out."""
MARGIN = 6
"""Empty pixels around a part."""

Cut = tuple[np.ndarray, np.ndarray]
"""Of the person's P pixels: share of the part [P] float32 in 0..1, and where the picture shows it [P] bool."""


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
    who = body(matte, rest)
    label = labels(who, matte.shape, rest)
    cuts = {name: _limb_cut(name, label, who) for name in who.flesh} | {"torso": _torso_cut(label, who)}
    made = (_cut_out(name, picture, matte, who, cut) for name, cut in cuts.items())
    return [part for part in made if part is not None]


def _limb_cut(name: str, label: np.ndarray, who: Body) -> Cut:
    """Head or limb with what is hidden of it; arms and head fade into the torso, on which they are drawn."""
    own, twin, root = label == name, label == _other(name), who.flesh[name][0]
    hidden = (who.depth[name] < np.where(twin, CORE, 1)) & ~own
    if name.endswith(("hand", "foot")):
        return (own | hidden).astype(np.float32), own
    before = root.along(who.points)
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


def _torso_cut(label: np.ndarray, who: Body) -> Cut:
    """The torso with what arms and head hide of it, and with a stub of each."""
    own = label == "torso"
    upper = (label == "head") | np.char.endswith(label, "arm") | np.char.endswith(label, "hand")
    throat = who.flesh["head"][0]
    stub = (who.depth["head"] < 1.2) & (throat.along(who.points) < STUB * throat.thick[0])
    for side in SIDES:
        arm = who.flesh[f"{side} arm"][0]
        stub |= np.linalg.norm(who.points - arm.a, axis=-1) < SHOULDER * arm.thick[0]
    under = upper & (who.hull | (who.trunk < UNDER / TRUNK) | stub)
    return (own | under).astype(np.float32), own | (stub & upper)


def _cut_out(name: str, picture: np.ndarray, matte: np.ndarray, who: Body, cut: Cut) -> Part | None:
    """The part as a picture of its own, or None where there is too little of it."""
    alpha, known = np.zeros(matte.shape, np.float32), np.zeros(matte.shape, np.float32)
    alpha[who.place], known[who.place] = cut[0], cut[1] & (who.share > SURE)
    alpha = matte * _softened(alpha, matte > FAINT)
    if known.sum() < FEWEST or (alpha > 0.5).sum() < FEWEST:
        return None
    rows, columns = np.flatnonzero((alpha > FAINT).any(1)), np.flatnonzero((alpha > FAINT).any(0))
    top, left = max(rows[0] - MARGIN, 0), max(columns[0] - MARGIN, 0)
    box = slice(top, rows[-1] + MARGIN + 1), slice(left, columns[-1] + MARGIN + 1)
    rgba = np.concatenate([spread_colours(picture[box], known[box]), 255 * alpha[box][..., None]], -1)
    corner = np.array([left, top], np.float32)
    return Part(name, np.clip(rgba + 0.5, 0, 255).astype(np.uint8), corner, who.flesh.get(name, []))


def _softened(share: np.ndarray, body: np.ndarray) -> np.ndarray:
    """[H, W] with soft cuts inside the body and none at its edge, which is soft already."""
    import cv2

    soft = max(FEATHER * max(share.shape), 0.6)
    whole = cv2.GaussianBlur(body.astype(np.float32), (0, 0), soft)
    return np.minimum(cv2.GaussianBlur(share, (0, 0), soft) / np.maximum(whole, 1e-3), 1)

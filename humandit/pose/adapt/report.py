"""What the adapter did, in one line for the artist."""

from __future__ import annotations

import numpy as np

from .. import skeleton as coco
from .alignment import Alignment
from .inside import Fit
from .parts import Build

NAMES = {
    "nose": "neck", "shoulder": "shoulders", "hip": "trunk", "elbow": "upper arms", "wrist": "forearms",
    "knee": "thighs", "ankle": "shins", "toe": "feet", "heel": "heels",
}  # fmt: skip
"""Last word of a bone's far end -> how an artist calls the bone."""
SMALL, SHOWN = 0.03, 3
"""Changes under three percent are not worth a word; of the others the three largest are told."""


def report(alignment: Alignment) -> str:
    """One line: the body's size, what changed most beside it, what ``ground`` and ``keep_inside`` did."""
    parts = [f"Body {alignment.build.body:.2f} times the film's", _changes(alignment.build)]
    if alignment.choice.ground:
        parts.append(_ground(alignment.shift))
    if alignment.fit is not None:
        parts.append(_inside(alignment.fit))
    return "; ".join(parts)


def changes(build: Build) -> dict[str, float]:
    """Name of a part -> its ratio over the body's, of both sides the one that differs more."""
    found: dict[str, float] = {}
    named = [(NAMES[coco.KEYPOINTS[child].split("_")[-1]], ratio) for (child, _), ratio in build.bones.items()]
    for name, ratio in [*named, ("head", build.head), *(("hands", hand) for hand in build.hands)]:
        beside = ratio / build.body
        found[name] = max(found.get(name, 1.0), beside, key=lambda value: abs(np.log(value)))
    return found


def _changes(build: Build) -> str:
    largest = sorted(changes(build).items(), key=lambda item: -abs(np.log(item[1])))[:SHOWN]
    told = [f"{name} {100 * (ratio - 1):+.0f} %" for name, ratio in largest if abs(ratio - 1) >= SMALL]
    return ("beside it " + ", ".join(told)) if told else "proportions as in the film"


def _ground(shift: np.ndarray | None) -> str:
    if shift is None:
        return "no feet in the film to hold"
    return f"feet held by moving the body up to {np.abs(shift - shift[0]).max():.0f} px"


def _inside(fit: Fit) -> str:
    right, down = fit.moved
    if fit.scale == 1 and abs(right) < 0.5 and abs(down) < 0.5:
        return "inside the canvas as it was"
    words = [f"{fit.scale:.2f} times as large"] if fit.scale < 1 else []
    words += [f"{abs(right):.0f} px to the {'right' if right > 0 else 'left'}"] if abs(right) >= 0.5 else []
    words += [f"{abs(down):.0f} px {'down' if down > 0 else 'up'}"] if abs(down) >= 0.5 else []
    return "kept inside: " + ", ".join(words)

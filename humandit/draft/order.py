"""Who is drawn over whom: guessed from the skeleton, steadily over time."""

from __future__ import annotations

import numpy as np

from .girth import head
from .joints import FACE, HANDS, HIPS, NECK, NOSE, SIDES, Figure, joint
from .labels import GUESSED
from .moves import Motion

STEADY = 2
"""Frames on either side that vote on an order."""
AWAY = 0.25
"""Shoulder breadths by which the shoulders must have changed sides to show somebody's back."""
LOWER = 0.2
"""Shoulder breadths by which a foot must be lower to be the nearer one."""


def orders(moves: Motion, rest: Figure) -> list[tuple[str, ...]]:
    """For every moment the parts' names, farthest first."""
    hidden = {side: _steady(_hidden(moves, rest, side)) for side in SIDES}
    raised = {side: _steady(_before_head(moves, rest, side)) for side in SIDES}
    nearer = _nearer_leg(moves, rest)
    return [
        _order({s: bool(hidden[s][t]) for s in SIDES}, {s: bool(raised[s][t]) for s in SIDES}, nearer[t])
        for t in range(len(moves))
    ]


def _order(hidden: dict[str, bool], raised: dict[str, bool], nearer: str) -> tuple[str, ...]:
    arms = {side: (f"{side} arm", f"{side} hand") for side in SIDES}
    legs = sorted(SIDES, key=lambda side: side == nearer)
    out = [name for side in SIDES if hidden[side] for name in arms[side]]
    out += [name for side in legs for name in (f"{side} foot", f"{side} leg")]
    out.append("torso")
    out += [name for side in SIDES if not hidden[side] and not raised[side] for name in arms[side]]
    out.append("head")
    out += [name for side in SIDES if not hidden[side] and raised[side] for name in arms[side]]
    return tuple(out)


def _hidden(moves: Motion, rest: Figure, side: str) -> np.ndarray:
    """[T] bool: the hand lies within the trunk and is not seen well, or the person shows their back."""
    wrist, elbow = joint(side, "wrist"), joint(side, "elbow")
    unsure = moves.score[:, [wrist, elbow]].max(1) < GUESSED
    unsure &= moves.known[[wrist, elbow]].any()
    apart = moves.xy[:, joint("left", "shoulder"), 0] - moves.xy[:, joint("right", "shoulder"), 0]
    turned = apart < -AWAY * rest.breadth * moves.size
    return (unsure | turned) & _within_trunk(moves, rest, wrist)


def _within_trunk(moves: Motion, rest: Figure, point: int) -> np.ndarray:
    """[T] bool: how far from the spine, and between neck and hips."""
    neck, spine = moves.xy[:, NECK], moves.xy[:, HIPS] - moves.xy[:, NECK]
    way = moves.xy[:, point] - neck
    length = np.maximum(np.linalg.norm(spine, axis=-1), 1e-6)
    down = (way * spine).sum(-1) / length**2
    aside = np.abs(way[:, 0] * spine[:, 1] - way[:, 1] * spine[:, 0]) / length
    return (down > 0) & (down < 1.15) & (aside < 0.5 * rest.breadth * moves.size)


def _before_head(moves: Motion, rest: Figure, side: str) -> np.ndarray:
    """[T] bool: hand or forearm lie before the face and are seen."""
    _, radius = head(rest)
    face = [k for k in (NOSE, *FACE[:4]) if moves.known[k]] or [NOSE]
    middle = moves.xy[:, face].mean(1)
    elbow, wrist = (moves.xy[:, joint(side, name)] for name in ("elbow", "wrist"))
    tips = HANDS[side].start + np.array([0, 8, 12])
    ends = [elbow * (1 - p) + wrist * p for p in (0.5, 0.75, 1.0)]
    ends += [moves.xy[:, k] for k in tips if moves.known[k]]
    near = np.min([np.linalg.norm(end - middle, axis=-1) for end in ends], axis=0)
    seen = moves.score[:, joint(side, "wrist")] >= GUESSED
    return (near < 1.2 * radius * moves.size) & seen


def _nearer_leg(moves: Motion, rest: Figure) -> list[str]:
    """[T] the side whose foot stands lower; a small difference changes nothing."""
    lead = moves.xy[:, joint("left", "ankle"), 1] - moves.xy[:, joint("right", "ankle"), 1]
    out, now = [], "right"
    for ahead, size in zip(lead, moves.size, strict=True):
        if abs(ahead) > LOWER * rest.breadth * size:
            now = "left" if ahead > 0 else "right"
        out.append(now)
    return out


def _steady(votes: np.ndarray) -> np.ndarray:
    """[T] bool: what most frames about each moment say."""
    shares = [votes[max(t - STEADY, 0) : t + STEADY + 1].mean() for t in range(len(votes))]
    return np.array(shares) > 0.5

"""How points of each part move: limbs bend, the torso leans, head, hands and feet follow their own points."""

from __future__ import annotations

import numpy as np

from .joints import HIPS, NECK, SIDES, joint, turn_of, turning

SHORTEST, LONGEST = 0.3, 3.0
"""Limits of how a bone's length changes: pictures shorten limbs that point at us."""
NARROWEST = 0.45
"""Least share of its usual width that a torso seen from the side keeps."""
USUAL_HALF = {"shoulder": 0.5, "hip": 0.28}
"""Half distances of these joints, in shoulder breadths."""
STIFF = 0.15
"""How much a fitted part would rather keep its shape, beside the spread of its points."""


def smooth(x: np.ndarray) -> np.ndarray:
    """0 to 1 with level ends, for x from 0 to 1."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def limb(points: np.ndarray, lower: np.ndarray, before: np.ndarray, after: np.ndarray, size: float) -> np.ndarray:
    """Points [V, 2] of an arm or a leg moved from its three joints ``before`` [3, 2] to ``after`` [3, 2].

    Args:
        lower: [V] in 0..1, how far each point goes with the lower bone. Between, angles are blended and not places,
            so that a bent elbow keeps its thickness.
        size: thickness beside the picture's.
    """
    turn1, shape1 = _bone(before[1] - before[0], after[1] - after[0], size)
    middle = after[0] + turning(turn1) @ shape1 @ (before[1] - before[0])
    turn2, shape2 = _bone(before[2] - before[1], after[2] - middle, size)
    bend = (turn2 - turn1 + np.pi) % (2 * np.pi) - np.pi
    share = lower[:, None, None]
    shape = shape1 * (1 - share) + shape2 * share
    moved = np.einsum("vij,vjk,vk->vi", turning(turn1 + lower * bend), shape, points - before[1])
    return middle + moved


def _bone(before: np.ndarray, after: np.ndarray, size: float) -> tuple[float, np.ndarray]:
    """Angle, and stretch [2, 2] along ``before``, that bring one vector to the other."""
    length = max(float(np.linalg.norm(before)), 1e-3)
    ratio = float(np.clip(np.linalg.norm(after) / length, SHORTEST * size, LONGEST * size))
    along = np.outer(before, before) / length**2
    return float(turn_of(before, after)), ratio * along + size * (np.eye(2) - along)


def torso(points: np.ndarray, before: np.ndarray, after: np.ndarray, breadth: float, size: float) -> np.ndarray:
    """Points [V, 2] near the trunk moved from the joints ``before`` [135, 2] to ``after``: two affine maps, of the
    shoulders and of the hips, blended down the spine."""
    spine = before[HIPS] - before[NECK]
    down = smooth((points - before[NECK]) @ spine / max(float(spine @ spine), 1e-6))[:, None]
    upper, lower = (
        _across(points, before, after, name, root, breadth, size) for name, root in (("shoulder", NECK), ("hip", HIPS))
    )
    return upper * (1 - down) + lower * down


def _across(  # noqa: PLR0913 - one line of the torso
    points: np.ndarray, before: np.ndarray, after: np.ndarray, name: str, root: int, breadth: float, size: float
) -> np.ndarray:
    frames = [
        _frame(xy, name, USUAL_HALF[name] * width, length)
        for xy, width, length in ((before, breadth, breadth), (after, breadth * size, breadth * size))
    ]
    return after[root] + (points - before[root]) @ np.linalg.inv(frames[0]).T @ frames[1].T


def _frame(xy: np.ndarray, name: str, usual: float, breadth: float) -> np.ndarray:
    """[2, 2] columns: down the spine, and half across, neither shorter than a body can look."""
    spine = xy[HIPS] - xy[NECK]
    length = max(float(np.linalg.norm(spine)), 1e-6)
    down = spine / length
    spine = down * max(length, 0.4 * breadth)
    side = np.array([down[1], -down[0]])
    half = (xy[joint(SIDES[0], name)] - xy[joint(SIDES[1], name)]) / 2
    wide, tilt = float(half @ side), float(half @ down)
    wide = (1.0 if wide >= 0 else -1.0) * max(abs(wide), NARROWEST * usual)
    return np.stack([spine, wide * side + np.clip(tilt, -usual, usual) * down], -1)


def fitted(
    before: np.ndarray, after: np.ndarray, weight: np.ndarray, size: float, limits: tuple[float, float], mirror: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Matrix [2, 2] and shift [2] that bring points ``before`` [N, 2] nearest to ``after``, as a body part may change.

    Args:
        weight: [N] of each point.
        size: of the part beside the picture's.
        limits: least and most stretch, beside ``size``.
        mirror: whether it may be seen from behind.
    """
    share = weight / weight.sum()
    old, new = share @ before, share @ after
    x, y = before - old, after - new
    wide = float(share @ (x * x).sum(-1))
    like = _alike(x, y, share, size)
    own = np.einsum("n,ni,nj->ij", share, y, x)
    spread = np.einsum("n,ni,nj->ij", share, x, x)
    firm = STIFF * wide * np.eye(2)
    matrix = (own + like @ firm) @ np.linalg.inv(spread + firm + 1e-6 * np.eye(2))
    left, stretch, right = np.linalg.svd(matrix)
    if np.linalg.det(matrix) < 0 and not mirror:
        return like, new - like @ old
    matrix = left @ np.diag(np.clip(stretch, limits[0] * size, limits[1] * size)) @ right
    return matrix, new - matrix @ old


def _alike(x: np.ndarray, y: np.ndarray, share: np.ndarray, size: float) -> np.ndarray:
    """[2, 2] turn of the given size that brings x nearest to y."""
    cos = float(share @ (x * y).sum(-1))
    sin = float(share @ (x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0]))
    length = max(float(np.hypot(cos, sin)), 1e-9)
    return size / length * np.array([[cos, -sin], [sin, cos]])


def rest_of(
    points: np.ndarray, before: np.ndarray, missed: np.ndarray, reach: float, most: float, loose: float
) -> np.ndarray:
    """[V, 2] what a fit ``missed`` [N, 2] at its points, spread to ``points`` about them: smiles and fingers.

    Args:
        reach: pixels over which a point pulls. most: pixels it pulls at most.
        loose: higher fades sooner between points.
    """
    far = np.linalg.norm(missed, axis=-1, keepdims=True)
    missed = missed * np.minimum(1, most / np.maximum(far, 1e-6))
    distance = ((points[:, None] - before) ** 2).sum(-1)
    pull = np.exp(-distance / (2 * reach**2))
    return pull @ missed / (pull.sum(1, keepdims=True) + loose)

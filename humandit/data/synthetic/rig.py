"""Posing: from the rotations of a few body segments to bones, skin and points, by plain numpy.

A segment's rotation is global and is the identity when the person stands upright facing +z, arms and legs hanging
straight down. The baked body rests in another pose (arms out, elbows and knees bent), so each limb segment first gets
a rotation that hangs it down: :func:`hang`. Without it the arms of retargeted motion sink into the belly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .body import Body

SIDES = (("L", "left"), ("R", "right"))
FINGERS = ("thumb", "index", "middle", "ring", "little")
SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
NECK = ("neck01", "neck02", "neck03", "head")
DOWN = np.array([0.0, -1.0, 0.0])
STRAIGHT = 0.05
"""Bend of an elbow at rest, as a sine, below which it does not tell which way it bends."""


@dataclass(frozen=True)
class Pose:
    """One person's pose over T frames, in the person's frame (x to the person's left, y up, z to the front).

    Attributes:
        root: [T, 3] metres relative to standing. segments: name -> [T, 3, 3] global rotations of pelvis, chest, head
            and, with the suffix .L or .R, upperarm, forearm, hand, thigh, shin, foot.
        curl: [T, 2, 5] radians per finger joint, 0 straight; left hand first, thumb first.
        jaw: [T] radians the mouth opens.
    """

    root: np.ndarray
    segments: dict[str, np.ndarray]
    curl: np.ndarray
    jaw: np.ndarray


@dataclass(frozen=True)
class Rig:
    """One body shape ready to be posed: names, rest joints and the rotations that hang its limbs down."""

    bones: tuple[str, ...]
    parents: tuple[int, ...]
    heads: np.ndarray
    hanging: dict[str, np.ndarray]
    palms: dict[str, np.ndarray]

    @classmethod
    def of(cls, body: Body, shape: int) -> Rig:
        heads = body.heads[shape].astype(float)
        names = tuple(str(n) for n in body.bones)
        at = {n: i for i, n in enumerate(names)}
        hanging: dict[str, np.ndarray] = {}
        palms: dict[str, np.ndarray] = {}
        for side, _ in SIDES:
            joint = [heads[at[f"{n}.{side}"]] for n in ("upperarm01", "lowerarm01", "wrist", "finger3-1")]
            hanging |= hang_arm(side, *joint)
            leg = [heads[at[f"{n}.{side}"]] for n in ("upperleg01", "lowerleg01", "foot")]
            hanging |= hang_leg(side, *leg)
            palms[side] = _palm_axis(side, heads, at)
        return cls(names, tuple(int(p) for p in body.parents), heads, hanging, palms)

    def bone_transforms(self, pose: Pose) -> np.ndarray:
        """[T, B, 3, 4]: x_posed = A[:, :, :3] @ x_rest + A[:, :, 3]."""
        frames = len(pose.root)
        turns = np.empty((frames, len(self.bones), 3, 3))
        places = np.empty((frames, len(self.bones), 3))
        table = _bone_rotations(self, pose)
        for b, (name, parent) in enumerate(zip(self.bones, self.parents, strict=True)):
            if parent < 0:
                turns[:, b], places[:, b] = table[name], self.heads[b] + pose.root
                continue
            turns[:, b] = _rotation_of(name, table, turns[:, parent])
            places[:, b] = places[:, parent] + turns[:, parent] @ (self.heads[b] - self.heads[parent])
        shift = places - np.einsum("tbij,bj->tbi", turns, self.heads)
        return np.concatenate([turns, shift[..., None]], -1).astype(np.float32)


def blend(transforms: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """[T, V, 3, 4] linear blend of [T, B, 3, 4] by [V, B]."""
    frames, bones = transforms.shape[:2]
    return (weights @ transforms.reshape(frames, bones, 12)).reshape(frames, len(weights), 3, 4)


def apply(blended: np.ndarray, points: np.ndarray) -> np.ndarray:
    """[T, V, 3] from [T, V, 3, 4] and [V, 3]."""
    return np.einsum("tvij,vj->tvi", blended[..., :3], points, optimize=True) + blended[..., 3]


def rotation(axis: np.ndarray | tuple[float, float, float], angle: np.ndarray | float) -> np.ndarray:
    """[..., 3, 3] rotation about a unit ``axis`` [3] by ``angle`` radians, right-handed (Rodrigues)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    s, c = np.sin(angle)[..., None, None], np.cos(angle)[..., None, None]
    return np.eye(3) + s * cross + (1 - c) * (cross @ cross)


def between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[3, 3] the smallest rotation that takes direction ``a`` to direction ``b``."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    axis = np.cross(a, b)
    length = np.linalg.norm(axis)
    return np.eye(3) if length < 1e-8 else rotation(axis, np.array(np.arctan2(length, a @ b)))


def hang_arm(side: str, shoulder: np.ndarray, elbow: np.ndarray, wrist: np.ndarray, knuckle: np.ndarray) -> dict:
    """Rotations that take an arm from its rest to hanging, its elbow's hinge bending to the front."""
    upper = between(elbow - shoulder, DOWN)
    bent = upper @ (wrist - elbow)
    if np.hypot(bent[0], bent[2]) > STRAIGHT * np.linalg.norm(bent):
        # The elbow is a hinge: turn the upper arm about itself until the forearm bends straight to the front.
        upper = rotation((0, 1, 0), np.array(-np.arctan2(bent[0], bent[2]))) @ upper
    fore = between(upper @ (wrist - elbow), DOWN) @ upper
    hand = between(fore @ (knuckle - wrist), DOWN) @ fore
    return {f"upperarm.{side}": upper, f"forearm.{side}": fore, f"hand.{side}": hand}


def hang_leg(side: str, hip: np.ndarray, knee: np.ndarray, ankle: np.ndarray) -> dict:
    """Rotations that take a leg from its rest to hanging; the foot stays as it is."""
    thigh = between(knee - hip, DOWN)
    shin = between(thigh @ (ankle - knee), DOWN) @ thigh
    return {f"thigh.{side}": thigh, f"shin.{side}": shin, f"foot.{side}": np.eye(3)}


def _palm_axis(side: str, heads: np.ndarray, at: dict[str, int]) -> np.ndarray:
    """Rest-pose axis about which fingers curl towards the palm: along the knuckles."""
    row = heads[at[f"finger5-1.{side}"]] - heads[at[f"finger2-1.{side}"]]
    return row / np.linalg.norm(row) * (1 if side == "L" else -1)


def _bone_rotations(rig: Rig, pose: Pose) -> dict[str, np.ndarray]:
    """Global rotations of the bones that a segment drives."""
    s = pose.segments
    hung = {name: s[name] @ rig.hanging[name] for name in rig.hanging}
    table = {"root": s["pelvis"]}
    for i, name in enumerate(SPINE):
        table[name] = between_rotations(s["pelvis"], s["chest"], (i + 1) / len(SPINE))
    for i, name in enumerate(NECK):
        table[name] = between_rotations(s["chest"], s["head"], (i + 1) / len(NECK))
    table["jaw"] = table["head"] @ rotation((1, 0, 0), pose.jaw)
    for k, (side, _) in enumerate(SIDES):
        table[f"pelvis.{side}"] = s["pelvis"]
        for bone, segment in _LIMBS.items():
            table[f"{bone}.{side}"] = hung[f"{segment}.{side}"]
        table[f"clavicle.{side}"] = _shrug(s["chest"], s[f"upperarm.{side}"], 1.0 if side == "L" else -1.0)
        for f in range(5):
            for joint in range(1, 4):
                axis, share = (rig.palms[side], 1.0) if f else (rig.palms[side], 0.4)
                table[f"curl finger{f + 1}-{joint}.{side}"] = rotation(axis, pose.curl[:, k, f] * share)
    return table


def _shrug(chest: np.ndarray, arm: np.ndarray, outward: float) -> np.ndarray:
    """The collar bone rises with an arm that is lifted beyond 30 degrees, by a fifth of the lift."""
    height = -np.einsum("tij,tj->ti", np.swapaxes(chest, 1, 2), -arm[..., 1])[:, 1]
    lift = np.arccos(np.clip(height, -1, 1))
    return chest @ rotation((0, 0, 1), outward * 0.2 * np.maximum(lift - 0.5, 0))


_LIMBS = {
    "upperarm01": "upperarm", "upperarm02": "upperarm", "lowerarm01": "forearm", "lowerarm02": "forearm",
    "wrist": "hand", "upperleg01": "thigh", "upperleg02": "thigh", "lowerleg01": "shin", "lowerleg02": "shin",
    "foot": "foot",
}  # fmt: skip


def _rotation_of(name: str, table: dict[str, np.ndarray], parent: np.ndarray) -> np.ndarray:
    if name in table:
        return table[name]
    curl = table.get(f"curl {name}")
    return parent if curl is None else parent @ curl


def between_rotations(a: np.ndarray, b: np.ndarray, part: float) -> np.ndarray:
    """[T, 3, 3] the rotation ``part`` of the way from ``a`` to ``b`` (shortest)."""
    return a @ turn_vector_to_matrix(matrix_to_turn_vector(np.swapaxes(a, -1, -2) @ b) * part)


def matrix_to_turn_vector(r: np.ndarray) -> np.ndarray:
    """[..., 3] axis times angle."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_matrix(r.reshape(-1, 3, 3)).as_rotvec().reshape(*r.shape[:-2], 3)


def turn_vector_to_matrix(v: np.ndarray) -> np.ndarray:
    """[..., 3, 3] from axis times angle."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(v.reshape(-1, 3)).as_matrix().reshape(*v.shape[:-1], 3, 3)

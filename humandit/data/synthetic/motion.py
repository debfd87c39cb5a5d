"""Motion at any time: a motion-capture clip or a procedural act, mirrored, sped up, with living fingers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import acts, mocap
from .angles import Curves
from .rig import Pose, rotation
from .split import Split

X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
CLIP_SHARE = 0.25
"""Part of all clips that come from motion capture."""
LOOPS = ("walk", "run")
"""Motion-capture clips whose end meets their start; the others are played forth and back."""
TRAVEL = 0.4
"""Part of a captured person's travel over the floor that is kept: the rest would leave the frame."""
ACROBATIC = ("cartwheel", "spinkick", "jump", "punch", "kick")
"""Captured clips that cross the floor or leave the upright: shown in full only."""
MIRROR = np.diag([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class Motion:
    """One person's endless motion.

    Attributes:
        name: of the clip or act. captured: whether it is a motion-capture clip.
        curves: the act's angle curves, or the small extra life (fingers, mouth) of a clip.
        mirrored, speed: variations. heading: radians that the clip's person faces on average.
    """

    name: str
    captured: bool
    curves: Curves
    mirrored: bool
    speed: float
    heading: float

    @property
    def grounded(self) -> bool:
        """Whether the feet are put on the floor afterwards; captured clips jump."""
        return not self.captured

    @property
    def acrobatic(self) -> bool:
        return self.captured and self.name in ACROBATIC

    def at(self, times: np.ndarray) -> Pose:
        """The pose at ``times`` [T] seconds."""
        times = np.asarray(times, float) * self.speed
        pose = self._captured(times) if self.captured else _from_angles(self.curves(times))
        return mirrored(pose) if self.mirrored else pose

    def _captured(self, times: np.ndarray) -> Pose:
        stamps, joints, root, _ = mocap.load(self.name)
        length = stamps[-1]
        inside = np.mod(times, length) if self.name in LOOPS else length - np.abs(np.mod(times, 2 * length) - length)
        local = {joint: spline(inside).as_matrix() for joint, spline in joints.items()}
        track = np.stack([np.interp(inside, stamps, root[:, k]) for k in range(3)], -1)
        drift = np.outer(inside / length, root[-1] - root[0]) if self.name in LOOPS else 0
        track = track - drift - np.array([root[0, 0], np.median(root[:, 1]), root[0, 2]])
        track = track * np.array([TRAVEL, 1.0, TRAVEL])
        face_front = rotation(Y, -self.heading)
        extra = self.curves(times)
        jaw = _get(extra, "jaw", times)
        return Pose(track @ face_front.T, _chain(local, face_front), curl_of(extra, len(times)), jaw)


def draw_motion(split: Split, rng: np.random.Generator, clip_share: float = CLIP_SHARE) -> Motion:
    """A random motion that ``split`` allows; ``clip_share`` of them are captured."""
    captured = rng.random() < clip_share
    table = split.clips if captured else split.acts
    weights = np.array(list(table.values()), float)
    name = list(table)[rng.choice(len(table), p=weights / weights.sum())]
    heading = 0.0
    if captured:
        heading = _mean_heading(name)
        curves = draw_fingers(rng)
        speed = rng.uniform(0.6, 1.05) if name not in LOOPS else rng.uniform(0.7, 1.0)
    else:
        curves = acts.act(name, rng)
        speed = rng.uniform(0.75, 1.15)
    return Motion(name, captured, curves, bool(rng.random() < 0.5), float(speed), heading)


def _mean_heading(name: str) -> float:
    """Radians about y that the clip's person faces on average (0: along +z)."""
    stamps, joints, _, _ = mocap.load(name)
    front = joints["pelvis"](np.linspace(0, stamps[-1], 32)).as_matrix()[:, :, 2].mean(0)
    return float(np.arctan2(front[0], front[2]))


def draw_fingers(rng: np.random.Generator) -> Curves:
    """Curves of fingers that curl and open a little, for clips without hands."""
    base, size, rate, phase = rng.uniform(0.1, 0.7, 2), rng.uniform(0, 0.3, 2), rng.uniform(0.2, 0.8), rng.uniform(0, 6)
    return lambda t: {f"curl.{s}": base[k] + size[k] * np.sin(6.28 * rate * t + phase + k) for k, s in enumerate("LR")}


def _chain(local: dict[str, np.ndarray], front: np.ndarray) -> dict[str, np.ndarray]:
    """Global segment rotations from a clip's local joint rotations."""
    s = {"pelvis": front @ local["pelvis"]}
    s["chest"] = s["pelvis"] @ local["chest"]
    s["head"] = s["chest"] @ local["neck"]
    for side in "LR":
        s[f"upperarm.{side}"] = s["chest"] @ local[f"shoulder.{side}"]
        s[f"forearm.{side}"] = s[f"hand.{side}"] = s[f"upperarm.{side}"] @ local[f"elbow.{side}"]
        s[f"thigh.{side}"] = s["pelvis"] @ local[f"hip.{side}"]
        s[f"shin.{side}"] = s[f"thigh.{side}"] @ local[f"knee.{side}"]
        s[f"foot.{side}"] = s[f"shin.{side}"] @ local[f"ankle.{side}"]
    return s


def _get(angles: dict[str, np.ndarray], name: str, like: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.asarray(angles.get(name, 0.0), float), np.shape(like))


def _from_angles(a: dict[str, np.ndarray]) -> Pose:
    """Anatomical angles (see :mod:`.angles`) to a pose. Legs are set against the floor, arms against the chest."""
    like = next(iter(a.values()))
    get = lambda name: _get(a, name, like)  # noqa: E731
    yaw = rotation(Y, get("pelvis yaw"))
    s = {"pelvis": yaw @ rotation(X, get("pelvis pitch")) @ rotation(Z, get("pelvis roll"))}
    for part, parent in (("chest", "pelvis"), ("head", "chest")):
        turn = rotation(Y, get(f"{part} yaw")) @ rotation(X, get(f"{part} pitch")) @ rotation(Z, get(f"{part} roll"))
        s[part] = s[parent] @ turn
    for side, out in (("L", 1.0), ("R", -1.0)):
        bent = lambda name, sign=-1.0, side=side: rotation(X, sign * get(f"{name}.{side}"))  # noqa: E731
        aside, twist = rotation(Z, out * get(f"arm out.{side}")), rotation(Y, out * get(f"arm twist.{side}"))
        s[f"upperarm.{side}"] = s["chest"] @ aside @ bent("arm flex") @ twist
        # The elbow bends to the front in the arm's own frame; "twist" has already turned that frame.
        s[f"forearm.{side}"] = s[f"upperarm.{side}"] @ bent("arm elbow") @ rotation(Y, out * get(f"roll.{side}"))
        s[f"hand.{side}"] = s[f"forearm.{side}"] @ bent("wrist flex") @ rotation(Z, out * get(f"wrist aside.{side}"))
        s[f"thigh.{side}"] = yaw @ rotation(Z, out * get(f"leg out.{side}")) @ bent("leg hip")
        s[f"shin.{side}"] = s[f"thigh.{side}"] @ bent("leg knee", 1.0)
        s[f"foot.{side}"] = yaw @ rotation(Y, np.full_like(like, out * 0.2)) @ bent("foot pitch", 1.0)
    return Pose(np.zeros((len(like), 3)), s, curl_of(a, len(like)), get("jaw"))


def curl_of(a: dict[str, np.ndarray], frames: int) -> np.ndarray:
    """[frames, 2, 5] radians per finger joint from the curves' values."""
    like = np.zeros(frames)
    spread = np.linspace(-0.5, 1.0, 5)
    hands = [_get(a, f"curl.{s}", like)[:, None] + _get(a, f"spread.{s}", like)[:, None] * spread for s in "LR"]
    return np.stack(hands, 1)


def mirrored(pose: Pose) -> Pose:
    """The pose in a mirror: left and right change places."""
    other = {"L": "R", "R": "L"}
    swap = lambda n: n[:-1] + other[n[-1]] if n[-2] == "." else n  # noqa: E731
    segments = {swap(n): MIRROR @ r @ MIRROR for n, r in pose.segments.items()}
    return Pose(pose.root @ MIRROR, segments, pose.curl[:, ::-1], pose.jaw)

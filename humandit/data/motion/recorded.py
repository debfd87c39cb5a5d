"""Recordings: motion capture on our own body. Any skeleton serves that has the twelve limbs under a usual name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from ...errors import HumanDiTError, InvalidMedia
from ..synthetic import rig as rigs
from ..synthetic.angles import Curves
from ..synthetic.motion import TRAVEL, curl_of, draw_fingers, mirrored
from .bvh import Capture, read_bvh
from .heldout import is_held_out

LEG = 0.84
"""Metres from hip to ankle of our body: recordings are scaled to it."""
RATE = 60.0
"""Frames per second that are kept; quicker recordings are thinned."""
SPEED = (0.75, 1.1)
"""Factor on the recording's own speed."""
TRUNK = {
    "pelvis": ("hips", "hip", "pelvis", "root"),
    "chest": ("chest", "upperchest", "spine3", "spine2", "thorax", "spine1", "spine"),
    "head": ("head",),
}
LIMBS = {
    "upperarm": ("shldr", "upperarm", "arm", "humerus", "shoulder"),
    "forearm": ("forearm", "lowerarm", "elbow", "radius"),
    "hand": ("hand", "wrist"),
    "thigh": ("thigh", "upleg", "upperleg", "femur", "hip"),
    "shin": ("shin", "lowerleg", "calf", "tibia", "knee", "leg"),
    "foot": ("foot", "ankle"),
}
"""Usual names of a segment's upper joint, the surest first: a 'LeftShoulder' beside a 'LeftArm' is a collar bone."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Recording:
    """One recorded person, as our rig is posed.

    Attributes:
        name: of the file. times: [N] seconds.
        turns: segment -> [N, 3, 3] global rotations; see ``synthetic.rig.Pose``.
        root: [N, 3] metres, the height relative to standing.
    """

    name: str
    times: np.ndarray
    turns: dict[str, np.ndarray]
    root: np.ndarray

    @property
    def seconds(self) -> float:
        return float(self.times[-1])

    @cached_property
    def splines(self) -> dict[str, Slerp]:
        return {name: Slerp(self.times, Rotation.from_matrix(turns)) for name, turns in self.turns.items()}


@dataclass(frozen=True)
class Replay:
    """A recording played from ``start`` (seconds) at some speed, forth and back, with living fingers."""

    recording: Recording
    start: float
    speed: float
    flipped: bool
    fingers: Curves

    grounded = False
    """Recorded people leave the floor."""

    def at(self, times: np.ndarray) -> rigs.Pose:
        """The pose at ``times`` [T] seconds; on average it looks to the front."""
        inside = self._inside(np.asarray(times, float) * self.speed + self.start)
        turns = {name: spline(inside).as_matrix() for name, spline in self.recording.splines.items()}
        front = turns["pelvis"][:, :, 2].mean(0)
        to_front = rigs.rotation((0, 1, 0), np.array(-np.arctan2(front[0], front[2])))
        track = np.stack([np.interp(inside, self.recording.times, row) for row in self.recording.root.T], -1)
        track = (track - track.mean(0) * [1, 0, 1]) * [TRAVEL, 1, TRAVEL]
        turns = {name: to_front @ turn for name, turn in turns.items()}
        pose = rigs.Pose(track @ to_front.T, turns, curl_of(self.fingers(times), len(inside)), np.zeros(len(inside)))
        return mirrored(pose) if self.flipped else pose

    def _inside(self, seconds: np.ndarray) -> np.ndarray:
        length = self.recording.seconds
        return length - np.abs(np.mod(seconds, 2 * length) - length)


def draw_replay(recordings: tuple[Recording, ...], rng: np.random.Generator) -> Replay:
    """A random moment of a random recording, the longer ones more often."""
    seconds = np.array([recording.seconds for recording in recordings])
    chosen = recordings[rng.choice(len(recordings), p=seconds / seconds.sum())]
    start = rng.uniform(0, chosen.seconds)
    return Replay(chosen, start, rng.uniform(*SPEED), bool(rng.random() < 0.5), draw_fingers(rng))


def load_recordings(folder: Path, say: Say = lambda text: None) -> tuple[Recording, ...]:
    """The BVH files of a folder and below, but one in ten: those that ``heldout.is_held_out`` names.

    Raises:
        HumanDiTError: no such folder, or nothing of use in it.
    """
    files = sorted(folder.rglob("*.bvh")) if folder.is_dir() else []
    recordings = tuple(_readable((path for path in files if not is_held_out(path.stem)), say))
    if not recordings:
        raise HumanDiTError(
            f"Expected BVH files of people in {folder}, found {len(files)} and none of use. One in ten is held out "
            "by its name; add more, or name another folder."
        )
    return recordings


def _readable(files: Iterable[Path], say: Say) -> Iterable[Recording]:
    for path in files:
        try:
            yield recording_of(read_bvh(path), path.stem)
        except InvalidMedia as problem:
            say(f"{path.name} is left out: {problem}")


def recording_of(capture: Capture, name: str) -> Recording:
    """A captured skeleton's motion as our segments' rotations.

    Raises:
        InvalidMedia: a limb is missing, or the skeleton has no size.
    """
    joints = _segments(capture, name)
    axes = _axes(capture.rest, joints)
    rest = {segment: axes @ capture.rest[j] for segment, j in joints.items()}
    leg = np.mean([_length(rest, f"thigh.{s}", f"shin.{s}") + _length(rest, f"shin.{s}", f"foot.{s}") for s in "LR"])
    if not leg > 0:
        raise InvalidMedia(f"The legs of {name} have no length. Export it with its skeleton's offsets.")
    kept = np.arange(0, len(capture.root), max(round(capture.fps / RATE), 1))
    hanging = _hanging(rest, capture, joints, axes)
    turns = {s: axes @ capture.turns[kept, j] @ axes.T @ hanging[s].T for s, j in joints.items()}
    root = capture.root[kept] @ axes.T * (LEG / leg)
    root[:, 1] -= np.median(root[:, 1])
    return Recording(name, kept / capture.fps, turns, root)


def _segments(capture: Capture, name: str) -> dict[str, int]:
    """The joint at the upper end of every segment of ours."""
    known = {_plain(joint.name): j for j, joint in reversed(list(enumerate(capture.joints)))}
    sides = {"L": ("left{}", "l{}", "{}left", "{}l"), "R": ("right{}", "r{}", "{}right", "{}r")}
    wanted = dict(TRUNK)
    for limb, names in LIMBS.items():
        for side, forms in sides.items():
            wanted[f"{limb}.{side}"] = tuple(form.format(n) for n in names for form in forms)
    found = {s: next((known[n] for n in names if n in known), None) for s, names in wanted.items()}
    if lost := [segment for segment, joint in found.items() if joint is None]:
        raise InvalidMedia(
            f"The skeleton of {name} has no joint for {', '.join(lost)}. Expected names like LeftArm, lShldr or "
            f"left_elbow; it has {', '.join(joint.name for joint in capture.joints[:8])}, …"
        )
    return {segment: joint for segment, joint in found.items() if joint is not None}


def _plain(name: str) -> str:
    """'mixamorig:Left_Up.Leg' -> 'leftupleg'."""
    return "".join(c for c in name.split(":")[-1].lower() if c.isalnum())


def _axes(rest: np.ndarray, joints: dict[str, int]) -> np.ndarray:
    """[3, 3] signed permutation from the file's axes to ours: x to the person's left, y up, z to the front."""
    hips = rest[joints["thigh.L"]] - rest[joints["thigh.R"]]
    up = rest[joints["head"]] - (rest[joints["thigh.L"]] + rest[joints["thigh.R"]]) / 2
    left, up = _nearest(hips), _nearest(up)
    return np.stack([left, up, np.cross(left, up)])


def _nearest(direction: np.ndarray) -> np.ndarray:
    """The coordinate axis that points most nearly there."""
    axis = np.zeros(3)
    axis[np.abs(direction).argmax()] = np.sign(direction[np.abs(direction).argmax()])
    return axis


def _length(rest: dict[str, np.ndarray], a: str, b: str) -> float:
    return float(np.linalg.norm(rest[a] - rest[b]))


def _hanging(
    rest: dict[str, np.ndarray], capture: Capture, joints: dict[str, int], axes: np.ndarray
) -> dict[str, np.ndarray]:
    """Rotations that hang the limbs of the rest pose straight down, as our segments are counted from."""
    turns = {segment: np.eye(3) for segment in joints}
    for side in "LR":
        wrist = joints[f"hand.{side}"]
        fingers = [capture.rest[j] for j, joint in enumerate(capture.joints) if joint.parent == wrist]
        fore = rest[f"hand.{side}"] - rest[f"forearm.{side}"]
        knuckle = axes @ np.mean(fingers, 0) if fingers else rest[f"hand.{side}"] + fore
        shoulder, elbow, hand = (rest[f"{part}.{side}"] for part in ("upperarm", "forearm", "hand"))
        hip, knee, ankle = (rest[f"{part}.{side}"] for part in ("thigh", "shin", "foot"))
        turns |= rigs.hang_arm(side, shoulder, elbow, hand, knuckle)
        turns |= rigs.hang_leg(side, hip, knee, ankle)
    return turns

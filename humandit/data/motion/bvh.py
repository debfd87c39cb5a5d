"""BVH files (Biovision hierarchy): what most motion capture is published in, and every 3D program writes.

A file holds a tree of joints with their rest offsets, then rows of angles in degrees, in the order of the channels. The
order differs from file to file and is followed; units are arbitrary.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import InvalidMedia

AXES = {"Xrotation": "X", "Yrotation": "Y", "Zrotation": "Z"}
PLACES = ("Xposition", "Yposition", "Zposition")


@dataclass(frozen=True)
class Joint:
    """One joint: its name, its parent's index (-1 for the root), rest offset [3] from it, and its channels."""

    name: str
    parent: int
    offset: tuple[float, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Capture:
    """One file of motion capture, N frames of J joints, in the file's own axes and unit of length.

    Attributes:
        joints: parents before children.
        fps: frames per second.
        turns: [N, J, 3, 3] rotation of every joint against the rest, in the axes of the file.
        root: [N, 3] place of the first joint.
    """

    joints: tuple[Joint, ...]
    fps: float
    turns: np.ndarray
    root: np.ndarray

    @property
    def rest(self) -> np.ndarray:
        """[J, 3] places of the joints at rest, the root at 0."""
        places = np.zeros((len(self.joints), 3))
        for j, joint in enumerate(self.joints):
            if joint.parent >= 0:
                places[j] = places[joint.parent] + joint.offset
        return places


def read_bvh(path: Path) -> Capture:
    """Read one file.

    Raises:
        InvalidMedia: not a BVH file, cut off, or with numbers missing.
    """
    try:
        head, _, tail = path.read_text(encoding="ascii", errors="replace").partition("MOTION")
        joints = _joints(head.split())
        words = tail.split()
        frames, seconds = int(words[1]), float(words[4])
        rows = np.array(words[5:], float)
        rows = rows.reshape(frames, sum(len(joint.channels) for joint in joints))
    except (ValueError, IndexError, KeyError) as problem:
        raise InvalidMedia(
            f"{path.name} is no whole BVH file ({problem}). Expected HIERARCHY, MOTION, Frames, Frame Time and one row "
            "of numbers per frame: export it again."
        ) from problem
    if frames < 2 or not seconds > 0 or not np.isfinite(rows).all():
        raise InvalidMedia(f"{path.name} holds no motion: {frames} frames, {seconds} s each. Expected 2 or more.")
    return Capture(tuple(joints), 1 / seconds, *_posed(joints, rows))


def _joints(words: list[str]) -> list[Joint]:
    """The tree; end sites are left out."""
    joints: list[Joint] = []
    open_joints: list[int] = []
    at = words.index("ROOT")
    while at < len(words):
        word = words[at]
        if word in ("ROOT", "JOINT"):
            count = int(words[at + 8])
            joint = Joint(
                words[at + 1],
                open_joints[-1] if open_joints else -1,
                tuple(float(w) for w in words[at + 4 : at + 7]),
                tuple(words[at + 9 : at + 9 + count]),
            )
            joints.append(joint)
            open_joints.append(len(joints) - 1)
            at += 9 + count
        elif word == "End":
            at = words.index("}", at) + 1
        elif word == "}" and open_joints:
            open_joints.pop()
            at += 1
        else:
            raise ValueError(f"unexpected {word!r} in the hierarchy")
    return joints


def _posed(joints: list[Joint], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotations [N, J, 3, 3] against the rest, and the root's places [N, 3]."""
    from scipy.spatial.transform import Rotation

    turns, column = np.empty((len(rows), len(joints), 3, 3)), 0
    root = np.zeros((len(rows), 3))
    for j, joint in enumerate(joints):
        values = dict(zip(joint.channels, rows[:, column : column + len(joint.channels)].T, strict=True))
        column += len(joint.channels)
        order = "".join(AXES[name] for name in joint.channels if name in AXES)
        angles = np.stack([values[name] for name in joint.channels if name in AXES], -1)
        local = Rotation.from_euler(order, angles, degrees=True).as_matrix()
        turns[:, j] = local if joint.parent < 0 else turns[:, joint.parent] @ local
        if joint.parent < 0:
            root = np.stack([values.get(name, np.zeros(len(rows))) for name in PLACES], -1)
    return turns, root

"""Motion clips of the DeepMimic project, as packed in the pybullet 3.2.7 wheel (zlib licence).

Format (44 numbers a frame): seconds to the next frame, root position xyz, root rotation wxyz, chest, neck, right hip,
right knee (one angle), right ankle, right shoulder, right elbow (one angle), then the left side likewise. Its axes are
x forward, y up, z to the right, and its rest is upright with hanging limbs, as ours.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from ...wheels import WheelFiles, cache_root

NAMES = ("dance_a", "dance_b", "walk", "run", "punch", "kick", "spin", "spinkick", "jump", "cartwheel")
"""Clips in use; crawling, rolling and getting up leave the upright framing."""

CLIPS = WheelFiles(
    "pybullet==3.2.7",
    {
        "humanoid3d_dance_a.txt": (
            "pybullet_data/data/motions/humanoid3d_dance_a.txt",
            "15ef3731f594edc9ed078170f1075815cc164acaca9e35a46db12a31ac64b717",
        ),
        "humanoid3d_dance_b.txt": (
            "pybullet_data/data/motions/humanoid3d_dance_b.txt",
            "b5a9d7a3f2304f6242776d7ff6d19d1f6bcb98d78d68622761c3843b614a92b5",
        ),
        "humanoid3d_walk.txt": (
            "pybullet_data/data/motions/humanoid3d_walk.txt",
            "32d082c3599bc40aac50b1afa196ff1e2cf3842bb40f0541ab088845f6328a41",
        ),
        "humanoid3d_run.txt": (
            "pybullet_data/data/motions/humanoid3d_run.txt",
            "2cbe488023b243e5769299158ce7c78875ec4b701a2ffe6c0beeaf83d16ca87b",
        ),
        "humanoid3d_punch.txt": (
            "pybullet_data/data/motions/humanoid3d_punch.txt",
            "1ab4b654cecdb4ff3b2a4bf4086e50397bef28435bb59ab3aedd6a6bdc926fde",
        ),
        "humanoid3d_kick.txt": (
            "pybullet_data/data/motions/humanoid3d_kick.txt",
            "177cfb399466309ba7f4a8a987c3b6f6edde1cbe8b2d476e53dc6061ec5d4bac",
        ),
        "humanoid3d_spin.txt": (
            "pybullet_data/data/motions/humanoid3d_spin.txt",
            "9614f10b92e7a8b123990ad5bcfafc65aa4d8fa8ac7f10ade3c3591122d34425",
        ),
        "humanoid3d_spinkick.txt": (
            "pybullet_data/data/motions/humanoid3d_spinkick.txt",
            "60ec9c200d96e0cd71693061f24db0bd8da9eb295daf487f6f60f8dfb324075a",
        ),
        "humanoid3d_jump.txt": (
            "pybullet_data/data/motions/humanoid3d_jump.txt",
            "a433557e94b193d8a95530572a0e32f387eb6d9996987b4216efb65444c3c641",
        ),
        "humanoid3d_cartwheel.txt": (
            "pybullet_data/data/motions/humanoid3d_cartwheel.txt",
            "17453459a40ec4ea08346072748ae3c7c384b49e619753e9779637fa8a9f7c49",
        ),
    },
    "python -m humandit data synthetic",
    "manylinux2014_x86_64",
)

TO_OURS = np.array([[0.0, 0, -1], [0, 1, 0], [1, 0, 0]])
"""Clip axes to ours."""
_COLUMNS = {
    "pelvis": slice(4, 8), "chest": slice(8, 12), "neck": slice(12, 16),
    "hip.R": slice(16, 20), "knee.R": 20, "ankle.R": slice(21, 25), "shoulder.R": slice(25, 29), "elbow.R": 29,
    "hip.L": slice(30, 34), "knee.L": 34, "ankle.L": slice(35, 39), "shoulder.L": slice(39, 43), "elbow.L": 43,
}  # fmt: skip


@lru_cache(maxsize=32)
def load(name: str) -> tuple[np.ndarray, dict[str, Slerp], np.ndarray, bool]:
    """Times [N] s, local rotations as splines by joint, root positions [N, 3] m (ours), and whether it loops."""
    data = json.loads((fetch_clips() / f"humanoid3d_{name}.txt").read_text())
    rows = np.asarray(data["Frames"], float)
    times = np.concatenate([[0], np.cumsum(rows[:-1, 0])])
    joints = {}
    for joint, column in _COLUMNS.items():
        if isinstance(column, int):
            local = Rotation.from_rotvec(rows[:, column, None] * np.array([0.0, 0, 1]))
        else:
            w, x, y, z = rows[:, column].T
            local = Rotation.from_quat(np.stack([x, y, z, w], -1))
        turned = TO_OURS @ local.as_matrix() @ TO_OURS.T
        joints[joint] = Slerp(times, Rotation.from_matrix(turned))
    return times, joints, rows[:, 1:4] @ TO_OURS.T, data["Loop"] == "wrap"


def fetch_clips() -> Path:
    """The folder of the cached clips; fetched on the first call."""
    return CLIPS.fetch(cache_root() / "synthetic" / "motions")

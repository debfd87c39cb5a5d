"""Motion clips of the DeepMimic project, as packed in the pybullet 3.2.7 wheel (zlib licence).

Format (44 numbers a frame): seconds to the next frame, root position xyz, root rotation wxyz, chest, neck, right hip,
right knee (one angle), right ankle, right shoulder, right elbow (one angle), then the left side likewise. Its axes are
x forward, y up, z to the right, and its rest is upright with hanging limbs, as ours.
"""

from __future__ import annotations

import json
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from ...errors import MissingDependency
from .bake import cache_folder

NAMES = ("dance_a", "dance_b", "walk", "run", "punch", "kick", "spin", "spinkick", "jump", "cartwheel")
"""Clips in use; crawling, rolling and getting up leave the upright framing."""

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
    data = json.loads((_folder() / f"humanoid3d_{name}.txt").read_text())
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


def _folder() -> Path:
    """The cached clips; on the first call unpacks them from an installed pybullet or a wheel of it."""
    folder = cache_folder() / "motions"
    if all((folder / f"humanoid3d_{n}.txt").exists() for n in NAMES):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for wheel in sorted(cache_folder().glob("pybullet-*.whl")):
        with zipfile.ZipFile(wheel) as z:
            for n in NAMES:
                text = z.read(f"pybullet_data/data/motions/humanoid3d_{n}.txt")
                (folder / f"humanoid3d_{n}.txt").write_bytes(text)
        return folder
    raise MissingDependency(
        f"Motion clips are missing in {folder}. Run: pip download --no-deps pybullet==3.2.7 -d {cache_folder()}"
    )

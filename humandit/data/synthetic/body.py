"""The baked body: a light mesh, its skin weights, joints, and many body shapes. :mod:`.bake` made the file.

Everything downstream works in the person's frame: x to the person's left, y up, z to the front, metres.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

SHAPES = 48
"""Body shapes in the file; :mod:`.split` says which of them are held out."""
BODY_FILE = Path(__file__).with_name("body.npz")
"""The baked body that comes with the project (2.8 MB); :func:`.bake.write_body` makes it anew."""


@dataclass(frozen=True, eq=False)
class Body:
    """What the renderer needs of the body. B bones, V vertices, F triangles, S shapes. Equal only to itself.

    Attributes:
        bones: names of the B bones, parents first. parents: [B] int, -1 for the root.
        heads, tails: [S, B, 3] float32, joint positions at rest, metres.
        vertices: [S, V, 3] float32 at rest. triangles: [F, 3] int32. weights: [V, B] float32, rows sum to 1.
        points: [S, 23, 3] float32: COCO body and feet points at rest (anny's own regressor).
        face: [S, 68, 3] float32: face points at rest.
        eye: [V] bool: vertices of the eyeballs.
    """

    bones: np.ndarray
    parents: np.ndarray
    heads: np.ndarray
    tails: np.ndarray
    vertices: np.ndarray
    triangles: np.ndarray
    weights: np.ndarray
    points: np.ndarray
    face: np.ndarray
    eye: np.ndarray


def load_body(path: Path = BODY_FILE) -> Body:
    """The baked body."""
    with np.load(path) as stored:
        return Body(**{f.name: stored[f.name] for f in fields(Body)})

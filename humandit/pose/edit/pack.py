"""Poses as bytes for the browser: a line of JSON that says what follows, then little-endian 32-bit floats."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from ..keypoint_frames import together
from ..sequence import PoseSequence


def pack(film: Sequence[PoseSequence]) -> bytes:
    """Everybody's poses, exact: header, newline, padding to 4 bytes, then [P, T, K, 3] x, y, score."""
    people = together(film)
    first = people[0]
    head = {
        "people": len(people),
        "frames": len(first),
        "fps": float(first.fps),
        "canvas": {"width": first.canvas.width, "height": first.canvas.height},
        "skeleton": first.skeleton,
    }
    line = json.dumps(head, separators=(",", ":")).encode()
    line += b" " * (-(len(line) + 1) % 4) + b"\n"
    values = np.stack([np.concatenate([one.xy, one.score[..., None]], -1) for one in people])
    return line + values.astype("<f4").tobytes()

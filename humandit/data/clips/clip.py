"""A clip as three files: film, labels, and what is said about it; and the strip of pictures that reports show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ...media.write import write_mp4
from ...pose.sequence import PoseSequence
from .examine import Labels

SUFFIXES = (".json", ".mp4", ".npz")
"""Files of a clip, in the order in which they lie in a shard."""
SHOWN, CELL = 6, 112
"""Pictures in a strip, and their height in pixels."""


def write_clip(stem: Path, frames: np.ndarray, poses: PoseSequence, labels: Labels, about: dict[str, Any]) -> None:
    """``stem`` with each of :data:`SUFFIXES`; the same input gives the same bytes.

    The labels, T frames, K = 133: xy [T, K, 2] float32 px, score [T, K] float32, mask and text
    [T, ceil(H*W/8)] uint8 bits, background_xy [T, B, 2] float32 px, background_visible [T, B] bool,
    hand_clarity, teeth_clarity and quality [N] float32.
    """
    write_mp4(stem.with_suffix(".mp4"), frames, poses.fps, repeatable=True)
    arrays = {
        "xy": poses.xy,
        "score": poses.score,
        "mask": _bits(labels.mask),
        "text": _bits(labels.text),
        **_points(labels, len(poses)),
        "hand_clarity": labels.hands.astype(np.float32),
        "teeth_clarity": labels.teeth.astype(np.float32),
        "quality": labels.quality.astype(np.float32),
    }
    with stem.with_suffix(".npz").open("wb") as file:
        np.savez_compressed(file, **arrays)
    stem.with_suffix(".json").write_text(json.dumps(about, indent=1, sort_keys=True), encoding="utf-8")


def strip(frames: np.ndarray) -> bytes:
    """A JPEG of a few frames side by side."""
    import cv2

    picks = frames[np.linspace(0, len(frames) - 1, min(SHOWN, len(frames))).round().astype(int)]
    width = max(round(CELL * frames.shape[2] / frames.shape[1]), 1)
    row = np.concatenate([cv2.resize(f, (width, CELL), interpolation=cv2.INTER_AREA) for f in picks], axis=1)
    return cv2.imencode(".jpg", row[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()


def _bits(masks: np.ndarray) -> np.ndarray:
    """[T, ceil(H*W/8)] uint8, as rendered shards have them."""
    return np.packbits(masks.reshape(len(masks), -1), axis=-1)


def _points(labels: Labels, frames: int) -> dict[str, np.ndarray]:
    if labels.background is None:
        return {
            "background_xy": np.zeros((frames, 0, 2), np.float32), "background_visible": np.zeros((frames, 0), bool)
        }  # fmt: skip
    return {"background_xy": labels.background.xy, "background_visible": labels.background.visible}

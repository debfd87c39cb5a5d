"""Detectors: frames in, people's COCO-WholeBody keypoints out."""

from __future__ import annotations

from pathlib import Path

from ...errors import MissingDependency
from .protocol import Detector, Sighting

__all__ = ["DETECTORS", "Detector", "Sighting", "load_detector"]

DETECTORS = ("mediapipe",)


def load_detector(name: str = "mediapipe", folder: str | Path | None = None, device: str | None = None) -> Detector:
    """The detector called ``name``, its nets read from ``folder`` or the cache.

    Args:
        name: one of ``DETECTORS``.
        folder: where the nets lie; the cache is searched next.
        device: a wish. The detector's ``device`` says what it really runs on.
    """
    if name not in DETECTORS:
        raise MissingDependency(f"Unknown pose detector {name!r}; known are {', '.join(DETECTORS)}.")
    from .mediapipe import MediaPipeDetector

    return MediaPipeDetector.load(folder)

"""Detectors: frames in, one person's COCO-WholeBody keypoints out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from ...errors import MissingDependency
from ..sequence import PoseSequence

DETECTORS = ("mediapipe",)


@runtime_checkable
class Detector(Protocol):
    """What every detector offers.

    Attributes:
        name: how it was asked for.
        device: what it really runs on.
    """

    name: str
    device: str

    def detect(
        self, frames: Iterable[np.ndarray], fps: float, on_frame: Callable[[int], None] | None = None
    ) -> PoseSequence:
        """Keypoints of the strongest person in each frame.

        Args:
            frames: uint8 RGB [H, W, 3] each, all of one size.
            fps: frames per second, stored with the result.
            on_frame: called with the number of frames done; may raise to stop.

        Returns:
            As many poses as frames. A frame without a person has all scores 0.

        Raises:
            NoPersonFound: nobody in any frame.
        """
        ...


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

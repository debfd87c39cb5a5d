"""A draft of the film in seconds: the picture's person as a paper puppet that follows the poses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..pose.sequence import PoseSequence
from .label import labelled
from .puppet import Drawn, Puppet, play, puppet

__all__ = ["Drawn", "Puppet", "draft_frames", "labelled", "play", "puppet"]


def draft_frames(
    picture: np.ndarray,
    picture_pose: PoseSequence,
    poses: PoseSequence,
    mask: np.ndarray | None = None,
    detector: object = None,
) -> Iterator[np.ndarray]:
    """uint8 [H, W, 3] for every pose; arguments and errors as of :func:`.puppet.puppet` and :func:`.puppet.play`."""
    for drawn in play(puppet(picture, picture_pose, mask, detector), poses):
        yield drawn.frame

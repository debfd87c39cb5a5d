"""What every pose detector offers: people of one frame, and from that the poses of a film."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..sequence import PoseSequence
from .boxes import Box


@dataclass(frozen=True)
class Sighting:
    """One person in one frame.

    Attributes:
        xy: [133, 2] COCO-WholeBody points, pixels of the frame.
        score: [133] in 0..1, 0 where a point was not found.
        near: square region of the frame in which to look for this person in the next frame.
    """

    xy: np.ndarray
    score: np.ndarray
    near: Box


class Detector(ABC):
    """A loaded pose detector.

    Attributes:
        name: how it was asked for.
        device: what it really runs on, in words for the user.
    """

    name: str
    device: str

    @abstractmethod
    def people(self, frame: np.ndarray, near: Sequence[Box] = (), search: bool = True) -> list[Sighting]:
        """People in one frame, strongest first; nobody twice.

        Args:
            frame: uint8 RGB [H, W, 3].
            near: where people were a frame ago (their ``Sighting.near``); these places are looked at first, without
                the person detector. A place where nobody is any more gives no sighting.
            search: whether to look for further people in the whole frame with the person detector.
        """

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
        raise NotImplementedError

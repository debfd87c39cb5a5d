"""From an artist's word for somebody to that person's poses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..detect.protocol import Detector
from .film import track
from .person import Person, pick

STRONGEST, EVERYONE = "strongest", "everyone"


def follow(
    detector: Detector,
    frames: np.ndarray,
    fps: float,
    who: str = STRONGEST,
    on_frame: Callable[[int], None] | None = None,
) -> tuple[list[Person], Person]:
    """Everybody that was looked for, the largest first, and the one who was meant.

    Args:
        frames: uint8 RGB [T, H, W, 3].
        who: "strongest" looks for one person only and is the quickest; everything else tells all people apart:
            "everyone" (who means the largest), or what :func:`pick` understands.
        on_frame: called with the number of frames done; may raise to stop.

    Raises:
        NoPersonFound: nobody in any frame. InvalidPose: words that name nobody.
    """
    if who == STRONGEST:
        only = Person.only(detector.detect(frames, fps, on_frame), frames)
        return [only], only
    people = track(detector, frames, fps, on_frame=on_frame)
    return people, pick(people, "largest" if who == EVERYONE else who)

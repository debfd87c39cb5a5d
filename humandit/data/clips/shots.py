"""Where a film cuts: frames in stretches of one shot, none longer than a clip may be."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

LONGEST = 20.0
"""Seconds of a clip at most (paper §3.2)."""
SMALL = 64
"""Side in pixels at which neighbouring frames are compared."""
BINS = 8
"""Steps of each colour in a histogram."""
ELSEWHERE, CHANGED = 0.3, 0.07
"""Share of the pixels that must change their colour bin, and mean change of brightness 0..1, for a cut."""
SUDDEN = 3.0
"""A cut changes so many times more than the frames before it did: whirling people and cameras do not."""
MEMORY = 8
"""Frames whose change counts as usual."""


@dataclass(frozen=True)
class Stretch:
    """Some frames of one shot.

    Attributes:
        start: number of the first frame in the stream.
        frames: [T, H, W, 3] uint8.
        after_cut: whether it begins with a cut of the film.
    """

    start: int
    frames: np.ndarray
    after_cut: bool


def stretches(frames: Iterable[np.ndarray], fps: float, longest: float = LONGEST) -> Iterator[Stretch]:
    """The film in pieces of one shot of at most ``longest`` seconds. Holds one piece in memory.

    A stream that breaks gives what came before; then its error is raised.
    """
    held: list[np.ndarray] = []
    start, after_cut, watch = 0, False, Watch()
    most = max(round(longest * fps), 1)
    stream, broken = iter(frames), None
    while True:
        try:
            frame = next(stream, None)
        except Exception as error:  # whatever it is: first comes what is whole
            frame, broken = None, error
        cut = frame is not None and watch.cut(frame)
        if held and (frame is None or cut or len(held) == most):
            yield Stretch(start, np.stack(held), after_cut)
            start, after_cut, held = start + len(held), cut, []
        if frame is None:
            break
        held.append(frame)
    if broken is not None:
        raise broken


class Watch:
    """Looks at one frame after the other and says where a cut is."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None
        self._usual: deque[float] = deque(maxlen=MEMORY)

    def cut(self, frame: np.ndarray) -> bool:
        """Whether ``frame`` [H, W, 3] uint8 begins a new shot."""
        import cv2

        small = cv2.resize(frame, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
        last, self._last = self._last, small
        if last is None:
            return False
        elsewhere = apart(histogram(last), histogram(small))
        changed = float(np.abs(small.astype(np.float32).mean(-1) - last.astype(np.float32).mean(-1)).mean()) / 255
        usual = float(np.median(self._usual)) if self._usual else 0.0
        found = elsewhere > ELSEWHERE and changed > CHANGED and changed > SUDDEN * usual
        if found:
            self._usual.clear()
        else:
            self._usual.append(changed)
        return found


def histogram(frame: np.ndarray) -> np.ndarray:
    """[512] share of the pixels in each colour bin; neighbouring bins are mixed, so that light may flicker."""
    import cv2

    counts = cv2.calcHist([frame], [0, 1, 2], None, [BINS] * 3, [0, 256] * 3)
    kernel = np.array([0.25, 0.5, 0.25])
    for axis in range(3):
        counts = np.apply_along_axis(lambda line: np.convolve(line, kernel, "same"), axis, counts)
    return (counts / max(counts.sum(), 1)).ravel()


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Half the L1 distance of two histograms, 0 (same) to 1 (no colour in common)."""
    return float(np.abs(one - other).sum() / 2)

"""Writing in the picture: boxes by PP-OCR's nets, and the mask that training leaves out of its loss (paper §3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ...errors import HumanDiTError, MissingDependency

STEP = 5
"""Frames from one looked-at frame to the next."""
SURE = 0.6
"""Confidence of the reading from which a box holds writing: the box finder alone sees letters in fences and leaves."""
ROOM = 0.15
"""Room around a box in its heights: letters have outlines and shadows."""
PACKAGE = "rapidocr-onnxruntime"
CHOICES = ("auto", "rapidocr", "none")


@runtime_checkable
class TextFinder(Protocol):
    """What finds writing.

    Attributes:
        name: what a report calls it.
    """

    name: str

    def __call__(self, frame: np.ndarray) -> list[np.ndarray]:
        """Corners [4, 2] in pixels of every line of writing in a uint8 RGB frame [H, W, 3]."""
        ...


class RapidOCR:
    """PP-OCR's nets as the wheel of RapidOCR brings them: a line counts when it can also be read."""

    name = "PP-OCRv4 (RapidOCR)"

    def __init__(self) -> None:
        try:
            from rapidocr_onnxruntime import RapidOCR as Engine
        except ImportError as error:
            raise MissingDependency(
                f"Finding text needs RapidOCR, got: {error}. Run: pip install {PACKAGE} (or build with --text none)"
            ) from error
        self._engine: Any = Engine(intra_op_num_threads=1, inter_op_num_threads=1)

    def __call__(self, frame: np.ndarray) -> list[np.ndarray]:
        """See :class:`TextFinder`."""
        answer, _ = self._engine(np.ascontiguousarray(frame[..., ::-1]), use_cls=False)
        lines = [(np.array(corners, np.float32), str(text), float(sure)) for corners, text, sure in answer or ()]
        return [corners for corners, text, sure in lines if sure >= SURE and len(text.strip()) > 1]


def load_text(choice: str) -> TextFinder | None:
    """What finds writing: "rapidocr"; "none"; "auto" takes RapidOCR where it is installed.

    Raises:
        MissingDependency: "rapidocr" without the package.
    """
    if choice not in CHOICES:
        raise HumanDiTError(f"Text is found by {', '.join(CHOICES)}, got {choice!r}.")
    if choice == "none":
        return None
    try:
        return RapidOCR()
    except MissingDependency:
        if choice == "auto":
            return None
        raise


def find_text(finder: TextFinder, frames: np.ndarray) -> list[list[np.ndarray]]:
    """For every frame of [T, H, W, 3] the corners of its lines: every fifth frame and the last are looked at, the
    others take what was found before and after them, for a line may come or go in between."""
    looked = sorted({*range(0, len(frames), STEP), len(frames) - 1})
    found = {t: finder(frames[t]) for t in looked}
    lines = []
    for t in range(len(frames)):
        before = max(look for look in looked if look <= t)
        after = min(look for look in looked if look >= t)
        lines.append(found[t] if t in found else [*found[before], *found[after]])
    return lines


def text_masks(lines: Sequence[Sequence[np.ndarray]], height: int, width: int) -> np.ndarray:
    """[T, height, width] bool: the lines' boxes, a little larger."""
    import cv2

    masks = np.zeros((len(lines), height, width), np.uint8)
    for mask, corners in zip(masks, lines, strict=True):
        for line in corners:
            cv2.fillConvexPoly(mask, np.round(_grown(line)).astype(np.int32), 1)
    return masks > 0


def _grown(corners: np.ndarray) -> np.ndarray:
    """Corners [4, 2], clockwise from the upper left, moved outwards by a share of the line's height."""
    middle = corners.mean(0)
    across, down = corners[1] - corners[0], corners[3] - corners[0]
    width, height = max(float(np.linalg.norm(across)), 1.0), max(float(np.linalg.norm(down)), 1.0)
    grown = np.array([1 + 2 * ROOM * height / width, 1 + 2 * ROOM])
    axes = np.stack([across / width, down / height])
    return middle + ((corners - middle) @ axes.T * grown) @ axes

"""Squares beside each other, rows of frames, close-ups: how a help picture is laid out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from humandit.media.frames import fit_frames
from humandit.media.sheet import contact_sheet
from humandit.metrics.compare import side_by_side
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas

WIDTH, COLUMNS = 480, 4
"""Pixels across, and frames beside each other on a sheet."""
FPS = 12.5
"""Frames per second of what plays."""
ROOM = 1.1
"""Side of a close-up over the longer side of what it shows."""
GAP = 6
"""Pixels between pictures of ``beside``."""


def beside(cells: Mapping[str, np.ndarray]) -> np.ndarray:
    """Labelled square pictures in a row."""
    return playing({label: cell[None] for label, cell in cells.items()})[0]


def playing(films: Mapping[str, np.ndarray]) -> np.ndarray:
    """[T, h, w, 3]: labelled square films in a row, which play together."""
    side = (WIDTH - GAP * (len(films) - 1)) // len(films)
    frames = min(len(film) for film in films.values())
    return side_by_side([(label, fit_frames(film[:frames], Canvas(side, side))) for label, film in films.items()])


def sheet(rows: Mapping[str, np.ndarray], columns: int = COLUMNS) -> np.ndarray:
    """Labelled rows of frames, the same moments of films below each other."""
    return contact_sheet(rows, columns, WIDTH // columns - GAP)


def close(*shown: PoseSequence) -> tuple[slice, slice]:
    """Rows and columns of the square around everything that the poses show, inside their canvas."""
    canvas = shown[0].canvas
    points = np.concatenate([poses.xy[poses.visible] for poses in shown]).clip(0, (canvas.width, canvas.height))
    low, high = points.min(0), points.max(0)
    side = int(min((high - low).max() * ROOM, canvas.width, canvas.height))
    left, top = ((low + high - side) / 2).clip(0, (canvas.width - side, canvas.height - side)).astype(int)
    return slice(top, top + side), slice(left, left + side)


def on_square(frame: np.ndarray) -> np.ndarray:
    """The whole frame in the middle of a grey square."""
    side = max(frame.shape[:2])
    square = np.full((side, side, 3), 60, np.uint8)
    top, left = (side - frame.shape[0]) // 2, (side - frame.shape[1]) // 2
    square[top : top + frame.shape[0], left : left + frame.shape[1]] = frame
    return square

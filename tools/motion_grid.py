"""Several films side by side in one animated picture: a column per case, a row per way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from humandit.data.motion import FPS
from humandit.media.frames import fit_frames
from humandit.types import Canvas

CELL = 120
"""Longest side of a picture, pixels."""
BAND, PAPER = 16, 24
"""Height of a label, grey of the ground."""
SHOWN, QUALITY = 0.75, 50
"""Size of the written picture beside the drawn one, and WebP's quality."""
SLOWER = 2
"""Every second frame is shown."""


def moving_grid(cases: Mapping[str, Mapping[str, np.ndarray]], labels: Sequence[str], path: Path) -> None:
    """Write a WebP at half of the films' speed in frames, at their true speed in time.

    Args:
        cases: name -> rows of frames [T, h, w, 3]; a film that is over holds its last frame.
        labels: of the rows, short.
    """
    from PIL import Image

    films = [[_cells(frames) for frames in rows.values()] for rows in cases.values()]
    length = max(len(film) for rows in films for film in rows)
    shots = []
    for t in range(length):
        columns = [np.concatenate([film[min(t, len(film) - 1)] for film in rows]) for rows in films]
        shot = Image.fromarray(_labelled(np.concatenate(columns, axis=1), list(cases), labels))
        shots.append(shot.resize([round(SHOWN * side) for side in shot.size], Image.Resampling.LANCZOS))
    path.parent.mkdir(parents=True, exist_ok=True)
    timing = {"duration": round(1000 * SLOWER / FPS), "loop": 0}
    shots[0].save(path, save_all=True, append_images=shots[1:], quality=QUALITY, method=6, **timing)


def _cells(frames: np.ndarray) -> np.ndarray:
    """[T', BAND + CELL, CELL, 3]: every second frame in a square, with room for a label above."""
    height, width = frames.shape[1:3]
    scale = (CELL - 4) / max(height, width)
    small = fit_frames(frames[::SLOWER], Canvas(round(width * scale), round(height * scale)), "fit")
    top, left = BAND + (CELL - small.shape[1]) // 2, (CELL - small.shape[2]) // 2
    cells = np.full((len(small), BAND + CELL, CELL, 3), PAPER, np.uint8)
    cells[:, top : top + small.shape[1], left : left + small.shape[2]] = small
    return cells


def _labelled(picture: np.ndarray, names: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """The name of each case above its first row, the label of each row above the rest."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(picture)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(11)
    for column, name in enumerate(names):
        for row, label in enumerate(labels):
            text = name if row == 0 else label
            pen.text((column * CELL + 4, row * (CELL + BAND) + 1), text, fill=(235, 235, 235), font=font)
    return np.asarray(image)

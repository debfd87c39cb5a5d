"""Films side by side in one animated picture, so that they play in step, as text that a page can hold."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping

import numpy as np

from ...media.frames import fit_frames
from ...types import Canvas

CELL = 192
"""Longest side of one film, pixels."""
GAP = 4
QUALITY = 72


def side_by_side(films: Mapping[str, np.ndarray]) -> np.ndarray:
    """uint8 [T, h, w, 3]: films [T, H, W, 3] of one length in a row, white between them. A still, T = 1, is held."""
    frames = max(len(film) for film in films.values())
    cells = []
    for film in films.values():
        height, width = film.shape[1:3]
        scale = CELL / max(height, width)
        small = fit_frames(film, Canvas(max(round(width * scale), 1), max(round(height * scale), 1)), "fit")
        cells.append(np.repeat(small, frames, 0) if len(small) == 1 else small)
    gap = np.full((frames, cells[0].shape[1], GAP, 3), 255, np.uint8)
    row = [part for cell in cells for part in (gap, cell)]
    return np.concatenate(row[1:], axis=2)


def data_uri(frames: np.ndarray, fps: float) -> str:
    """An animated WebP of uint8 frames [T, H, W, 3], as the address of a picture inside the page."""
    from PIL import Image

    pictures = [Image.fromarray(frame) for frame in frames]
    file = io.BytesIO()
    pictures[0].save(file, "WEBP", save_all=True, append_images=pictures[1:], duration=round(1000 / fps), loop=0,
                     quality=QUALITY, method=4)  # fmt: skip
    return "data:image/webp;base64," + base64.b64encode(file.getvalue()).decode("ascii")

"""Contact sheets: labelled rows of frames that belong to the same moments, in one picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import InvalidMedia
from ..types import Canvas
from .frames import fit_frames

GAP = 4
"""Pixels between cells."""
PAPER = 24
"""Grey of the sheet, 0..255."""


def contact_sheet(rows: Mapping[str, np.ndarray], columns: int = 8, cell: int = 160) -> np.ndarray:
    """One uint8 [H, W, 3] picture: a row per label, ``columns`` frames spread evenly over each film.

    Args:
        rows: label -> frames [T, H, W, 3] uint8. A row of one frame (a reference) is repeated.
        columns: frames per row; fewer where every film is shorter.
        cell: longest side of a frame on the sheet, in pixels.
    """
    if not rows or columns < 1 or cell < 8:
        raise InvalidMedia(f"A sheet needs a row, a column and cells of 8 px, got {len(rows)}, {columns} and {cell}.")
    for label, frames in rows.items():
        if frames.ndim != 4 or frames.shape[-1] != 3 or 0 in frames.shape:
            raise InvalidMedia(f"Row {label!r} must hold frames [T, H, W, 3], got {list(frames.shape)}.")
    columns = min(columns, max(len(frames) for frames in rows.values()))
    strips = [_strip(label, frames, columns, cell) for label, frames in rows.items()]
    width = max(strip.shape[1] for strip in strips)
    return np.concatenate([_wide(strip, width) for strip in strips])


def _strip(label: str, frames: np.ndarray, columns: int, cell: int) -> np.ndarray:
    height, width = frames.shape[1:3]
    scale = cell / max(height, width)
    canvas = Canvas(max(round(width * scale), 1), max(round(height * scale), 1))
    picks = frames[np.linspace(0, len(frames) - 1, columns).round().astype(int)]
    gap = np.full((canvas.height, GAP, 3), PAPER, np.uint8)
    cells = [part for frame in fit_frames(picks, canvas, "fit") for part in (gap, frame)]
    row = np.concatenate([*cells, gap], axis=1)
    return np.concatenate([_label(label, row.shape[1]), row, np.full((GAP, row.shape[1], 3), PAPER, np.uint8)])


def _label(text: str, width: int) -> np.ndarray:
    from PIL import Image, ImageDraw, ImageFont

    band = Image.new("RGB", (width, 20), (PAPER, PAPER, PAPER))
    ImageDraw.Draw(band).text((GAP, 3), text, fill=(235, 235, 235), font=ImageFont.load_default(12))
    return np.asarray(band)


def _wide(strip: np.ndarray, width: int) -> np.ndarray:
    return np.pad(strip, ((0, 0), (0, width - strip.shape[1]), (0, 0)), constant_values=PAPER)

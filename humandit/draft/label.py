"""The word "draft" in a corner, so that nobody takes one for the film."""

from __future__ import annotations

import numpy as np

TEXT = "draft"
HEIGHT = 1 / 24
"""Of the frame's longer side; at least 9 pixels."""


def labelled(frame: np.ndarray, text: str = TEXT) -> np.ndarray:
    """uint8 [H, W, 3] with small white letters on a dark shade in the lower left corner."""
    from PIL import Image, ImageDraw, ImageFont

    size = max(round(max(frame.shape) * HEIGHT), 9)
    font = ImageFont.load_default(size)
    left, top, right, bottom = (round(v) for v in font.getbbox(text))
    pad = max(size // 4, 2)
    plate = Image.new("L", (right - left + 2 * pad, bottom - top + 2 * pad), 0)
    ImageDraw.Draw(plate).text((pad - left, pad - top), text, fill=230, font=font)
    letters = np.asarray(plate, np.float32)[-frame.shape[0] :, : frame.shape[1], None]
    out = frame.copy()
    height, width = letters.shape[:2]
    corner = out[-height:, :width]
    out[-height:, :width] = np.maximum(corner * 0.45, letters).astype(np.uint8)
    return out

"""Frames of one size brought to a canvas of another."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..errors import InvalidMedia
from ..framing import Framing
from ..types import Canvas

Mode = Literal["fill", "fit", "pad"]


def fit_frames(frames: np.ndarray, canvas: Canvas, mode: Mode = "fill") -> np.ndarray:
    """[T, H, W, 3] uint8 on ``canvas``.

    Args:
        frames: [T, H, W, 3] uint8, or one picture [H, W, 3] (which comes back as one picture).
        canvas: size of the result.
        mode: "fill" covers the canvas and cuts the overhang equally, "pad" shows everything inside black
            borders, "fit" stretches each side to the canvas (the only one that changes proportions).
    """
    if frames.ndim == 3:
        return fit_frames(frames[None], canvas, mode)[0]
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8 or 0 in frames.shape:
        raise InvalidMedia(f"Expected uint8 frames [T, H, W, 3], got {frames.dtype} {list(frames.shape)}.")
    height, width = frames.shape[1:3]
    size = scaled_size(Canvas(width, height), canvas, mode)
    return np.stack([_placed(_resized(frame, size), canvas) for frame in frames])


def framed_frames(frames: np.ndarray, framing: Framing) -> np.ndarray:
    """[T, H, W, 3] uint8 of the size ``framing.source``, or one picture [H, W, 3], on the canvas as it says."""
    if frames.ndim == 3:
        return framed_frames(frames[None], framing)[0]
    return np.stack([_placed(_resized(frame, framing.scaled), framing.canvas) for frame in frames])


def scaled_size(source: Canvas, canvas: Canvas, mode: Mode) -> Canvas:
    """Size of the scaled picture before it is cut or padded to ``canvas``."""
    ratios = canvas.width / source.width, canvas.height / source.height
    if mode == "fit":
        return canvas
    if mode not in ("fill", "pad"):
        raise InvalidMedia(f'mode must be "fill", "fit" or "pad", got {mode!r}.')
    ratio = max(ratios) if mode == "fill" else min(ratios)
    return Canvas(max(round(source.width * ratio), 1), max(round(source.height * ratio), 1))


def _resized(frame: np.ndarray, size: Canvas) -> np.ndarray:
    import cv2

    if (size.height, size.width) == frame.shape[:2]:
        return frame
    shrinks = size.width * size.height < frame.shape[0] * frame.shape[1]
    return cv2.resize(frame, (size.width, size.height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def _placed(frame: np.ndarray, canvas: Canvas) -> np.ndarray:
    """Centred on the canvas: overhang cut, missing borders black."""
    for axis, wanted in ((0, canvas.height), (1, canvas.width)):
        have = frame.shape[axis]
        if have > wanted:
            start = (have - wanted) // 2
            frame = np.take(frame, range(start, start + wanted), axis)
        elif have < wanted:
            before = (wanted - have) // 2
            border = [(0, 0)] * 3
            border[axis] = (before, wanted - have - before)
            frame = np.pad(frame, border)
    return frame

"""L1, PSNR and SSIM of films, over whole frames and inside person masks. Pure functions on numpy arrays.

Frames are uint8 [T, H, W, 3] or floats in 0..1; data range 1. T = truth-aligned frames, both films the same shape.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from ..errors import InvalidShape

CEILING_DB = 100.0
"""PSNR of identical frames, so that every score is a finite number (JSON has no infinity)."""
WINDOW, SIGMA = 11, 1.5
"""SSIM's Gaussian window (Wang et al., IEEE TIP 2004)."""
C1, C2 = 0.01**2, 0.03**2


def unit(frames: np.ndarray) -> np.ndarray:
    """float64 in 0..1 from 8-bit frames; floats pass."""
    return frames / 255.0 if frames.dtype == np.uint8 else frames.astype(np.float64)


def l1_frames(result: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """[T] mean absolute difference of each frame, 0..1."""
    _same(result, truth, None)
    return np.abs(unit(result) - unit(truth)).mean((1, 2, 3))


def psnr(result: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Mean over frames of 10 log10(1 / MSE) in dB, at most :data:`CEILING_DB`.

    Args:
        result: [T, H, W, 3].
        truth: [T, H, W, 3].
        mask: [T, H, W] bool, pixels that count; frames whose mask is empty are left out.
    """
    return mean_of_seen(psnr_frames(result, truth, mask))


def psnr_frames(result: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """[T] dB of each frame, NaN where the mask is empty; arguments as :func:`psnr`'s."""
    _same(result, truth, mask)
    errors = means_inside(((unit(result) - unit(truth)) ** 2).mean(-1), mask)
    return np.minimum(-10 * np.log10(np.maximum(errors, 1e-30)), CEILING_DB)


def ssim_map(result: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """[T, H, W] structural similarity per pixel, mean of the colours, borders reflected.

    Gaussian window of 11 pixels, sigma 1.5, population variance, K1 0.01 and K2 0.03 as in the original paper.
    """
    _same(result, truth, None)
    return np.stack([_ssim_frame(a, b) for a, b in zip(unit(result), unit(truth), strict=True)])


def ssim(result: np.ndarray, truth: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Mean over frames of SSIM. Without a mask only whole windows count (5 pixels off each border), as is usual.

    Args:
        result: [T, H, W, 3], at least 11 x 11 pixels.
        truth: [T, H, W, 3].
        mask: [T, H, W] bool, pixels that count; frames whose mask is empty are left out.
    """
    _same(result, truth, mask)
    return mean_of_seen(ssim_frames(ssim_map(result, truth), mask))


def ssim_frames(similar: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """[T] SSIM of each frame from its map (:func:`ssim_map`), NaN where the mask is empty; see :func:`ssim`."""
    edge = WINDOW // 2
    return means_inside(similar[:, edge:-edge, edge:-edge] if mask is None else similar, mask)


def means_inside(values: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """[T] means of values [T, H, W] over the frame, or inside a mask [T, H, W]; NaN where that is empty."""
    if mask is None:
        return values.mean((1, 2))
    return np.array(
        [frame[inside].mean() if inside.any() else np.nan for frame, inside in zip(values, mask, strict=True)]
    )


def mean_of_seen(values: np.ndarray) -> float:
    """Mean of the numbers that are known (not NaN); 0 where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def person_area(reference: np.ndarray, masks: np.ndarray, grow: int | None = None) -> np.ndarray:
    """[T, H, W] bool: where the person is in the frame OR in the reference, grown by ``grow`` pixels on each side.

    This is where a result can be right or wrong: the person must appear here and must vanish from there. A still
    background outside would flatter every rival.

    Args:
        reference: [H, W] bool, the true person in the reference picture.
        masks: [T, H, W] bool, the true person in each frame.
        grow: pixels; by default 1/32 of the shorter side.
    """
    pixels = max(min(reference.shape) // 32, 1) if grow is None else grow
    union = torch.from_numpy(masks | reference[None]).float()[:, None]
    return (F.max_pool2d(union, 2 * pixels + 1, stride=1, padding=pixels)[:, 0] > 0).numpy()


def _ssim_frame(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    mean_x, mean_y, xx, yy, xy = (_blur(part) for part in (x, y, x * x, y * y, x * y))
    var_x, var_y, cov = xx - mean_x**2, yy - mean_y**2, xy - mean_x * mean_y
    top = (2 * mean_x * mean_y + C1) * (2 * cov + C2)
    bottom = (mean_x**2 + mean_y**2 + C1) * (var_x + var_y + C2)
    return (top / bottom).mean(-1)


def _blur(x: np.ndarray) -> np.ndarray:
    """[H, W, 3] float64 through the separable window; borders reflected."""
    import cv2

    at = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-(at**2) / (2 * SIGMA**2))
    weights = weights / weights.sum()
    return cv2.sepFilter2D(x, -1, weights, weights, borderType=cv2.BORDER_REFLECT_101)


def _same(result: np.ndarray, truth: np.ndarray, mask: np.ndarray | None) -> None:
    if result.shape != truth.shape or result.ndim != 4 or result.shape[-1] != 3:
        raise InvalidShape(
            f"Two films of one shape [T, H, W, 3] are compared, got {list(result.shape)} and {list(truth.shape)}."
        )
    if mask is not None and mask.shape != truth.shape[:3]:
        raise InvalidShape(f"A mask for these frames is {list(truth.shape[:3])}, got {list(mask.shape)}.")

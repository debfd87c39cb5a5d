"""L1 and SSIM as the DisCo scripts count them, which the paper's Table 1 follows (its L1 is of the order of 1e-5).

Source: ``tool/metrics/ssim_l1_lpips_psnr.py`` of Wangt-CN/DisCo, own code. The PSNR of that file subtracts bytes from
bytes, so that differences wrap round at 256; what it means is :func:`.image.psnr`.
"""

from __future__ import annotations

import numpy as np

from ..errors import InvalidShape

WINDOW = 7
"""Side of the even window of scikit-image's ``structural_similarity``."""
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def l1_frames(result: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """[T] mean absolute difference of uint8 frames in grey levels (0..255), divided by the frame's pixels."""
    height, width = _bytes(result, truth).shape[1:3]
    levels = np.abs(result.astype(np.int16) - truth.astype(np.int16)).mean((1, 2, 3))
    return levels / (height * width)


def ssim_frames(result: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """[T] SSIM of the frames in grey: an even 7 x 7 window, sample variances, 3 pixels off each border."""
    _bytes(result, truth)
    return np.array([_ssim(grey(a), grey(b)) for a, b in zip(result, truth, strict=True)])


def grey(frame: np.ndarray) -> np.ndarray:
    """[H, W] uint8 luma of RGB, as OpenCV rounds it."""
    import cv2

    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)


def _ssim(a: np.ndarray, b: np.ndarray) -> float:
    x, y = (frame.astype(np.float64) for frame in (a, b))
    mean_x, mean_y, xx, yy, xy = (_windows(part) for part in (x, y, x * x, y * y, x * y))
    sample = WINDOW**2 / (WINDOW**2 - 1)
    var_x, var_y = sample * (xx - mean_x**2), sample * (yy - mean_y**2)
    cov = sample * (xy - mean_x * mean_y)
    top = (2 * mean_x * mean_y + C1) * (2 * cov + C2)
    return float((top / ((mean_x**2 + mean_y**2 + C1) * (var_x + var_y + C2))).mean())


def _windows(x: np.ndarray) -> np.ndarray:
    """Means of all whole windows of [H, W] float64."""
    import cv2

    edge = WINDOW // 2
    return cv2.blur(x, (WINDOW, WINDOW))[edge:-edge, edge:-edge]


def _bytes(result: np.ndarray, truth: np.ndarray) -> np.ndarray:
    if result.dtype != np.uint8 or result.shape != truth.shape or result.ndim != 4:
        raise InvalidShape(
            f"Two uint8 films of one shape [T, H, W, 3] are compared, got {result.dtype} {list(result.shape)} and "
            f"{truth.dtype} {list(truth.shape)}."
        )
    return result

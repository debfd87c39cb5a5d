"""What spoils a crop, a little more each time: blur, motion, compression, a lower resolution, something in front."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..data.clips.regions import SIDE

RANKS = 5
"""Crops of a set (paper App. A.1)."""
Spoil = Callable[[np.ndarray, float], np.ndarray]


def spoilt(crop: np.ndarray, fault: str, rng: np.random.Generator) -> np.ndarray:
    """[5, 64, 64, 3] of one crop: as it is, then worse and worse."""
    how = FAULTS[fault](rng)
    return np.stack([crop, *(how(crop, step / (RANKS - 1)) for step in range(1, RANKS))])


def _blur(rng: np.random.Generator) -> Spoil:
    import cv2

    most = rng.uniform(2.5, 5)
    return lambda crop, part: cv2.GaussianBlur(crop, (0, 0), 0.4 + most * part)


def _motion(rng: np.random.Generator) -> Spoil:
    import cv2

    most, angle = rng.uniform(12, 24), rng.uniform(0, 180)

    def spoil(crop: np.ndarray, part: float) -> np.ndarray:
        length = max(round(most * part), 2)
        line = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
        line[length, length - length // 2 : length + length // 2 + 1] = 1
        turn = cv2.getRotationMatrix2D((length, length), float(angle), 1)
        line = cv2.warpAffine(line, turn, line.shape[::-1])
        return cv2.filter2D(crop, -1, line / line.sum(), borderType=cv2.BORDER_REPLICATE)

    return spoil


def _compression(rng: np.random.Generator) -> Spoil:
    import cv2

    worst, half = rng.uniform(2, 8), rng.random() < 0.5

    def spoil(crop: np.ndarray, part: float) -> np.ndarray:
        small = cv2.resize(crop, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA) if half else crop
        quality = int(45 * (worst / 45) ** part)
        done = cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
        return cv2.resize(np.asarray(done), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)

    return spoil


def _resolution(rng: np.random.Generator) -> Spoil:
    import cv2

    least = rng.uniform(6, 12)

    def spoil(crop: np.ndarray, part: float) -> np.ndarray:
        side = round(48 * (least / 48) ** part)
        small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)

    return spoil


def _occlusion(rng: np.random.Generator) -> Spoil:
    import cv2

    most, angle = rng.uniform(0.6, 0.95), rng.uniform(0, 2 * np.pi)
    colour, grain = rng.uniform(0, 255, 3), rng.normal(0, rng.uniform(0, 20), (8, 8, 3))
    surface = np.clip(colour + cv2.resize(grain, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), 0, 255)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    along = x * np.cos(angle) + y * np.sin(angle) + 0.5

    def spoil(crop: np.ndarray, part: float) -> np.ndarray:
        edge = np.quantile(along, most * part)
        cover = np.clip((edge - along) * SIDE / 2 + 0.5, 0, 1)[..., None]
        return (crop * (1 - cover) + surface * cover).astype(np.uint8)

    return spoil


FAULTS: dict[str, Callable[[np.random.Generator], Spoil]] = {
    "blur": _blur, "motion": _motion, "compression": _compression, "resolution": _resolution, "occlusion": _occlusion,
}  # fmt: skip
"""What spoils a set."""

"""How good whole frames look, 0..100: Q-Align, as in the paper, or a weaker measure under its own name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ...errors import InvalidWeights, MissingDependency
from .measures import blockiness, blurriness, grey, noisiness

LARGEST = 512
"""Longest side in pixels at which the measures look: blur is told per pixel."""
CRISP, PER_BLUR = 0.4, 200.0
"""Blurriness of crisp films, and what more of it costs."""
FULL = 90.0
"""Score at that blurriness."""
BLOCKS, PER_BLOCK = 0.3, 25.0
NOISE, PER_NOISE = 3.0, 2.0
"""Blockiness and noise that cost nothing, and what more of them costs."""


@runtime_checkable
class FrameQuality(Protocol):
    """What scores frames.

    Attributes:
        name: what a report calls it.
    """

    name: str

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """[N] scores 0 (bad) to 100 (excellent) of uint8 RGB frames [N, H, W, 3]."""
        ...


class SimpleQuality:
    """Blur, blocks and noise. Knows nothing of exposure, composition or faces.

    On eight films of 350 pixels crisp frames score 90 to 100, blurred by 1 px 60 to 98, by 2 px 30 to 54; JPEG of
    quality 8 costs 25 to 45, noise of 10 grey levels 7 to 10.
    """

    name = "blur, blocks and noise (no net; weaker than Q-Align)"

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """See :class:`FrameQuality`."""
        return np.array([self._score(_small(frame)) for frame in frames])

    def _score(self, frame: np.ndarray) -> float:
        picture = grey(frame)
        score = FULL - PER_BLUR * (blurriness(picture) - CRISP)
        score -= PER_BLOCK * max(blockiness(picture) - BLOCKS, 0) + PER_NOISE * max(noisiness(picture) - NOISE, 0)
        return float(np.clip(score, 0, 100))


class QAlign:
    """Q-Align (Wu et al., ICML 2024) by its authors' own package ``q_align``, with weights in a folder of the user's.

    Only that installed package runs: code that lies beside the weights does not. Its marks 0..1 become 0..100.
    """

    def __init__(self, score: Any, name: str) -> None:
        self.score, self.name = score, name

    @classmethod
    def load(cls, folder: str | Path) -> QAlign:
        """The model in ``folder``.

        Raises:
            MissingDependency: no such folder, or no ``q_align``. InvalidWeights: the package cannot read the folder.
        """
        if not (Path(folder) / "config.json").is_file():
            raise MissingDependency(f"There is no Q-Align in {folder}: expected a folder with config.json and weights.")
        try:
            import torch
            from q_align import QAlignScorer
        except ImportError as error:
            raise MissingDependency(
                "Q-Align needs its authors' package q_align, from github.com/Q-Future/Q-Align. Install it, or leave "
                "--quality out: a simple measure stands in."
            ) from error
        device = "cuda:0" if torch.cuda.is_available() else "cpu"
        try:
            return cls(QAlignScorer(pretrained=str(folder), device=device), f"Q-Align ({Path(folder).name})")
        except Exception as error:  # the package may raise anything
            raise InvalidWeights(f"Q-Align in {folder} cannot be loaded: {_first_line(error)}") from error

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """See :class:`FrameQuality`."""
        from PIL import Image

        marks = np.asarray([float(mark) for mark in self.score([Image.fromarray(frame) for frame in frames])])
        if marks.shape != (len(frames),) or not np.isfinite(marks).all():
            raise InvalidWeights(f"{self.name} gave {marks.shape} marks for {len(frames)} frames. Use Q-Align itself.")
        return np.clip(marks * 100, 0, 100)


def _small(frame: np.ndarray) -> np.ndarray:
    import cv2

    scale = LARGEST / max(frame.shape[:2])
    if scale >= 1:
        return frame
    size = max(round(frame.shape[1] * scale), 1), max(round(frame.shape[0] * scale), 1)
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]

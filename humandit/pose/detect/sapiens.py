"""Sapiens: Meta's heat-map pose nets in TorchScript, with 17, 133 or 308 points."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InvalidWeights, MissingDependency
from .heads import heatmap_points
from .points import checked_count
from .simcc import MEAN, STD
from .window import Window

SIZE = (768, 1024)
"""Width and height of the picture; TorchScript files do not tell."""


class SapiensNet:
    """A Sapiens pose net; see :class:`humandit.pose.detect.topdown.PoseNet`.

    TorchScript runs the code inside the file: load only files that the user chose by name. Red first, normalised as
    ImageNet and not distorted, as in training (facebookresearch/sapiens, ``sapiens_1b-210e_goliath-1024x768.py``).
    """

    def __init__(self, path: str | Path, device: str | None = None) -> None:
        import torch

        self.size, self.aspect = SIZE, SIZE[0] / SIZE[1]
        self._path = Path(path)
        wanted = (device or "cuda").startswith("cuda") and torch.cuda.is_available()
        self._place = (device or "cuda") if wanted else "cpu"
        self._net = _load(self._path, self._place)
        self.device = f"{self._place} (TorchScript)"
        checked_count(len(self._maps(np.zeros((*self.size[::-1], 3), np.uint8))), self._path.name)

    def __call__(self, frame: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray]:
        unit, score = heatmap_points(self._maps(window.crop(frame, *self.size, whole=True)))
        return window.place(unit), score

    def _maps(self, crop: np.ndarray) -> np.ndarray:
        """[K, h, w] of a uint8 RGB crop."""
        import torch

        pixels = ((crop.astype(np.float32) - MEAN) / STD).transpose(2, 0, 1)[None]
        try:
            with torch.inference_mode():
                maps = self._net(torch.from_numpy(pixels.copy()).to(self._place))
        except RuntimeError as error:
            raise InvalidWeights(f"{self._path.name} cannot take pictures {list(pixels.shape)}: {error}") from error
        if not isinstance(maps, torch.Tensor) or maps.ndim != 4 or maps.shape[0] != 1:
            got = list(maps.shape) if isinstance(maps, torch.Tensor) else type(maps).__name__
            raise InvalidWeights(
                f"Expected heat maps [1, K, h, w] from {self._path.name}, got {got}. Choose another file."
            )
        return maps[0].float().cpu().numpy()


def is_torchscript(path: Path) -> bool:
    """Whether a file is a TorchScript archive, told by its table of contents; nothing is run."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return any(name.endswith("/constants.pkl") for name in names) and any("/code/" in name for name in names)


def _load(path: Path, place: str) -> Any:
    import torch

    if not path.is_file():
        raise MissingDependency(f"There is no pose net {path}. Check the path.")
    if not is_torchscript(path):
        raise InvalidWeights(
            f"Expected a Sapiens pose net in TorchScript, but {path.name} is none. Take a file whose name ends in "
            "_torchscript.pt2."
        )
    try:
        return torch.jit.load(str(path), map_location=place).eval()
    except (RuntimeError, ValueError) as error:
        raise InvalidWeights(f"PyTorch cannot load {path.name}: {str(error).splitlines()[0]}") from error

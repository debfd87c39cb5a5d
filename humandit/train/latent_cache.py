"""Latents on disk: what was encoded once is read the next time."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from torch import Tensor

from ..video.vae import Autoencoder
from ..weights.save import write_whole
from .clip_frames import Window
from .say import say

Pair = tuple[Tensor, Tensor]
"""Prefix [1, C, h, w], and the latents after it [n, C, h, w]."""
TYPE = torch.float16
"""Of latents on disk. Fresh ones are rounded to it too, so that a run sees the same whether it finds them or not."""


class LatentCache:
    """Files named after everything that their latents depend on: clip, window, shape and autoencoder."""

    def __init__(self, folder: Path, vae: Autoencoder) -> None:
        self.folder, self.vae, self.full = folder, weights_print(vae), False

    def find(self, window: Window) -> Pair | None:
        """Latents of ``window``, float32, on the CPU; None where none lie."""
        found = self._read(self.path(window))
        return None if found is None else (found[NAMES[0]].float(), found[NAMES[1]].float())

    def keep(self, window: Window, latents: Pair) -> Pair:
        """Write them; returns them as they will be found."""
        rounded = {name: value.to("cpu", TYPE) for name, value in zip(NAMES, latents, strict=True)}
        self._write(self.path(window), rounded)
        return rounded[NAMES[0]].float(), rounded[NAMES[1]].float()

    def path(self, window: Window) -> Path:
        """Where a window's latents lie."""
        clip, shape = window.clip, window.shape
        told = (self.vae, clip.shard.name, clip.key, clip.film, clip.places, window.times, shape)
        name = hashlib.sha256(repr(told).encode()).hexdigest()[:32]
        return self.folder / name[:2] / f"{name}.safetensors"

    def _read(self, path: Path) -> dict[str, Tensor] | None:
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            return load_file(path)
        except (SafetensorError, OSError):
            return None

    def _write(self, path: Path, values: dict[str, Tensor]) -> None:
        """A full disk costs time, not the training."""
        if self.full:
            return
        try:
            write_whole(path, values, {})
        except Exception as problem:  # safetensors has a class of its own for what the system says
            self.full = True
            say(f"No more latents are kept in {self.folder} ({problem}); training goes on and encodes them anew.")


NAMES = ("prefix", "latents")
"""Tensors of a file."""


def weights_print(vae: Autoencoder) -> str:
    """A digest of an autoencoder's weights."""
    digest = hashlib.sha256()
    assert isinstance(vae, torch.nn.Module)
    for name, value in vae.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:16]

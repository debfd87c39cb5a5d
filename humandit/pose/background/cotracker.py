"""CoTracker (Karaev et al., ECCV 2024), as the paper uses, from a TorchScript file of the user's own.

The file's ``forward(video, queries)`` takes the video [1, T, 3, H, W], float 0..255, and queries [1, N, 3] of
(frame, x, y) in pixels, and returns tracks [1, T, N, 2] in pixels and visibility [1, T, N], bool or 0..1.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import InvalidWeights, MissingDependency
from .corners import View, corners

WINDOW = 48
"""Frames that the net sees at once; the last of them is the next window's first, so any film fits into memory."""
SIGNATURE = (
    "forward(video [1, T, 3, H, W] float 0..255, queries [1, N, 3] as (frame, x, y)) "
    "-> (tracks [1, T, N, 2], visibility [1, T, N])"
)


class CoTracker:
    """Follows the first frame's corners with a net that also knows when they are covered. Lost points stay lost."""

    def __init__(self, net: torch.jit.ScriptModule, device: str = "cpu") -> None:
        self.net, self.device = net, device

    @classmethod
    def load(cls, path: str | Path, device: str | None = None) -> CoTracker:
        """The tracker in a TorchScript file.

        Args:
            path: the file.
            device: None takes the GPU if there is one.

        Raises:
            MissingDependency: no file there.
            InvalidWeights: not TorchScript, or another signature.
        """
        if not Path(path).is_file():
            raise MissingDependency(f"There is no CoTracker at {path}. Give the path of a TorchScript file.")
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            net = torch.jit.load(str(path), map_location=device).eval()
        except (RuntimeError, ValueError) as error:
            raise InvalidWeights(
                f"{Path(path).name} is no TorchScript file. Export CoTracker by torch.jit.trace as {SIGNATURE}."
            ) from error
        takes = [argument.name for argument in net.forward.schema.arguments][1:]
        if len(takes) != 2:
            raise InvalidWeights(f"{Path(path).name} takes ({', '.join(takes)}), expected {SIGNATURE}.")
        return cls(net, device)

    def follow(self, views: Iterator[View], count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """See :class:`.track.Tracker`."""
        window = list(islice(views, WINDOW))
        found = corners(window[0], count, np.zeros((0, 2), np.float32))
        held = np.zeros((count, 2), np.float32)
        held[: len(found)] = found
        first = True
        while window:
            xy, seen = self._followed(window, held[: len(found)])
            for view, places, shown in list(zip(window, xy, seen, strict=True))[0 if first else 1 :]:
                held = held.copy()
                held[: len(found)] = places
                visible = np.zeros(count, bool)
                visible[: len(found)] = shown & view.open(places)
                yield held, visible
            later = list(islice(views, WINDOW - 1))
            window, first = [window[-1], *later] if later else [], False

    @torch.inference_mode()
    def _followed(self, window: list[View], start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places [T, N, 2] and visibility [T, N] of points that start at ``start`` [N, 2] in the first frame."""
        if not len(start):
            return np.zeros((len(window), 0, 2), np.float32), np.zeros((len(window), 0), bool)
        video = torch.from_numpy(np.stack([view.frame for view in window])).permute(0, 3, 1, 2)[None]
        queries = torch.from_numpy(np.concatenate([np.zeros((len(start), 1)), start], 1))[None]
        try:
            answer = self.net(video.to(self.device, torch.float32), queries.to(self.device, torch.float32))
        except RuntimeError as error:
            last = str(error).strip().splitlines()[-1]
            raise InvalidWeights(
                f"This CoTracker failed on {len(window)} frames ({last}). Needed: {SIGNATURE}."
            ) from error
        tracks, visibility = checked_answer(answer, len(window), len(start))
        return tracks.float().cpu().numpy(), (visibility.float() > 0.5).cpu().numpy()


def checked_answer(answer: Any, frames: int, points: int) -> tuple[Tensor, Tensor]:
    """Tracks [T, N, 2] and visibility [T, N], or :class:`InvalidWeights` for anything else."""
    parts = answer if isinstance(answer, (tuple, list)) else [answer]
    shapes = [list(part.shape) if isinstance(part, Tensor) else type(part).__name__ for part in parts]
    if shapes != [[1, frames, points, 2], [1, frames, points]]:
        raise InvalidWeights(f"This CoTracker returned {shapes} for {frames} frames and {points} points: {SIGNATURE}.")
    return parts[0][0], parts[1][0]

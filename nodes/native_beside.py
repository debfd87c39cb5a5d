"""What models are given beside the noise, on the host: a side network's help, and a film that is seen window by window.

Keys of the host's transformer options carry it to the transformer, for one run only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import comfy.samplers
from torch import Tensor

from ..humandit.video.overlap import Overlap, blended, spans

BESIDE = "humandit_beside"
"""Key: a side network's (latents with the control behind them, timestep, run) -> run with its help."""
START = "humandit_start"
"""Key: latent frame of the film at which the window that is asked for starts."""
FRAMES = 2
"""Axis of the frames in the host's latents, [B, C, F, h, w]."""
MEMORY = "humandit_window"
"""Name of the wrapper that tells the host how much is seen at once."""


class FilmGuider(comfy.samplers.CFGGuider):
    """Guidance on the prompt, over a film that is cut into windows where it is long.

    Args:
        scale: of the guidance; at 1 the host asks the model once.
        frames: latent frames of the film.
        overlap: how it is cut; None to see all of it at once.
    """

    def __init__(self, model: Any, scale: float, frames: int, overlap: Overlap | None = None) -> None:
        super().__init__(model)
        self.set_cfg(scale)
        self.windows: Sequence[slice] = spans(frames, overlap)
        self.shared = overlap.shared if overlap else 0

    def predict_noise(self, x: Tensor, timestep: Tensor, model_options: Any = None, seed: Any = None) -> Tensor:
        parts = [self._window(window, x, timestep, model_options or {}, seed) for window in self.windows]
        return blended(parts, self.windows, self.shared, FRAMES)

    def _window(self, window: slice, x: Tensor, timestep: Tensor, options: dict[str, Any], seed: Any) -> Tensor:
        here = {**options, "transformer_options": {**options.get("transformer_options", {}), START: window.start}}
        return super().predict_noise(x[:, :, window], timestep, here, seed)


def counted_by_window(model: Any, overlap: Overlap) -> Any:
    """A clone of the MODEL for which the host sets memory aside for one window, not for the whole film."""
    import comfy.patcher_extension as extension

    def prepare(executor: Any, patcher: Any, shape: Sequence[int], *args: Any, **kwargs: Any) -> Any:
        window = [*shape[:FRAMES], min(shape[FRAMES], overlap.length), *shape[FRAMES + 1 :]]
        return executor(patcher, window, *args, **kwargs)

    clone = model.clone()
    clone.add_wrapper_with_key(extension.WrappersMP.PREPARE_SAMPLING, MEMORY, prepare)
    return clone

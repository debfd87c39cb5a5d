"""What the presets of speed spare, on the host: guidance outside an interval, blocks where little has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import comfy.samplers
from torch import Tensor

from ..humandit.video.sample import Sampling, block_runs

RUNS = "humandit_runs"
"""Key of the host's transformer options: with the pose? -> how this run goes through the blocks."""


def sparing(model: Any, sampling: Sampling) -> Any:
    """A clone of the MODEL for ONE run, with caches of its own; the MODEL itself where nothing is cached."""
    if sampling.cache == 0:
        return model
    clone = model.clone()
    clone.model_options.setdefault("transformer_options", {})[RUNS] = block_runs(sampling)
    return clone


class IntervalGuider(comfy.samplers.CFGGuider):
    """Guidance whose scale depends on the noise level.

    Args:
        scale_at: noise level (sigma) -> scale; at 1 the host asks the model once.
    """

    def __init__(self, model: Any, scale_at: Callable[[float], float]) -> None:
        super().__init__(model)
        self.scale_at = scale_at

    def predict_noise(self, x: Tensor, timestep: Tensor, model_options: Any = None, seed: Any = None) -> Tensor:
        self.set_cfg(self.scale_at(float(timestep.flatten()[0])))
        return super().predict_noise(x, timestep, model_options or {}, seed)


def scale_by_sigma(sampling: Sampling, sigmas: dict[int, float]) -> Callable[[float], float]:
    """:meth:`Sampling.guidance_at` by the host's noise levels (timestep -> sigma) instead of timesteps."""

    def scale(sigma: float) -> float:
        return sampling.guidance_at(min(sigmas, key=lambda t: abs(sigmas[t] - sigma)))

    return scale

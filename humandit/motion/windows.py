"""Windows rolled over any length: the last frames of one are the noise-free prefix of the next (paper §3.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..diffusion.samplers import OnStep
from ..diffusion.sampling import Sampling, sample_after, segment_noise
from .model import KeypointDiT

OnWindow = Callable[[int, int, int, Tensor], None]
"""Called with the steps that are done, those there are, the window's first frame, and the window as it is now [1, F,
2K]; raising inside it stops the run."""


@dataclass(frozen=True)
class Window:
    """Frames ``start`` .. ``stop`` - 1 denoised together; those before ``known`` are there already."""

    start: int
    known: int
    stop: int


def plan_windows(frames: int, prefix: int, first: int, window: int, overlap: int) -> list[Window]:
    """Windows over ``frames`` frames of which ``prefix`` are given.

    Args:
        first: frames of the first window.
        window, overlap: frames of every other, and those of them that are the one's before; prefix <= overlap.
    """
    windows = [Window(0, prefix, min(first, frames))]
    while (known := windows[-1].stop) < frames:
        windows.append(Window(known - overlap, known, min(known - overlap + window, frames)))
    return windows


def whole_windows(frames: int, window: int, overlap: int) -> int:
    """The smallest number of frames, at least ``frames``, that is made of whole windows alone."""
    return window + max(-(-(frames - window) // (window - overlap)), 0) * (window - overlap)


@dataclass(frozen=True)
class Wish:
    """What all frames together should be.

    Attributes:
        presence: [1, T, K], joints that the result has.
        condition, condition_presence: [1, T, 2K] and [1, T, K], poses to follow; None for none.
        energy: how lively the motion is (see ``energy.py``), None where that is free.
    """

    presence: Tensor
    condition: Tensor | None = None
    condition_presence: Tensor | None = None
    energy: float | None = None

    def __getitem__(self, frames: slice) -> Wish:
        parts = (self.presence, self.condition, self.condition_presence)
        cut = (None if part is None else part[:, frames] for part in parts)
        return Wish(*cut, energy=self.energy)  # type: ignore[arg-type]

    @property
    def leads(self) -> bool:
        """Whether anything is asked for: an energy, or a joint of the condition."""
        shown = self.condition_presence is not None and bool(self.condition_presence.any())
        return shown or self.energy is not None


@torch.inference_mode()
def roll(model: KeypointDiT, prefix: Tensor, wish: Wish, first: int, sampling: Sampling, on_step: OnWindow) -> Tensor:
    """Everything after ``prefix`` [1, P, 2K], window by window.

    Args:
        first: frames of the first window; the others have the model's.
        sampling: guidance is on condition and energy, and off in a window that has neither.

    Returns:
        [1, T, 2K] float32 on the CPU, T as in ``wish``, the prefix first and untouched.
    """
    config = model.config
    windows = plan_windows(wish.presence.shape[1], prefix.shape[1], first, config.window, config.overlap)
    done = prefix
    for index, window in enumerate(windows):
        noise = segment_noise(sampling.seed, index, (1, window.stop - window.known, prefix.shape[2]))
        report = _counting(on_step, index * sampling.steps, len(windows) * sampling.steps, window.start)
        part = wish[window.start : window.stop]
        result = _denoised(model, done[:, window.start :], part, noise, sampling, report)
        done = torch.cat([done, result[:, window.known - window.start :]], dim=1)
    return done


def _denoised(
    model: KeypointDiT, prefix: Tensor, wish: Wish, noise: Tensor, sampling: Sampling, report: OnStep
) -> Tensor:
    weight = model.point_embed.weight
    presence, condition, condition_presence = (
        None if part is None else part.to(weight) for part in (wish.presence, wish.condition, wish.condition_presence)
    )

    energy = None if wish.energy is None else weight.new_tensor([wish.energy])

    def ask(points: Tensor, timestep: Tensor, conditioned: bool) -> Tensor:
        asked = {"condition": condition, "condition_presence": condition_presence, "energy": energy}
        given = asked if conditioned else {}
        return model(points.to(weight.dtype), presence, timestep, prefix_frames=prefix.shape[1], **given).float()

    sampling = sampling if wish.leads else replace(sampling, guidance=1)
    return sample_after(prefix.to(weight.device), noise, ask, model.config, sampling, report).cpu()


def _counting(on_step: OnWindow, before: int, total: int, start: int) -> OnStep:
    return lambda done, steps, clean: on_step(before + done, total, start, clean)

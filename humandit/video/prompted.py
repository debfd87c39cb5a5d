"""Sampling as CogVideoX itself does: everything is noise, and the guidance is on the prompt.

The models with a control latent (I2V, Fun) get it beside the noise, with the prompt and without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from ..diffusion.runs import RunBlocks
from ..diffusion.samplers import OnStep
from ..diffusion.sampling import Sampling, sample_after
from ..errors import InvalidShape
from .config import DiTConfig
from .model import HumanDiT
from .overlap import Overlap, blended, spans
from .sample import block_runs

Beside = Callable[[Tensor, Tensor, RunBlocks], RunBlocks]
"""(latents [B, F, C, h, w], timestep [B], how a run goes through the blocks) -> the same with a side network's help."""


def alone(latents: Tensor, timestep: Tensor, run: RunBlocks) -> RunBlocks:
    """No side network."""
    return run


NO_PROMPT = (
    "This model follows a prompt, and got none; no empty prompt is stored in its weights either. Connect a prompt: "
    "a T5-XXL text encoder reads it."
)
"""What whoever gives a model no prompt is told."""


@torch.inference_mode()
def sample_prompted(
    model: HumanDiT,
    control: Tensor,
    noise: Tensor,
    text: Tensor | None,
    negative_text: Tensor | None,
    sampling: Sampling,
    on_step: OnStep = lambda done, total, clean: None,
    beside: Beside = alone,
    overlap: Overlap | None = None,
    any_size: bool = False,
) -> Tensor:
    """Denoise films that follow a prompt.

    Args:
        model: a video DiT that takes a control latent.
        control: [B, F, control_channels, h, w] in model space; its device and type are those of the run.
        noise: [B, F, C, h, w], standard normal.
        text: embeddings of the prompt [B, L, text_dim]; None for the empty one that is stored in the weights.
        negative_text: of what to keep away from, or of the empty prompt, [B, L, text_dim]; None for the stored one.
            One is needed unless the guidance is 1.
        sampling: how; its guidance is on the prompt.
        on_step: called after each step with the clean estimate [B, F, C, h, w].
        beside: what a side network adds.
        overlap: how a film that is too long is cut into windows; None to see all of it at once.
        any_size: as :meth:`HumanDiT.forward`'s.

    Returns:
        [B, F, C, h, w] in model space.

    Raises:
        InvalidShape: no prompt, no negative one where one is needed, or another size than the prompt's.
    """
    check_words(model.config, text, negative_text, sampling)
    windows = spans(noise.shape[1], overlap)
    runs = [block_runs(sampling) for _ in windows]

    def ask(latents: Tensor, timestep: Tensor, prompted: bool) -> Tensor:
        words = text if prompted else negative_text
        words = None if words is None else words.to(latents)

        def part(window: slice, run: RunBlocks) -> Tensor:
            seen, told = latents[:, window], control[:, window]
            run = beside(seen, timestep, run)
            return model(seen, timestep, text=words, prefix_frames=0, run_blocks=run, control=told, any_size=any_size)

        parts = [part(window, run[prompted]) for window, run in zip(windows, runs, strict=True)]
        return blended(parts, windows, overlap.shared if overlap else 0, dim=1)

    if text is None and negative_text is None:  # the stored prompt on both sides: nothing to guide by
        sampling = replace(sampling, guidance=1)
    nothing = control.new_zeros(noise.shape[0], 0, *noise.shape[2:])
    return sample_after(nothing, noise, ask, model.config, sampling, on_step)


def check_words(config: DiTConfig, text: Tensor | None, negative_text: Tensor | None, sampling: Sampling) -> None:
    """See :func:`sample_prompted`."""
    if not config.has_text:
        return
    if text is None and not config.stored_words:
        raise InvalidShape(NO_PROMPT)
    if negative_text is None and not config.stored_words and sampling.guidance != 1:
        raise InvalidShape(
            f"A guidance of {sampling.guidance} compares the prompt with a negative one, but there is none. "
            "Give the embeddings of the empty prompt, or a guidance of 1."
        )
    if negative_text is not None and text is not None and negative_text.shape != text.shape:
        raise InvalidShape(
            f"Prompt and negative prompt must be of one size, got {list(text.shape)} and {list(negative_text.shape)}. "
            "Pad both to the same number of tokens; CogVideoX knows 226."
        )

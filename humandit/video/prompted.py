"""Sampling as CogVideoX itself does: everything is noise, and the guidance is on the prompt.

The models with a control latent (I2V, Fun) get it beside the noise, with the prompt and without.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..diffusion.runs import RunBlocks
from ..diffusion.samplers import OnStep
from ..diffusion.sampling import Sampling, sample_after
from ..errors import InvalidShape
from .model import HumanDiT
from .sample import block_runs

Beside = Callable[[Tensor, Tensor, RunBlocks], RunBlocks]
"""(latents [B, F, C, h, w], timestep [B], how a run goes through the blocks) -> the same with a side network's help."""


def alone(latents: Tensor, timestep: Tensor, run: RunBlocks) -> RunBlocks:
    """No side network."""
    return run


@torch.inference_mode()
def sample_prompted(
    model: HumanDiT,
    control: Tensor,
    noise: Tensor,
    text: Tensor,
    negative_text: Tensor | None,
    sampling: Sampling,
    on_step: OnStep = lambda done, total, clean: None,
    beside: Beside = alone,
) -> Tensor:
    """Denoise films that follow a prompt.

    Args:
        model: a video DiT that takes a control latent.
        control: [B, F, control_channels, h, w] in model space; its device and type are those of the run.
        noise: [B, F, C, h, w], standard normal.
        text: embeddings of the prompt [B, L, text_dim].
        negative_text: of what to keep away from, or of the empty prompt, [B, L, text_dim]; needed unless the guidance
            is 1.
        sampling: how; its guidance is on the prompt.
        on_step: called after each step with the clean estimate [B, F, C, h, w].
        beside: what a side network adds.

    Returns:
        [B, F, C, h, w] in model space.

    Raises:
        InvalidShape: no negative prompt where one is needed, or another size than the prompt's.
    """
    _check_words(text, negative_text, sampling)
    runs = block_runs(sampling)

    def ask(latents: Tensor, timestep: Tensor, prompted: bool) -> Tensor:
        words = text if prompted or negative_text is None else negative_text
        run = beside(latents, timestep, runs[prompted])
        return model(latents, timestep, text=words.to(latents), prefix_frames=0, run_blocks=run, control=control)

    nothing = control.new_zeros(noise.shape[0], 0, *noise.shape[2:])
    return sample_after(nothing, noise, ask, model.config, sampling, on_step)


def _check_words(text: Tensor, negative_text: Tensor | None, sampling: Sampling) -> None:
    if negative_text is None and sampling.guidance != 1:
        raise InvalidShape(
            f"A guidance of {sampling.guidance} compares the prompt with a negative one, but there is none. "
            "Give the embeddings of the empty prompt, or a guidance of 1."
        )
    if negative_text is not None and negative_text.shape != text.shape:
        raise InvalidShape(
            f"Prompt and negative prompt must be of one size, got {list(text.shape)} and {list(negative_text.shape)}. "
            "Pad both to the same number of tokens; CogVideoX knows 226."
        )

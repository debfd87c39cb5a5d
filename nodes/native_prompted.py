"""Sampling on the host as CogVideoX itself does: everything is noise, and the guidance is on the prompt."""

from __future__ import annotations

from typing import Any

import comfy.model_management
import torch
from torch import Tensor

from ..humandit.diffusion.schedule import trailing_timesteps
from ..humandit.video.overlap import Overlap
from ..humandit.video.sample import Sampling
from ..humandit.video.vctrl_sample import Guide
from .host_memory import with_less
from .native_beside import BESIDE, FilmGuider, counted_by_window
from .native_sampling import OnClean, config_of, library_sampler
from .words import Prompts

LESS = (
    "Lower width and height or the frames that are made at once, load the model as fp8 (dtype in HumanDiT Load Model), "
    "or close other programs that use the graphics card."
)
"""What to lower where a run does not fit."""
EVERYTHING = 1e30
"""Bytes to free: the host's own word for all of them."""
SIDE = "humandit_vctrl"
"""Under this key the host loads a side network together with the MODEL."""


def scale_of(model: Any) -> float:
    """From unscaled latents to those that the MODEL sees."""
    return float(model.model.latent_format.scale_factor)


def sample_prompted(
    model: Any,
    control: Tensor,
    noise: Tensor,
    prompts: Prompts,
    sampling: Sampling,
    on_clean: OnClean,
    overlap: Overlap | None = None,
) -> Tensor:
    """The library's :func:`sample_prompted` by the host's sampling.

    Args:
        model: a MODEL of ours that takes a control latent; from :func:`with_side_network` for PP-VCtrl.
        control: [1, F, C, h, w] in model space.
        noise: [1, F, C, h, w], standard normal.
        prompts: what the film should follow and keep away from.
        overlap: how a film that is too long is cut into windows; None to see all of it at once.

    Returns:
        Unscaled latents [1, C, F, h, w], where the host keeps its latents: not on the card.

    Raises:
        HumanDiTError: not enough memory, also with twice as much of it kept free of weights.
    """
    if overlap is not None:
        model = counted_by_window(model, overlap)

    def denoise() -> Tensor:
        return _denoised(model, control, noise, prompts, sampling, on_clean, overlap)

    def careful() -> Tensor:
        model.model.caution *= 2
        return denoise()

    without_text_encoders()
    return with_less(denoise, careful, LESS)


def without_text_encoders() -> None:
    """Move every text encoder out: it has read the prompt, and the film needs the room."""
    loaded = comfy.model_management.current_loaded_models
    readers = [entry for entry in loaded if getattr(entry.model, "is_clip", False)]
    others = [entry for entry in loaded if entry not in readers]
    for device in {entry.device for entry in readers}:
        comfy.model_management.free_memory(EVERYTHING, device, others)


def _denoised(
    model: Any,
    control: Tensor,
    noise: Tensor,
    prompts: Prompts,
    sampling: Sampling,
    on_clean: OnClean,
    overlap: Overlap | None,
) -> Tensor:
    timesteps = trailing_timesteps(sampling.steps)
    sigmas = [float(model.get_model_object("model_sampling").sigmas[t]) for t in timesteps]
    levels = dict(zip(timesteps, sigmas, strict=True))
    guider = FilmGuider(model, prompts.guidance, noise.shape[1], overlap)
    guider.set_conds(*prompts.conditioning(control.transpose(1, 2)))
    start = noise.transpose(1, 2).contiguous()
    samples = guider.sample(
        start,
        torch.zeros_like(start),
        library_sampler(config_of(model), sampling, levels, prefix=0),
        torch.tensor([*sigmas, 0.0]),
        callback=lambda step, clean, x, total: on_clean(step + 1, clean),
        disable_pbar=True,
        seed=sampling.seed,
    )
    return samples.to(comfy.model_management.intermediate_device())


def with_side_network(model: Any, side: Any, guide: Guide) -> Any:
    """A clone of the MODEL for one run, helped by the network in the patcher ``side``, which is brought to the device
    with it and out of the way after."""
    clone = model.clone()
    clone.set_additional_models(SIDE, [side])
    clone.model_options.setdefault("transformer_options", {})[BESIDE] = guide.beside
    return clone

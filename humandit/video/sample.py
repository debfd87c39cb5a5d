"""Sampling one segment: noise to latents beside a clean prefix."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from ..diffusion.runs import FirstBlockCache, RunBlocks, every_block
from ..diffusion.samplers import OnStep
from ..diffusion.sampling import AskBoth, Sampling, sample_after, schedule_of, segment_noise
from .control import refuse_picture
from .model import HumanDiT

__all__ = ["Sampling", "block_runs", "sample_latents", "schedule_of", "segment_noise"]


def block_runs(sampling: Sampling) -> dict[bool, RunBlocks]:
    """How ONE run goes through the blocks, with the pose (True) and without: each branch with a cache of its own."""
    if sampling.cache == 0:
        return {True: every_block, False: every_block}
    return {True: FirstBlockCache(sampling.cache), False: FirstBlockCache(sampling.cache)}


SMALL = 384
"""Tokens up to which one call for both branches of guidance is faster than two (by 2 to 15 % on a CPU): what each call
costs beside arithmetic then weighs more than the memory of both."""


@torch.inference_mode()
def sample_latents(
    model: HumanDiT,
    prefix: Tensor,
    pose: Tensor | None,
    noise: Tensor,
    sampling: Sampling,
    text: Tensor | None = None,
    on_step: OnStep = lambda done, total, clean: None,
) -> Tensor:
    """Denoise a batch of segments.

    Args:
        model: the video DiT.
        prefix: clean latents of the first frame [B, 1, C, h, w], model space.
        pose: pose tokens [B, F, h, w, 512], or None (guidance is then off).
        noise: [B, F-1, C, h, w], standard normal.
        text: [B, L, text_dim] for models that read a prompt.
        on_step: called after each step with the clean estimate [B, F, C, h, w].

    Returns:
        [B, F, C, h, w], the prefix first and untouched.

    Raises:
        InvalidShape: weights that take a drawn film and no picture (:mod:`.fun_pose`).
    """
    refuse_picture(model.config)
    runs = block_runs(sampling)
    pose_BND = None if pose is None else model.pose_guider(pose.to(prefix.dtype))  # the same at every step

    def ask(latents: Tensor, timestep: Tensor, with_pose: bool) -> Tensor:
        return model(latents, timestep, pose_BND if with_pose else None, text, run_blocks=runs[with_pose])

    sampling = sampling if pose is not None else replace(sampling, guidance=1)
    both = None if pose_BND is None or sampling.cache else both_branches(model, pose_BND, text)
    return sample_after(prefix, noise, ask, model.config, sampling, on_step, both)


def both_branches(model: HumanDiT, pose_BND: Tensor, text: Tensor | None) -> AskBoth | None:
    """One call for both branches of guidance, where tokens are few; None where they are not."""
    if len(pose_BND) * pose_BND.shape[1] > SMALL:
        return None
    posed = torch.cat([pose_BND, torch.zeros_like(pose_BND)])
    words = None if text is None else torch.cat([text, text])

    def ask_both(latents: Tensor, timestep: Tensor) -> tuple[Tensor, ...]:
        return model(torch.cat([latents, latents]), timestep.repeat(2), posed, words).chunk(2)

    return ask_both

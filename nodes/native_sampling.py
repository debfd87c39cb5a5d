"""The library's samplers run by the host's sampling, so that LoRA, offloading, hooks and guidance patches apply.

The host works on x = z / signal, whose noise level is sigma; the library on z itself. Both see the same clean
estimates, and the noise is the library's own, so the canvas and the command line give the same film.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import comfy.model_management
import comfy.samplers
import torch
from torch import Tensor

from ..humandit.diffusion.finite import need_finite
from ..humandit.diffusion.samplers import sampler
from ..humandit.diffusion.schedule import trailing_timesteps
from ..humandit.errors import HumanDiTError
from ..humandit.types import Segment
from ..humandit.video.config import DiTConfig
from ..humandit.video.plan import Speed, StepClock, remember
from ..humandit.video.sample import Sampling, schedule_of, segment_noise
from . import host
from .host_memory import with_less
from .native import HumanDiTBase
from .native_speed import IntervalGuider, scale_by_sigma, sparing

TEXT_WIDTH = 4096
"""Width of T5's tokens; ours are none, but other nodes expect a tensor there."""
LESS = (
    "Lower width and height or segment_frames, load the model as fp8 (dtype in HumanDiT Load Model), or close other "
    "programs that use the graphics card; HumanDiT Plan says what fits."
)
"""What to lower where a segment does not fit."""
OnClean = Callable[[int, Tensor], None]
"""(steps done, clean estimate [B, C, F-1, h, w] in model space)"""


def config_of(model: Any) -> DiTConfig:
    """Sizes of a connected MODEL, or an error that says which one came instead."""
    if not isinstance(getattr(model, "model", None), HumanDiTBase):
        found = type(getattr(model, "model", model)).__name__
        raise HumanDiTError(f"Expected a HumanDiT model, got {found}. Connect HumanDiT Load Model.")
    return model.model.model_config.unet_config["config"]


def conditioning(prefix: Tensor, pose: Tensor) -> tuple[list[Any], list[Any]]:
    """CONDITIONING with the pose and without: prefix [1, C, 1, h, w] unscaled, pose tokens [F, h, w, 512 or 1408]."""
    no_text = torch.zeros(1, 0, TEXT_WIDTH)
    reference = {"prefix_latent": prefix}
    posed = {**reference, "pose_tokens": pose.permute(3, 0, 1, 2)[None]}
    return [[no_text, posed]], [[no_text, reference]]


def sample_segment(
    model: Any, segment: Segment, prefix: Tensor, pose: Tensor, sampling: Sampling, on_clean: OnClean
) -> Tensor:
    """Denoise one segment on the host.

    Args:
        model: a MODEL of ours.
        prefix: unscaled latent of the first frame [1, C, 1, h, w].
        pose: pose tokens [F, h, w, 512].

    Returns:
        Unscaled latents [1, C, F, h, w], the prefix first, where the host keeps its latents: not on the card.

    Raises:
        HumanDiTError: not enough memory, also with twice as much of it kept free of weights.
    """
    clock = StepClock(config_of(model), segment.shape.latent, sampling)

    def report(done: int, clean: Tensor) -> None:
        clock.tick(done)
        on_clean(done, clean)

    def denoise() -> Tensor:
        return _denoised(model, segment, prefix, pose, sampling, report)

    def careful() -> Tensor:
        model.model.caution *= 2
        return denoise()

    advice = (
        f"Segment {segment.index + 1}, {segment.shape.frames} frames of {segment.shape.canvas}, did not fit. {LESS}"
    )
    latents = with_less(denoise, careful, advice)
    learn(clock.speed(model.load_device, host.number_format_of(model)))
    return latents


def learn(speed: Speed | None) -> None:
    """Remember how fast this machine was, for HumanDiT Plan; a folder that cannot be written to costs nothing else."""
    if speed is not None:
        with contextlib.suppress(OSError):
            remember(speed)


def _denoised(
    model: Any, segment: Segment, prefix: Tensor, pose: Tensor, sampling: Sampling, on_clean: OnClean
) -> Tensor:
    later = segment_noise(sampling.seed, segment.index, _noise_shape(prefix, segment)).transpose(1, 2)
    noise = torch.cat([torch.zeros_like(later[:, :, :1]), later], dim=2)
    timesteps = trailing_timesteps(sampling.steps)
    sigmas = [float(model.get_model_object("model_sampling").sigmas[t]) for t in timesteps]
    levels = dict(zip(timesteps, sigmas, strict=True))
    guider = IntervalGuider(sparing(model, sampling), scale_by_sigma(sampling, levels))
    guider.set_conds(*conditioning(prefix, pose))
    samples = guider.sample(
        noise,
        torch.zeros_like(noise),
        library_sampler(config_of(model), sampling, levels),
        torch.tensor([*sigmas, 0.0]),
        callback=lambda step, clean, x, total: on_clean(step + 1, clean),
        disable_pbar=True,
        seed=sampling.seed,
    )
    return samples.to(comfy.model_management.intermediate_device())


def _noise_shape(prefix: Tensor, segment: Segment) -> tuple[int, ...]:
    return 1, segment.shape.latent.frames - 1, prefix.shape[1], *prefix.shape[3:]


def library_sampler(
    config: DiTConfig, sampling: Sampling, sigmas: dict[int, float], prefix: int = 1
) -> comfy.samplers.KSAMPLER:
    """A sampler for the host that runs the library's on everything after the prefix.

    Args:
        sigmas: the host's noise level at each of the library's timesteps.
        prefix: clean latent frames in front; 0 for models that make all of them.
    """
    run, schedule = sampler(sampling.sampler), schedule_of(config)

    def sample(
        model: Any, x: Tensor, _: Tensor, extra_args: Any = None, callback: Any = None, disable: Any = None
    ) -> Tensor:
        frame = x[:, :, :prefix]  # the model overwrites it with the prefix, and returns the prefix for it
        one = x.new_ones(x.shape[0])

        def denoise(z: Tensor, t: int) -> Tensor:
            nonlocal frame
            sigma = sigmas[t]
            noisy = torch.cat([frame, z.transpose(1, 2) * (1 + sigma**2) ** 0.5], dim=2)
            clean = model(noisy, sigma * one, **(extra_args or {}))
            frame = clean[:, :, :prefix]
            return clean[:, :, prefix:].transpose(1, 2)

        def report(done: int, total: int, clean: Tensor) -> None:
            need_finite(clean, done, total)
            if callback is not None:
                callback({"i": done - 1, "denoised": clean.transpose(1, 2), "x": x})

        start = sigmas[max(sigmas)]
        z = x[:, :, prefix:].transpose(1, 2) / (1 + start**2) ** 0.5
        rng = torch.Generator().manual_seed(sampling.seed)
        z = run(denoise, z, list(sigmas), schedule, report, rng)
        return torch.cat([frame, z.transpose(1, 2)], dim=2)

    return comfy.samplers.KSAMPLER(sample)

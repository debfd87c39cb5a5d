"""Time whole samplings: diffusers' CogVideoX pipeline as people run it, and ours with every preset.

Every film is made by every racer in turn before the next film begins, so that a drifting machine hits all alike. Only
denoising is timed: encoding and decoding are the same for all. The stock pipeline has the bundled model's sizes and
random weights, for no stock weights of that size exist: it is there for its time, never for its pictures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import HumanDiTError, MissingDependency
from ..pipeline import Models
from ..types import SPACE_SCALE, TIME_SCALE, LatentShape
from ..video.config import DiTConfig
from ..video.prepare import prepared
from ..video.presets import Preset
from ..video.sample import Sampling, sample_latents, segment_noise
from ..video.stock import stock_class
from .bench import WORDS
from .evaluate import Tools, TrueClip, means_over_clips
from .image import psnr, ssim
from .judge import Judge
from .pose import Detector
from .rivals import as_film, floats, pose_tokens

STEPS = 50
"""Denoising steps that are asked for; the default of diffusers' pipeline."""
STOCK_GUIDANCE = 6.0
"""Default of diffusers' pipeline. Any scale but 1 takes the same time."""
STOCK_TEXT = 4096
"""Width of the stock class's text tokens."""
STOCK, TEXT_FREE, EXACT = "stock", "stock_text_free", "exact"
"""Racers that others are compared with."""
STOCK_SCHEDULE = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "snr_shift_scale": 1.0,
    "clip_sample": False,
}
"""CogVideoX-5b's own scheduler settings."""


@dataclass(frozen=True, eq=False)
class Task:
    """One film to make: prefix [1, 1, C, h, w], pose tokens [1, F, h, w, 512 or 1408],
    noise [1, F-1, C, h, w]."""

    clip: TrueClip
    prefix: Tensor
    pose: Tensor
    noise: Tensor

    @property
    def shape(self) -> LatentShape:
        channels, height, width = self.noise.shape[2:]
        return LatentShape(self.pose.shape[1], height, width, channels)


Racer = Callable[[Task, int], Tensor]
"""(film to make, steps asked for) -> latents [1, F, C, h, w]; the stock pipeline's mean nothing."""


@dataclass(frozen=True)
class Race:
    """Seconds and latents of every racer, one per film."""

    seconds: dict[str, list[float]]
    latents: dict[str, list[Tensor]]

    def speedup(self, name: str, over: str) -> dict[str, float]:
        """How many times faster ``name`` is than ``over``: by the fastest run of each, and by the median."""
        mine, theirs = np.array(self.seconds[name]), np.array(self.seconds[over])
        of_median = np.median(theirs) / np.median(mine)
        return {"min": round(float(theirs.min() / mine.min()), 3), "median": round(float(of_median), 3)}


@torch.inference_mode()
def tasks(clips: Sequence[TrueClip], models: Models, seed: int = 0) -> list[Task]:
    """The clips' first frames and poses as the model takes them; film i starts from the noise of (seed, i)."""
    device = next(models.dit.parameters()).device
    made = []
    for i, clip in enumerate(clips):
        prefix = models.vae.encode(floats(clip.frames[:1], device))[None] * models.vae.scaling_factor
        pose = pose_tokens(clip.poses, clip, models.dit.config.moved_picture)[None].to(device)
        shape = (1, (len(clip.frames) - 1) // TIME_SCALE, *prefix.shape[2:])
        made.append(Task(clip, prefix, pose, segment_noise(seed, i, shape).to(prefix)))
    return made


def ours(models: Models, preset: Preset, shape: LatentShape) -> Racer:
    """Our sampling with a preset; what is prepared once per model is not timed."""
    model = prepared(models.dit, preset, shape)

    def run(task: Task, steps: int) -> Tensor:
        return sample_latents(model, task.prefix, task.pose, task.noise, preset.applied(Sampling(steps)))

    return run


def stock_pipeline(config: DiTConfig) -> Any:
    """diffusers' ``CogVideoXPipeline`` with a transformer of these sizes, random; no text encoder, no VAE.

    Raises:
        MissingDependency: diffusers, or transformers, which its pipelines import.
    """
    torch.manual_seed(0)
    transformer = stock_class("CogVideoXTransformer3DModel")(
        num_attention_heads=config.heads,
        attention_head_dim=config.head_dim,
        in_channels=config.in_channels,
        out_channels=config.out_channels,
        num_layers=config.layers,
        time_embed_dim=config.time_dim,
        text_embed_dim=STOCK_TEXT,
        use_rotary_positional_embeddings=True,
    )
    scheduler = stock_class("CogVideoXDPMScheduler")(**STOCK_SCHEDULE)
    parts = {"tokenizer": None, "text_encoder": None, "vae": None}
    try:
        pipeline = stock_class("CogVideoXPipeline")(**parts, transformer=transformer.eval(), scheduler=scheduler)
    except ImportError as missing:  # diffusers' stand-in for the class
        raise MissingDependency(
            "diffusers' CogVideoXPipeline needs transformers. Run: pip install transformers."
        ) from missing
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def stock(pipeline: Any, words: int) -> Racer:
    """The stock pipeline with ``words`` text tokens for the prompt and for the negative prompt alike."""
    rng = torch.Generator().manual_seed(0)
    device, dtype = pipeline.transformer.device, pipeline.transformer.dtype
    prompt, negative = torch.randn(2, 1, words, STOCK_TEXT, generator=rng).to(device, dtype)

    def run(task: Task, steps: int) -> Tensor:
        return pipeline(
            height=task.shape.height * SPACE_SCALE,
            width=task.shape.width * SPACE_SCALE,
            num_frames=task.shape.video.frames,
            num_inference_steps=steps,
            guidance_scale=STOCK_GUIDANCE,
            prompt_embeds=prompt,
            negative_prompt_embeds=negative,
            output_type="latent",
        ).frames

    return run


def stock_racers(models: Models) -> dict[str, Racer]:
    """The stock pipeline with CogVideoX's 226 text tokens, as people run it, and without any."""
    pipeline = stock_pipeline(models.dit.config).to(next(models.dit.parameters()).device)
    return {STOCK: stock(pipeline, WORDS), TEXT_FREE: stock(pipeline, 0)}


@torch.inference_mode()
def race(
    films: Sequence[Task],
    racers: Mapping[str, Racer],
    on_lap: Callable[[int, str, float], None],
    clock: Callable[[], float] = time.perf_counter,
) -> Race:
    """Every film by every racer, in turn, after one untimed step of each.

    Args:
        films: what to make.
        racers: name -> who makes it.
        on_lap: called with the film's number, the racer and its seconds.
        clock: seconds from somewhere on. On one CPU thread ``time.process_time`` is the better one: other work on the
            machine does not lengthen it.
    """
    for run in racers.values():
        run(films[0], 1)
    result = Race({name: [] for name in racers}, {name: [] for name in racers})
    for i, film in enumerate(films):
        for name, run in racers.items():
            start = clock()
            latents = run(film, STEPS)
            if latents.is_cuda:
                torch.cuda.synchronize(latents.device)
            seconds = clock() - start
            result.seconds[name].append(seconds)
            result.latents[name].append(latents)
            on_lap(i, name, seconds)
    return result


@torch.inference_mode()
def results(
    result: Race, films: Sequence[Task], models: Models, names: Sequence[str], detector: Detector | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, figures) of every racer of ours: likeness to "exact", pose accuracy, times and how often it was asked.

    Raises:
        HumanDiTError: nobody named "exact" took part.
    """
    if EXACT not in result.latents:
        raise HumanDiTError(f"Everything is compared with {EXACT!r}, which is not among {', '.join(result.latents)}.")
    exact, tools = [decoded(latents, models) for latents in result.latents[EXACT]], Tools(detector)
    for name in names:
        made = [decoded(latents, models) for latents in result.latents[name]]
        likeness = [psnr(film, same) for film, same in zip(made, exact, strict=True)]
        scores = means_over_clips([Judge(task.clip, tools).score(film) for film, task in zip(made, films, strict=True)])
        yield (
            name,
            {
                "psnr": round(float(np.mean(likeness)), 2),
                "psnr_min": round(min(likeness), 2),
                "ssim": round(float(np.mean([ssim(a, b) for a, b in zip(made, exact, strict=True)])), 4),
                "pck": None if detector is None else round(scores.get("pck", 0.0), 4),
                "person_psnr": round(scores["person_psnr"], 2),
                "seconds": times(result.seconds[name]),
            },
        )


def decoded(latents: Tensor, models: Models) -> np.ndarray:
    """uint8 frames 1 … of a film [1, F, C, h, w]."""
    return as_film(models.vae.decode(latents[0] / models.vae.scaling_factor))


def times(seconds: Sequence[float]) -> dict[str, float]:
    """The fastest run, the usual one, and how far the slowest lay from the fastest."""
    low, high = min(seconds), max(seconds)
    return {"min": round(low, 3), "median": round(float(np.median(seconds)), 3), "spread": round(high / low, 3)}

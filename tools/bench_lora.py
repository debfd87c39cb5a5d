"""A LoRA's training step on CogVideoX-5b: the estimate, and on a graphics card the measured time and memory.

    python -m tools.bench_lora --frames 49 --size 480x720 --rank 64 128 --optimizer adamw

Weights and examples are random: neither time nor memory depends on what they are.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from typing import Any

import torch

from humandit.diffusion.attention import sdpa
from humandit.train.examples import Batch
from humandit.train.lora import add_lora
from humandit.train.loss import training_loss
from humandit.train.memory import lora_memory
from humandit.train.optim import OPTIMIZERS, optimizers
from humandit.train.precision import autocast
from humandit.train.recipe import LoRA
from humandit.train.recompute import recomputed
from humandit.train.state import Averaged
from humandit.types import VideoShape
from humandit.video.config import COGVIDEOX_5B, DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.plan.memory import GB
from humandit.video.pose_guider import POSE_FEATURES
from humandit.video.sample import schedule_of


def batch_of(video: VideoShape, channels: int, device: torch.device) -> Batch:
    """One random example."""
    frames, height, width = video.latent.frames, video.latent.height, video.latent.width
    latents = torch.randn(1, frames, channels, height, width, device=device)
    pose = torch.rand(1, frames, height, width, POSE_FEATURES, device=device)
    return Batch(latents[:, :1], latents[:, 1:], pose, torch.zeros(1, frames - 1, 1, height, width, device=device))


def measured(config: DiTConfig, lora: LoRA, video: VideoShape, optimizer: str, steps: int) -> dict[str, Any]:
    """Seconds of a step, the fastest of ``steps`` after one that warms up, and the peak of memory, GB."""
    device = torch.device("cuda")
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    with device:
        model = HumanDiT(config, attention=sdpa, dtype=torch.bfloat16)
    add_lora(model, lora)
    averaged = Averaged(model, 0.99)
    chosen = optimizers(model, model.transformer_blocks, 1e-5, torch.bfloat16, optimizer)
    batch, seconds = batch_of(video, config.out_channels, device), []
    noise, timestep = torch.randn_like(batch.latents), torch.tensor([500], device=device)
    ask, schedule = lambda *args: model(*args, run_blocks=recomputed), schedule_of(config)
    channels = torch.ones(config.out_channels, 1, 1, device=device)
    for _ in range(steps + 1):
        torch.cuda.synchronize()
        started = time.perf_counter()
        with autocast(device, torch.bfloat16):
            loss = training_loss(ask, schedule, batch, noise, timestep, 5.0, channels)
        loss.backward()
        for one in chosen:
            one.step()
            one.zero_grad()
        averaged.update(model)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    peaks = torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved()
    names = "allocated_gb", "reserved_gb"
    fastest = min(seconds[1:])
    return {"seconds": round(fastest, 3), **{n: round(peak / GB, 2) for n, peak in zip(names, peaks, strict=True)}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=49)
    parser.add_argument("--size", default="480x720", help="height x width")
    parser.add_argument("--rank", type=int, nargs="+", default=[64, 128])
    parser.add_argument("--optimizer", nargs="+", choices=OPTIMIZERS, default=["adamw", "adamw8bit"])
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--layers", type=int, default=COGVIDEOX_5B.layers, help="fewer for a trial")
    args = parser.parse_args()
    height, width = map(int, args.size.split("x"))
    config, video = replace(COGVIDEOX_5B, layers=args.layers), VideoShape(args.frames, height, width)
    for rank in args.rank:
        for optimizer in args.optimizer:
            lora = LoRA(rank, float(rank))
            estimate = lora_memory(config, lora, video, optimizer)
            line: dict[str, Any] = {"rank": rank, "optimizer": optimizer, "estimate_gb": estimate.to_gb()}
            if torch.cuda.is_available():
                line["card"] = torch.cuda.get_device_name()
                line |= measured(config, lora, video, optimizer, args.steps)
                line["tflops"] = round(estimate.flops / line["seconds"] / 1e12)
            print(json.dumps({**line, "step_flops": estimate.flops}), flush=True)


if __name__ == "__main__":
    main()

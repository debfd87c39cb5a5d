"""One of two processes that make films together; ``python -m tests.video.spread_worker RANK PORT FOLDER``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch

from humandit.errors import HumanDiTError
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.sample import Sampling, sample_latents
from humandit.video.spread import joined, spread

FRAMES, HEIGHT, WIDTH = 3, 6, 6
"""27 tokens, 9 of them the prefix: an odd number for two processes."""

PLAIN = Sampling(steps=3)


def network(text_dim=None, heads=2):
    torch.manual_seed(0)
    config = DiTConfig(heads=heads, head_dim=16, layers=2, time_dim=16, text_dim=text_dim, rope_base=(4, 4))
    model = HumanDiT(config).eval().requires_grad_(False)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return model


def film(model, words, sampling=PLAIN):
    rng = torch.Generator().manual_seed(1)
    prefix = torch.randn(1, 1, 16, HEIGHT, WIDTH, generator=rng)
    noise = torch.randn(1, FRAMES - 1, 16, HEIGHT, WIDTH, generator=rng)
    pose = (torch.rand(1, FRAMES, HEIGHT, WIDTH, 512, generator=rng) < 0.05).to(torch.uint8)
    text = torch.randn(1, words, 12, generator=rng) if words else None
    return sample_latents(model, prefix, pose, noise, sampling, text)


def one_of_two(rank: int, port: int, folder: str) -> None:
    """A process: films by the spread model, by one that keeps unsplit attention, and a refusal."""
    torch.set_num_threads(1)
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    with joined() as first:
        assert first == (rank == 0)
        made = {words: film(spread(network(12 if words else None)), words) for words in (0, 5)}
        apart, plain = spread(network()), network()
        for block, other in zip(apart.transformer_blocks, plain.transformer_blocks, strict=True):
            block.attn1.attention = other.attn1.attention
        made["apart"] = film(apart, 0)
        for name, call in {"heads": lambda: spread(network(heads=3)), "cache": lambda: film(
            spread(network()), 0, Sampling(steps=1, cache=0.1)
        )}.items():  # fmt: skip
            try:
                call()
            except HumanDiTError as error:
                made[name] = str(error)
        torch.save(made, Path(folder) / f"{rank}.pt")


if __name__ == "__main__":
    one_of_two(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

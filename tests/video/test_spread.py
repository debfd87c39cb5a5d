"""Two processes make what one makes, also where tokens cannot be halved; without the swap they do not."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import torch

from humandit.diffusion.ulysses import shares
from humandit.errors import HumanDiTError
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.sample import Sampling, sample_latents
from humandit.video.spread import joined, spread, started_by_torchrun

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


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spread")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    torch.multiprocessing.spawn(one_of_two, (port, str(folder)), nprocs=2)
    return [torch.load(folder / f"{rank}.pt") for rank in range(2)]


@pytest.mark.parametrize("words", [0, 5])
def test_two_processes_make_what_one_makes(made, words):
    alone = film(network(12 if words else None), words)
    for process in made:
        assert (process[words] - alone).abs().max() / alone.abs().max() < 1e-5
    assert torch.equal(made[0][words], made[1][words])


def test_without_the_swap_they_do_not(made):
    alone = film(network(), 0)
    assert (made[0]["apart"] - alone).abs().max() / alone.abs().max() > 1e-3


def test_what_cannot_be_shared_out_is_refused(made):
    for process in made:
        assert "divides 3" in process["heads"]
        assert "without a cache" in process["cache"]


def test_shares_are_even_and_complete():
    assert shares(27, 2) == [14, 13] and shares(3, 4) == [1, 1, 1, 0] and shares(0, 2) == [0, 0]


def test_alone_nothing_is_joined():
    assert not started_by_torchrun()
    with joined() as first:
        assert first

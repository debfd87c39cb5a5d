"""Two processes make what one makes, also where tokens cannot be halved; without the swap they do not."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from humandit.diffusion.ulysses import shares
from humandit.video.spread import joined, started_by_torchrun

from .spread_worker import film, network

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spread")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "tests.video.spread_worker"]
    both = [subprocess.Popen([*command, str(rank), str(port), str(folder)], cwd=ROOT) for rank in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(2)]


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

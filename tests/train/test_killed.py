"""A training of several processes one of which is killed: it ends, does not hang, and goes on from its checkpoint."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from humandit.errors import HumanDiTError
from humandit.train.ranks import run_ranks

ROOT = Path(__file__).parents[2]
WORKER = ["-m", "tests.train.parallel_worker"]


def started(folder, *before, ranks=2):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *before, *WORKER, str(folder), str(ranks)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def steps(folder):
    log = folder / "log.jsonl"
    return [json.loads(line)["step"] for line in log.read_text().splitlines()] if log.exists() else []


def kill_one(folder, training):
    """Kill -9 the second process once there are a few checkpoints; returns the steps that were reported by then."""
    end = time.monotonic() + 240
    while len(steps(folder)) < 5:
        assert training.poll() is None and time.monotonic() < end, "the training did not start"
        time.sleep(0.02)
    os.kill(int((folder / "pid-1").read_text()), signal.SIGKILL)
    return steps(folder)


def went_on(before, after):
    """A step is reported before it is saved, and others may be done before the killing is noticed."""
    return max(before) <= min(after) <= max(before) + 3 and max(after) == 20


@pytest.mark.slow
def test_a_killed_process_ends_the_command_which_then_goes_on(tmp_path):
    training = started(tmp_path)
    before = kill_one(tmp_path, training)
    _, told = training.communicate(timeout=120)
    assert training.returncode == 1
    assert "error: A process of the training ended before its time" in told and "SIGKILL" in told
    again = started(tmp_path, ranks=1)  # on one process: a checkpoint does not know how many made it
    _, told = again.communicate(timeout=240)
    assert again.returncode == 0, told
    after = steps(tmp_path)[len(before) :]
    assert went_on(before, after)


@pytest.mark.long
def test_torchrun_starts_again_by_itself(tmp_path):
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--max-restarts", "1"]
    training = started(tmp_path, *torchrun)
    before = kill_one(tmp_path, training)
    _, told = training.communicate(timeout=240)
    assert training.returncode == 0, told
    assert went_on(before, steps(tmp_path)[len(before) :])


def refuse(rank, message):
    raise HumanDiTError(message)


def test_what_a_process_says_reaches_the_user():
    with pytest.raises(HumanDiTError, match="no such film"):
        run_ranks(refuse, 2, "There is no such film.")

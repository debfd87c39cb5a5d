"""What runs beside each other: the renderer, and both trainings."""

from __future__ import annotations

import multiprocessing
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import torch

from humandit.data.synthetic.mocap import fetch_clips
from humandit.data.synthetic.shards import CLIPS
from humandit.errors import HumanDiTError
from humandit.train.vae import VAERecipe, VAETrainer, begun, write_vae
from humandit.train.vae_examples import load_clips
from humandit.train.video import VideoTrainer
from tools.on_card import CardTrainer

from .plan import FRAMES, Plan

FIRST, FITTED = 2, 8
"""Shards that there must be before training begins, and before a code is fitted."""
WAIT = 0.5
"""Seconds between looks for new shards."""


def render(plan: Plan) -> subprocess.Popen[bytes]:
    """Begin to render what is not there yet, held-out people first; it goes on beside the training."""
    common = ["nice", "-n", "10", sys.executable, "-m", "humandit", "data", "synthetic", "--out", str(plan.data)]
    common += ["--size", str(plan.size), "--frames", str(FRAMES), "--workers", str(plan.workers), "--clips"]
    both = " && ".join(
        shlex.join([*common, str(clips), "--split", split])
        for split, clips in (("heldout", CLIPS), ("train", plan.clips))
    )
    fetch_clips()
    plan.data.mkdir(parents=True, exist_ok=True)
    with (plan.out / "render.log").open("ab") as log:
        threads = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(["bash", "-c", both], stdout=log, stderr=log, env=threads, start_new_session=True)


def wait_for(plan: Plan, renderer: subprocess.Popen[bytes], shards: int) -> None:
    """Until there are ``shards`` to train on and one to watch."""
    while len(list(plan.data.glob("train-*.npz"))) < shards:
        if renderer.poll():
            raise HumanDiTError(f"Rendering failed; the reason is in {plan.out / 'render.log'}.")
        time.sleep(WAIT)


def begin_code(plan: Plan, renderer: subprocess.Popen[bytes]) -> None:
    """Write the autoencoder that both trainings begin with: the code of ``plan.start_vae``, with more channels where it
    has fewer, and its network or a fresh one."""
    shards = -(-plan.clips // CLIPS)
    if plan.code.exists():
        return wait_for(plan, renderer, min(FIRST, shards))
    wait_for(plan, renderer, min(FITTED, shards))
    recipe = replace(plan.vae, start=plan.start_vae)
    clips = load_clips(sorted(plan.data.glob("train-*.npz"))[:FITTED])
    plan.code.parent.mkdir(parents=True, exist_ok=True)
    write_vae(begun(recipe, clips), plan.code, {"licence": "Apache-2.0"})


def leave_processors() -> None:
    """Beside a card one thread is enough: more would wait for each other behind those that render."""
    if torch.cuda.is_available():
        torch.set_num_threads(1)


def train_vae(plan: Plan) -> None:
    shards = min(VAERecipe.shards, -(-plan.clips // CLIPS))
    leave_processors()
    while len(list(plan.data.glob("train-*.npz"))) < shards and (plan.left_to_train is None or plan.left_to_train > 0):
        time.sleep(WAIT)
    VAETrainer(plan.vae).run()


def train_video(plan: Plan) -> None:
    leave_processors()
    if torch.cuda.is_available():
        CardTrainer(plan.video, 0, 2 * plan.clips, plan.tokens).run()
    else:
        VideoTrainer(plan.video, 0).run()


def side_by_side(jobs: list[Callable[[Plan], None]], plan: Plan, minutes: float | None = None) -> bool:
    """Each in a process of its own, which is stopped after ``minutes``; whether all came to their end.

    Raises:
        HumanDiTError: one of them failed.
    """
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=job, args=(plan,)) for job in jobs]
    end = None if minutes is None else time.monotonic() + 60 * minutes
    for process in processes:
        process.start()
    for process in processes:
        process.join(None if end is None else max(end - time.monotonic(), 0))
    late = [process for process in processes if process.is_alive()]
    for process in late:
        process.terminate()
        process.join()
    failed = [j.__name__ for j, p in zip(jobs, processes, strict=True) if p.exitcode and p not in late]
    if failed:
        raise HumanDiTError(f"{' and '.join(failed)} failed; what they printed says why.")
    return not late

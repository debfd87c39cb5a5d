"""Train the bundled film model and its decoder on one graphics card, in one command that can be run again.

``python -m tools.train_bundled --out runs/bundled`` renders people, trains the decoder and the film model side by side
(the autoencoder's linear code is kept, so neither waits for the other), and leaves their weights in pieces that fit
through small doors. Cut off or run again with the same ``--out`` it goes on; from the pieces alone it begins with those
weights. On a processor it does the same, slowly. Afterwards: ``python -m humandit evaluate``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from humandit.data.synthetic.mocap import fetch_clips
from humandit.data.synthetic.shards import CLIPS
from humandit.errors import HumanDiTError
from humandit.train.recipe import Recipe
from humandit.train.vae import VAERecipe, VAETrainer
from humandit.train.video import VideoTrainer
from humandit.video.light_vae import LightVAEConfig
from tools.on_card import CardTrainer

MODELS = ("vae", "video")
FRAMES = 17
PIECE = 15 * 2**20
"""Bytes of a piece of a weight file at most."""
WIDER = LightVAEConfig(width=192, layers=5, detail=32)
"""Sizes of the decoder's network: 2.4 M numbers, 5 MB in half precision."""
PERSON, SAVE = 3.0, 1.5
"""Extra weight of the person's pixels in the decoder's loss; minutes between checkpoints."""
WAIT = 0.5
"""Seconds between looks for new shards."""


@dataclass(frozen=True)
class Plan:
    """One call: where, of what size, how long. Minutes are of the whole run over all calls, ``stretch`` of this one."""

    out: Path
    size: int
    clips: int
    workers: int
    vae_minutes: float
    video_minutes: float
    stretch: float | None
    start: str
    start_vae: str
    pictures: Path | None
    batch: int
    crops: int
    lr: float
    began: float

    @property
    def data(self) -> Path:
        return self.out / f"data-{self.size}"

    @property
    def left(self) -> float | None:
        """Minutes of this call that are left."""
        return None if self.stretch is None else max(self.stretch - (time.monotonic() - self.began) / 60, 0.0)

    @property
    def vae(self) -> VAERecipe:
        return VAERecipe(
            self.data, self.out / "vae", self.vae_minutes, self.left, WIDER, self.start_vae, self.crops, person=PERSON,
            pictures=self.pictures, save_minutes=SAVE,
        )  # fmt: skip

    @property
    def video(self) -> Recipe:
        return Recipe(
            data=self.data, vae=self.start_vae, out=self.out / "video", minutes=self.video_minutes, stretch=self.left,
            start=self.start, batch=self.batch, lr=self.lr, save_minutes=SAVE, samples=0, compile=False,
        )  # fmt: skip


def render(plan: Plan) -> subprocess.Popen[bytes]:
    """Begin to render what is not there yet, held-out people first; it goes on beside the training."""
    common = [sys.executable, "-m", "humandit", "data", "synthetic", "--out", str(plan.data), "--size", str(plan.size)]
    common += ["--frames", str(FRAMES), "--workers", str(plan.workers), "--clips"]
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


def train_vae(plan: Plan) -> None:
    VAETrainer(plan.vae).run()


def train_video(plan: Plan) -> None:
    on_card = torch.cuda.is_available()
    (CardTrainer if on_card else VideoTrainer)(plan.video, 0).run()


def side_by_side(jobs: list[Callable[[Plan], None]], plan: Plan) -> None:
    """Each in a process of its own. Raises when one fails."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=job, args=(plan,)) for job in jobs]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    failed = [job.__name__ for job, process in zip(jobs, processes, strict=True) if process.exitcode]
    if failed:
        raise HumanDiTError(f"{' and '.join(failed)} failed; what they printed says why.")


def split(path: Path, folder: Path, limit: int = PIECE) -> list[Path]:
    """Write ``path`` as NAME.00, NAME.01 … of at most ``limit`` bytes; returns them."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{path.name}.[0-9][0-9]"):
        old.unlink()
    pieces, content = [], path.read_bytes()
    for start in range(0, len(content), limit):
        pieces.append(folder / f"{path.name}.{len(pieces):02d}")
        pieces[-1].write_bytes(content[start : start + limit])
    return pieces


def join(folder: Path, name: str, path: Path) -> Path | None:
    """Write the pieces of ``name`` in ``folder`` as ``path``; None where there are none."""
    pieces = sorted(folder.glob(f"{name}.[0-9][0-9]"))
    if not pieces:
        return None
    if [piece.name for piece in pieces] != [f"{name}.{i:02d}" for i in range(len(pieces))]:
        raise HumanDiTError(f"Pieces of {name} are missing in {folder}: {', '.join(p.name for p in pieces)} are there.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(piece.read_bytes() for piece in pieces))
    return path


def earlier(plan: Plan) -> Plan:
    """The plan, beginning with the weights that an earlier call left in pieces where its run folder is gone."""
    found = {}
    for name, field in (("vae", "start_vae"), ("video", "start")):
        file = f"{name}.safetensors"
        lying = plan.out / "start" / file
        if not (plan.out / name / "checkpoint.pt").exists() and join(plan.out / "pieces", file, lying):
            found[field] = str(lying)
        elif lying.exists():
            found[field] = str(lying)
    return replace(plan, **found)


def run(plan: Plan) -> dict[str, Any]:
    """All of it; returns what there is."""
    plan.out.mkdir(parents=True, exist_ok=True)
    plan = earlier(plan)
    renderer = render(plan)
    try:
        wait_for(plan, renderer, min(VAERecipe.shards, -(-plan.clips // CLIPS)))
        if torch.cuda.is_available():
            side_by_side([train_vae, train_video], plan)
        else:
            train_vae(plan)
            train_video(plan)
    finally:
        if renderer.poll() is None:
            os.killpg(renderer.pid, 15)
            renderer.wait()
    pieces = [piece for name in MODELS for piece in split(plan.out / name / f"{name}.safetensors", plan.out / "pieces")]
    curves = {name: (plan.out / name / "log.jsonl").read_text().splitlines()[-1] for name in MODELS}
    shards = len(list(plan.data.glob("train-*.npz")))
    return {"shards": shards, "pieces": [str(p) for p in pieces], **{n: json.loads(line) for n, line in curves.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run; an existing one is gone on with")
    parser.add_argument("--size", type=int, default=192, help="side of the frames in pixels; default: %(default)s")
    parser.add_argument("--clips", type=int, default=8192, help="rendered clips; default: %(default)s")
    parser.add_argument("--workers", type=int, default=max((os.cpu_count() or 2) - 2, 1), help="that render")
    parser.add_argument("--vae-minutes", type=float, default=40, help="of the decoder, in all; default: %(default)s")
    parser.add_argument("--video-minutes", type=float, default=40, help="of the film model; default: %(default)s")
    parser.add_argument("--stretch", type=float, help="end this call after so many minutes; 9 at most leave it whole")
    parser.add_argument("--start", default="mini", help="the film model to begin with; default: %(default)s")
    parser.add_argument("--start-vae", default="mini", help="the autoencoder whose linear code is kept; default: mini")
    parser.add_argument("--pictures", type=Path, help="folder of pictures that the decoder learns from, too")
    parser.add_argument("--batch", type=int, default=256 if torch.cuda.is_available() else 16, help="clips per step")
    parser.add_argument("--crops", type=int, default=64 if torch.cuda.is_available() else 6, help="the decoder's")
    parser.add_argument("--lr", type=float, default=1.2e-3, help="peak rate of the film model; default: %(default)s")
    try:
        print(json.dumps(run(Plan(**vars(parser.parse_args()), began=time.monotonic()))))
    except HumanDiTError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()

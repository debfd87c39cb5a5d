"""A tiny training that one process or several can do alike, and what the tests let two processes do with it.

``python -m tests.train.parallel_worker FOLDER RANKS`` trains until it is killed or has done its steps.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from humandit.diffusion import ulysses
from humandit.errors import HumanDiTError
from humandit.train.loop import Loop
from humandit.train.lora import add_lora
from humandit.train.ranks import run_ranks
from humandit.train.recipe import LoRA, Recipe
from humandit.train.recompute import recomputed
from humandit.train.sharded import whole
from humandit.train.video import VideoTrainer
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.spread import share_out

FILMS, FRAMES, SIDE, WORDS = 4, 3, 6, 5
"""Films of a step, their size in latents (27 tokens: an odd number for two processes), and words with each."""
STEPS = 3
RANK = 3
"""Of a LoRA: not even, so that no two processes get the same number of its rows."""
LORA_WAYS: dict[str, dict[str, Any]] = {
    "lora averaged": {},
    "lora sequence": {"sequence": 2},
    "lora sharded": {"shard": True},
    "lora both": {"shard": True, "sequence": 2, "optimizer": "adamw"},
}
"""How two processes share the training of one."""


@dataclass(frozen=True)
class Plan:
    """What the loop wants to know, and how the processes share the work."""

    out: Path
    shard: bool = False
    sequence: int = 1
    lora: LoRA | None = None
    optimizer: str = "muon"
    steps: int = STEPS
    minutes: float = 1.0
    stretch: float | None = None
    lr: float = 1e-3
    ema: float = 0.9
    save_minutes: float = 60.0
    seed: int = 0
    pause: float = 0.0
    apart: bool = True


def network(lora: LoRA | None = None) -> HumanDiT:
    torch.manual_seed(0)
    model = HumanDiT(DiTConfig(heads=2, head_dim=16, layers=1, time_dim=16, text_dim=12, rope_base=(4, 4)))
    if lora is not None:
        add_lora(model, lora)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    model.text_mask_embed.requires_grad_(False)
    return model


class Trainer(Loop):
    """Squared error of noise-free frames out of noise; keeps every step's gradients."""

    def __init__(self, rank: int, plan: Plan) -> None:
        super().__init__(plan, rank, plan.sequence)
        self.plan, self.dtype = plan, torch.float32
        self.model = network(plan.lora)
        if plan.sequence > 1:
            share_out(self.model, self.groups.group)
        self.adopt(self.model, self.model.transformer_blocks, plan.optimizer, plan.shard)
        self.gradients: list[dict[str, torch.Tensor]] = []
        self.optimizers[0].register_step_pre_hook(self.keep_gradients)

    def keep_gradients(self, *_: object) -> None:
        named = self.model.named_parameters()
        gradients = whole({n: p.grad for n, p in named if p.grad is not None})
        self.gradients.append({n: g.clone() for n, g in gradients.items()})

    def train_step(self, progress: float) -> float:
        time.sleep(self.plan.pause)
        own = range(self.groups.film if self.plan.apart else 0, FILMS, self.groups.films)
        clean, noise, pose, text = (torch.stack(same) for same in zip(*[film(self.step, i) for i in own], strict=True))
        timestep = torch.tensor([(37 * self.step + 211 * i) % 1000 for i in own])
        latents = torch.cat([clean[:, :1], noise[:, 1:]], dim=1)
        output = self.model(latents, timestep, pose, text, run_blocks=recomputed)
        return self.descend((output - clean)[:, 1:].square().mean(), progress, 1, 0.5)

    def report(self) -> None:
        self.folder.log(step=self.step, loss=self.losses[-1] if self.losses else -1.0)

    def export(self, state: dict) -> None:
        (self.plan.out / f"process-{os.getpid()}").touch()


def film(step: int, index: int) -> tuple[torch.Tensor, ...]:
    """Clean latents, noise, pose tokens and text tokens of one of a step's films."""
    rng = torch.Generator().manual_seed(100 * step + index)
    clean, noise = torch.randn(2, FRAMES, 16, SIDE, SIDE, generator=rng)
    pose = (torch.rand(FRAMES, SIDE, SIDE, 512, generator=rng) < 0.05).float()
    return clean, noise, pose, torch.randn(WORDS, 12, generator=rng)


def trained(rank: int, plan: Plan) -> dict:
    """Losses, gradients of the first and last step and weights of a whole run."""
    trainer = Trainer(rank, plan)
    trainer.run()
    state = trainer.state()
    ends = [trainer.gradients[0], trainer.gradients[-1]]
    return {"losses": trainer.losses, "gradients": ends, "weights": state["model"], "mean": state["averaged"]["values"]}


@contextmanager
def changed(place: object, name: str, value: object):
    """Something of the library replaced for a while: the faults that the comparison must see."""
    before = getattr(place, name)
    setattr(place, name, value)
    yield
    setattr(place, name, before)


def two_processes(rank: int, folder: Path) -> None:
    """Every way of sharing a training, and some that are wrong."""

    def run(name: str, **how: object) -> None:
        result = trained(rank, Plan(folder / name, **how))  # type: ignore[arg-type]
        torch.save(result, folder / f"{name}-{rank}.pt")

    run("averaged")
    run("sequence", sequence=2)
    run("sharded", shard=True)
    run("both", shard=True, sequence=2, optimizer="adamw")
    for name, how in LORA_WAYS.items():
        run(name, lora=LoRA(RANK), **how)
    run("made-by-one", shard=True)
    run("made-by-two", shard=True, steps=2)
    run("same-films", steps=2, apart=False)
    swap = ulysses.exchange

    def one_way(*given: object) -> list[torch.Tensor]:
        return [x if i == rank else x.detach() for i, x in enumerate(swap(*given))]  # type: ignore[arg-type]

    with changed(ulysses, "exchange", one_way):
        run("one-way", sequence=2, steps=2)
    try:
        Trainer(rank, Plan(folder / "three", sequence=3))
    except HumanDiTError as error:
        (folder / f"refusal-{rank}").write_text(str(error))


def of_films(rank: int, recipe: Recipe) -> None:
    """The real trainer on filmed shards; before that, what it refuses where weights are split."""
    for how in ({"compile": True}, {"optimizer": "adamw8bit"}) if recipe.shard else ():
        try:
            VideoTrainer(replace(recipe, **how), rank)
        except HumanDiTError as error:
            (recipe.out / f"refused-{next(iter(how))}").write_text(str(error))
    trainer = VideoTrainer(recipe, rank)
    trainer.run()
    torch.save(trainer.measured, recipe.out / f"measured-{rank}.pt")


def until_killed(rank: int, folder: Path) -> None:
    plan = Plan(folder, shard=True, steps=20, save_minutes=0.0, pause=0.05)
    (folder / f"pid-{rank}").write_text(str(os.getpid()))
    Trainer(rank, plan).run()


if __name__ == "__main__":
    try:
        run_ranks(until_killed, int(sys.argv[2]), Path(sys.argv[1]))
    except HumanDiTError as problem:
        sys.exit(f"error: {problem}")

"""What every training loop has: time, ranks, optimisers, the moving average, checkpoints that it goes on from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
import torch.distributed as dist
from torch import Tensor, nn

from .clock import Clock
from .optim import optimizers, trapezoid
from .precision import training_dtype
from .ranks import agreed, average_gradients
from .state import Averaged, RunFolder


@runtime_checkable
class Run(Protocol):
    """The numbers of a recipe that the loop itself reads; see :mod:`.recipe`."""

    @property
    def out(self) -> Path: ...

    @property
    def minutes(self) -> float: ...

    @property
    def stretch(self) -> float | None: ...

    @property
    def steps(self) -> int | None: ...

    @property
    def lr(self) -> float: ...

    @property
    def ema(self) -> float: ...

    @property
    def save_minutes(self) -> float: ...

    @property
    def seed(self) -> int: ...


class Loop:
    """State of one rank. A trainer builds its model, hands it to :meth:`adopt` and says what a step is."""

    model: nn.Module
    averaged: Averaged
    optimizers: list[torch.optim.Optimizer]

    def __init__(self, run: Run, rank: int) -> None:
        self.timing, self.rank = run, rank
        self.device = torch.device("cuda", rank) if torch.cuda.is_available() else torch.device("cpu")
        self.dtype = training_dtype(self.device)
        torch.manual_seed(run.seed)
        self.folder = RunFolder(run.out)
        self.step, self.spent = 0, 0.0
        self.losses: list[float] = []

    def adopt(self, model: nn.Module, matrices: nn.Module) -> None:
        """Train ``model``, the 2D weights of its part ``matrices`` by Muon; go on from the folder's checkpoint."""
        self.averaged = Averaged(model.to(self.device), self.timing.ema)
        self.optimizers = optimizers(model, matrices, self.timing.lr, self.dtype)
        state = self.folder.load()
        if state is None:
            return
        model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        for optimizer, values in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(values)
        self.step, self.spent = state["step"], state["spent"]

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "step": self.step,
            "spent": self.spent,
        }

    def descend(self, loss: Tensor, progress: float, warmup: int, cooldown: float) -> float:
        """One step down ``loss``, at the rate of this moment of the run (0..1); returns the loss."""
        loss.backward()
        average_gradients([p for p in self.model.parameters() if p.requires_grad])
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        factor = trapezoid(progress, self.step, warmup, cooldown)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.timing.lr * factor
            optimizer.step()
            optimizer.zero_grad()
        self.averaged.update(self.model)
        self.step += 1
        return loss.item()

    @property
    def progress(self) -> float:
        """How far the run is, 0..1: in steps where their number is given, else in minutes."""
        steps = self.timing.steps
        return self.spent / self.timing.minutes if steps is None else self.step / steps

    def prepare(self) -> None:
        """Called before training and at every checkpoint, on every rank."""

    def measure(self) -> None:
        """Called before every report, on every rank: what only all of them together can find out."""

    def train_step(self, progress: float) -> float:
        raise NotImplementedError

    def report(self) -> None:
        raise NotImplementedError

    def save(self) -> None:
        raise NotImplementedError

    def run(self) -> None:
        """Train until the time is up."""
        clock = Clock(self.timing, self.spent)
        self.prepare()
        while True:
            self.spent = clock.spent
            if agreed(clock.stretched or self.progress >= 1):
                break
            self.losses.append(self.train_step(self.progress))
            if agreed(clock.due):
                clock.saved()
                self.prepare()
                self._show()
        self._show()
        if dist.is_initialized():
            dist.barrier()

    def _show(self) -> None:
        """Curves and a checkpoint."""
        self.measure()
        if self.rank == 0:
            self.report()
            self.save()

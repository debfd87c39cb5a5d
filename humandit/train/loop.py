"""What every training loop has: time, ranks, optimisers, the moving average, checkpoints that it goes on from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
import torch.distributed as dist
from torch import Tensor, nn

from ..errors import HumanDiTError
from .clock import Clock
from .groups import groups_of
from .lora import load_trained, trained_state
from .optim import optimizers, step_at, trapezoid
from .precision import training_dtype
from .ranks import agreed, average_gradients, greatest, mean_of_all
from .sharded import all_like, load_optimizer, split_over_ranks, whole
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
    """State of one process. A trainer builds its model, hands it to :meth:`adopt` and says what a step is.

    What a step draws at random it draws by :attr:`groups`' ``film``, which is the rank unless several processes share
    a film; rank 0 writes and speaks.
    """

    model: nn.Module
    averaged: Averaged
    optimizers: list[torch.optim.Optimizer]

    def __init__(self, run: Run, rank: int, sequence: int = 1) -> None:
        """``sequence`` processes share every film."""
        self.timing, self.rank, self.groups = run, rank, groups_of(sequence)
        cuda = torch.cuda.is_available()
        self.device = torch.device("cuda", torch.cuda.current_device()) if cuda else torch.device("cpu")
        slow = training_dtype(self.device) == torch.float32
        self.dtype = torch.float32 if agreed(slow) else torch.bfloat16
        torch.manual_seed(run.seed)
        self.folder = RunFolder(run.out)
        self.step, self.spent = 0, 0.0
        self.losses: list[float] = []
        self.split = False

    def adopt(self, model: nn.Module, matrices: nn.Module, optimizer: str = "muon", shard: bool = False) -> None:
        """Train what is not frozen of ``model``; go on from the folder's checkpoint.

        Args:
            matrices: its blocks, whose weights Muon takes.
            optimizer: one of :data:`~.optim.OPTIMIZERS`.
            shard: split weights, gradients and optimiser over the processes, if there are several.

        Raises:
            HumanDiTError: an optimiser whose numbers cannot be split.
        """
        self.split = shard and self.groups.ranks > 1
        if self.split and optimizer == "adamw8bit":
            raise HumanDiTError("adamw8bit cannot be split over processes. Choose adamw, or shard: false.")
        if self.split:
            split_over_ranks(model, matrices.children(), self.device, self.dtype)
        else:
            model.to(self.device)
        self.averaged = Averaged(model, self.timing.ema)
        self.optimizers = optimizers(model, matrices, self.timing.lr, self.dtype, optimizer)
        state = self.folder.load()
        if state is None:
            return
        self.resume(state)
        load_trained(model, all_like(state["model"], trained_state(model)))
        self.averaged.load_state_dict(state["averaged"])
        for own, values in zip(self.optimizers, state["optimizers"], strict=True):
            load_optimizer(own, values)
        self.step, self.spent = state["step"], state["spent"]

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds, whole on the first process; every process must ask for it."""
        return whole(
            {
                "model": trained_state(self.model),
                "averaged": self.averaged.state_dict(),
                "optimizers": [o.state_dict() for o in self.optimizers],
                "step": self.step,
                "spent": self.spent,
            }
        )

    def resume(self, state: dict[str, Any]) -> None:
        """Called with a checkpoint before anything is taken from it: refuse it, or take what a trainer added to it."""

    def descend(self, loss: Tensor, progress: float, warmup: int, cooldown: float) -> float:
        """One step down the mean over the processes of ``loss``, at the rate of this moment of the run (0..1).

        Returns that mean. Processes that share a film all have its whole loss: in the mean it counts once.
        """
        loss.backward()
        if not self.split:
            average_gradients([p for p in self.model.parameters() if p.requires_grad])
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        step_at(self.optimizers, self.timing.lr * trapezoid(progress, self.step, warmup, cooldown))
        self.averaged.update(self.model)
        self.step += 1
        return mean_of_all(loss)

    @property
    def progress(self) -> float:
        """How far the run is, 0..1: in steps where their number is given, else in minutes."""
        done, length = (
            (self.spent, self.timing.minutes) if self.timing.steps is None else (self.step, self.timing.steps)
        )
        return done / length if length else 1.0

    def prepare(self) -> None:
        """Called before training and at every checkpoint, on every rank."""

    def measure(self) -> None:
        """Called before every report, on every rank: what only all of them together can find out."""

    def train_step(self, progress: float) -> float:
        raise NotImplementedError

    def report(self) -> None:
        raise NotImplementedError

    def save(self) -> None:
        """A checkpoint, and the weights in a file of their own; every process must call it."""
        state = self.state()
        if self.rank == 0:
            self.folder.save(state)
            self.export(state)

    def export(self, state: dict[str, Any]) -> None:
        """Write the averaged weights of the whole ``state``; called on the first process."""
        raise NotImplementedError

    def run(self) -> None:
        """Train until the time is up."""
        clock = Clock(self.timing, self.spent)
        self.prepare()
        while True:
            (self.spent,) = greatest(clock.spent)  # one clock for all, or their rates would differ
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

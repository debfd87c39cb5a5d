"""What a training run leaves on disk: checkpoints it resumes from and a log of its curves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from ..errors import HumanDiTError, InvalidWeights
from ..media.write import whole_file
from .sharded import like, own, split_again


@dataclass(frozen=True)
class RunFolder:
    """The folder of one training run."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint.pt"

    def save(self, state: dict[str, Any]) -> None:
        """Write the checkpoint whole or not at all.

        Raises:
            HumanDiTError: the disk takes no more; the last checkpoint stays.
        """
        try:
            with whole_file(self.checkpoint) as part:
                torch.save(state, part)
        except (OSError, RuntimeError) as problem:  # the writer of torch turns the one into the other
            raise HumanDiTError(
                f"{self.checkpoint} cannot be written: there may be no room left ({problem}). The last checkpoint "
                "stays. Make room and run the same command again."
            ) from problem

    def load(self) -> dict[str, Any] | None:
        """The last checkpoint, or None for a fresh run."""
        if not self.checkpoint.exists():
            return None
        # processes that take it to their GPUs read the same pages of it instead of a copy each
        mapped = torch.cuda.is_available() and dist.is_initialized()
        try:
            return torch.load(self.checkpoint, map_location="cpu", weights_only=True, mmap=mapped)
        except Exception as problem:
            raise InvalidWeights(
                f"{self.checkpoint} cannot be resumed from ({problem}). Move it away to start again."
            ) from problem

    def log(self, **values: float | int | str) -> None:
        """Append one line to ``log.jsonl``."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "log.jsonl").open("a") as file:
            file.write(json.dumps(values) + "\n")


class Averaged:
    """Exponential moving average of a module's trained parameters, faster in the beginning; split as they are."""

    def __init__(self, module: torch.nn.Module, decay: float) -> None:
        self.decay, self.steps = decay, 0
        self.values = {name: p.detach().clone() for name, p in _trained(module)}

    @torch.no_grad()
    def update(self, module: torch.nn.Module) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        trained = _trained(module)
        now = [own(parameter.detach()).float() for _, parameter in trained]
        torch._foreach_lerp_([own(self.values[name]) for name, _ in trained], now, 1 - decay)

    @torch.no_grad()
    def copy_to(self, module: torch.nn.Module) -> None:
        """Give the averages to a module of the same parameters, split alike; those that never learn it has already."""
        for name, parameter in module.named_parameters():
            if name in self.values:
                own(parameter).copy_(own(self.values[name]))

    @contextmanager
    def lent_to(self, module: torch.nn.Module) -> Iterator[None]:
        """``module`` computes with the averages for a while. Where it is split, all processes must do so."""
        kept = {name: own(p.detach()).clone() for name, p in _trained(module)}
        self.copy_to(module)
        try:
            yield
        finally:
            split_again(module)
            with torch.no_grad():
                for name, parameter in _trained(module):
                    own(parameter).copy_(kept[name])

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self.steps, "values": self.values}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a whole state."""
        self.steps = state["steps"]
        self.values = {n: like(state["values"][n], value).to(value.device) for n, value in self.values.items()}


def _trained(module: torch.nn.Module) -> list[tuple[str, torch.nn.Parameter]]:
    return [(name, parameter) for name, parameter in module.named_parameters() if parameter.requires_grad]

"""What a training run leaves on disk: checkpoints it resumes from and a log of its curves."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..errors import InvalidWeights


@dataclass(frozen=True)
class RunFolder:
    """The folder of one training run."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint.pt"

    def save(self, state: dict[str, Any]) -> None:
        """Write the checkpoint whole or not at all."""
        self.path.mkdir(parents=True, exist_ok=True)
        part = self.checkpoint.with_suffix(f".{os.getpid()}.part")
        torch.save(state, part)
        part.replace(self.checkpoint)

    def load(self) -> dict[str, Any] | None:
        """The last checkpoint, or None for a fresh run."""
        if not self.checkpoint.exists():
            return None
        try:
            return torch.load(self.checkpoint, map_location="cpu", weights_only=True)
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
    """Exponential moving average of a module's parameters, faster in the beginning."""

    def __init__(self, module: torch.nn.Module, decay: float) -> None:
        self.decay, self.steps = decay, 0
        self.values = {name: p.detach().clone() for name, p in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: torch.nn.Module) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, parameter in module.named_parameters():
            self.values[name].lerp_(parameter.detach().float(), 1 - decay)

    @torch.no_grad()
    def copy_to(self, module: torch.nn.Module) -> None:
        for name, parameter in module.named_parameters():
            parameter.copy_(self.values[name])

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self.steps, "values": self.values}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.steps = state["steps"]
        self.values = {name: state["values"][name].to(value.device) for name, value in self.values.items()}

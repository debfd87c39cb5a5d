"""What a film will cost, before anything runs: segments, arithmetic, memory, time, and what to change."""

from __future__ import annotations

from .advice import planned
from .film import Machine, Plan, Wish, frames_of
from .machine import best_device, imagined, machine_of
from .memory import FORMATS, format_of
from .report import numbers, rows, text
from .sampled import StepClock
from .speed import Speed, calibrate, remember

__all__ = [
    "FORMATS",
    "Machine",
    "Plan",
    "Speed",
    "StepClock",
    "Wish",
    "best_device",
    "calibrate",
    "format_of",
    "frames_of",
    "imagined",
    "machine_of",
    "numbers",
    "planned",
    "remember",
    "rows",
    "text",
]

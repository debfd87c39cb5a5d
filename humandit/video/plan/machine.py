"""This machine: what is free, and how fast it is known to be."""

from __future__ import annotations

from pathlib import Path

import torch

from ..config import DiTConfig
from .film import Machine
from .memory import GB, format_of
from .speed import device_name, known_speed


def best_device() -> torch.device:
    """The card, or the CPU where there is none."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def machine_of(
    device: torch.device, config: DiTConfig, precision: str, vram: int | None = None, ram: int | None = None
) -> Machine:
    """``device`` with the bytes that are free there and the speed that is known for this model.

    Args:
        vram, ram: as the host counts them; the device and the system are asked for what is None.
    """
    name, has_card = device_name(device), device.type != "cpu"
    if vram is None and device.type == "cuda":
        vram = torch.cuda.mem_get_info(device)[0]
    speed = known_speed(name, format_of(precision, config), config.dim)
    return Machine(name, has_card, vram if has_card else None, free_ram() if ram is None else ram, speed)


def imagined(name: str, config: DiTConfig, precision: str, vram: int | None = None, ram: int | None = None) -> Machine:
    """A card that is not here, by its name: what it is known or guessed to do."""
    return Machine(name, True, vram, ram, known_speed(name, format_of(precision, config), config.dim))


def free_ram() -> int | None:
    """Bytes that programs can still have; None on systems that do not tell in a file."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), None)


def as_bytes(gigabytes: float | None) -> int | None:
    """GB as a user writes them."""
    return None if gigabytes is None else int(gigabytes * GB)

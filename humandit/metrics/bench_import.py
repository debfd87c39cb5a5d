"""What the pack adds to ComfyUI's start: whole starts of the server, with the pack and without, turn about.

ComfyUI prints how long each pack took to import, in tenths of a second; the wall clock tells the rest.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ..errors import HumanDiTError

PACK = Path(__file__).resolve().parents[2]
LAUNCHER = PACK / "tools" / "run_host.py"
"""Starts a ComfyUI also beside a PyTorch that its torchvision does not know."""
NAME = "ComfyUI-HumanDiT"
TIMES = re.compile(r"([\d.]+) seconds(?: \([^)]*\))?: .*" + NAME)
PATIENCE = 300.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Start:
    """One start: seconds by the wall clock, and those that ComfyUI says the pack's import took (None without it)."""

    wall: float
    printed: float | None


def measured(host: Path, rounds: int, say: Say) -> dict[str, float]:
    """Medians over ``rounds`` pairs of starts; seconds.

    Raises:
        HumanDiTError: no ComfyUI there, or it does not start.
    """
    if not (host / "main.py").is_file():
        raise HumanDiTError(f"Expected a ComfyUI folder with main.py at {host}. Name one with --comfyui.")
    without, with_pack = [], []
    with tempfile.TemporaryDirectory() as folder:
        bases = _base(Path(folder) / "without", None), _base(Path(folder) / "with", PACK)
        for number in range(rounds + 1):
            pair = [start(host, base) for base in bases]
            say(f"{pair[0].wall:.2f} s without, {pair[1].wall:.2f} s with the pack, import {pair[1].printed} s")
            if number:  # the first pair fills the disk cache
                without.append(pair[0])
                with_pack.append(pair[1])
    printed = [one.printed for one in with_pack if one.printed is not None]
    if len(printed) < rounds:
        raise HumanDiTError(f"ComfyUI said only {len(printed)} of {rounds} times how long the pack's import took.")
    host_seconds, all_seconds = (median(one.wall for one in side) for side in (without, with_pack))
    return {
        "added_seconds_median": median(printed),
        "added_wall_seconds": all_seconds - host_seconds,
        "host_seconds_median": host_seconds,
    }


def start(host: Path, base: Path) -> Start:
    """Start the server until it has loaded every pack, and let it end by itself."""
    launcher = LAUNCHER if LAUNCHER.is_file() else host / "main.py"
    call = [sys.executable, str(launcher), "--cpu", "--quick-test-for-ci", "--base-directory", str(base)]
    call += ["--disable-api-nodes", "--database-url", "sqlite:///:memory:", "--port", "0"]
    begun = time.perf_counter()
    done = subprocess.run(call, cwd=host, capture_output=True, text=True, errors="replace", timeout=PATIENCE)
    wall = time.perf_counter() - begun
    log = done.stdout + done.stderr
    if done.returncode:
        raise HumanDiTError(f"ComfyUI ended with code {done.returncode}: {log.strip().splitlines()[-1:]}")
    found = TIMES.search(log)
    return Start(wall, float(found.group(1)) if found else None)


def _base(folder: Path, pack: Path | None) -> Path:
    for name in ("custom_nodes", "models", "input", "output", "user/default", "temp"):
        (folder / name).mkdir(parents=True)
    if pack is not None:
        (folder / "custom_nodes" / NAME).symlink_to(pack, target_is_directory=True)
    return folder

"""Weights in pieces that fit through small doors, and together again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from humandit.errors import HumanDiTError

from .plan import Plan

PIECE = 15 * 2**20
"""Bytes of a piece of a weight file at most."""


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
        if not (plan.out / name / "checkpoint.pt").exists() and join(plan.pieces, file, lying):
            found[field] = str(lying)
        elif lying.exists():
            found[field] = str(lying)
    return replace(plan, **found)

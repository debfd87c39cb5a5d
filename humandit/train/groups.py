"""Which processes share a film, and which see other films: a table with a row for every film."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.distributed as dist

from ..diffusion.ulysses import Group
from ..errors import HumanDiTError


@dataclass(frozen=True)
class Groups:
    """The place of this process among those of a training.

    Examples, noise, timestep and dropout are drawn by ``film``, never by rank: the processes of a group must draw the
    same.

    Attributes:
        rank, ranks: this process of how many.
        sequence: processes that share every film along time; neighbours by rank, so that they sit in one machine.
        group: these processes, or None where every process has films of its own.
    """

    rank: int = 0
    ranks: int = 1
    sequence: int = 1
    group: Group = None

    @property
    def film(self) -> int:
        """Which of the films of a step is this process's, 0 .. films - 1."""
        return self.rank // self.sequence

    @property
    def films(self) -> int:
        """How many processes or groups see different films."""
        return self.ranks // self.sequence


def groups_of(sequence: int = 1) -> Groups:
    """The groups of ``sequence`` processes each; all processes must ask alike.

    Raises:
        HumanDiTError: processes that cannot be shared out evenly.
    """
    rank, ranks = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
    if ranks % sequence:
        raise HumanDiTError(
            f"Groups of {sequence} processes for one film (sequence) cannot be made of {ranks}. Start a multiple of "
            f"{sequence} of them, or choose sequence: 1."
        )
    if sequence == 1:
        return Groups(rank, ranks)
    from torch.distributed.device_mesh import init_device_mesh

    kind = "cuda" if torch.cuda.is_available() else "cpu"
    table = init_device_mesh(kind, (ranks // sequence, sequence), mesh_dim_names=("films", "tokens"))
    return Groups(rank, ranks, sequence, table["tokens"].get_group())

"""Muon (K. Jordan, 2024): momentum whose matrices are made orthogonal before they are applied.

``torch.optim.Muon`` does the same but always multiplies in bfloat16: on a CPU without bf16 instructions one step of it
took ten times as long as the whole rest of training. Here the number type is a choice, and ranks share the work.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from .sharded import in_one_piece, is_split, like

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the quintic Newton-Schulz iteration: steepest at zero, singular values end between about 0.7 and 1.2."""
ITERATIONS = 5
MOMENTUM = 0.95


def orthogonal(matrix: Tensor, dtype: torch.dtype) -> Tensor:
    """[m, n], or several [k, m, n], with all singular values near one, the same singular vectors; products in
    ``dtype``."""
    a, b, c = COEFFICIENTS
    tall = matrix.shape[-2] > matrix.shape[-1]
    x = (matrix.mT if tall else matrix).to(dtype)
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=1e-7)
    added = torch.addmm if x.ndim == 2 else torch.baddbmm
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = added(x, added(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


def orthogonal_each(matrices: list[Tensor], dtype: torch.dtype) -> list[Tensor]:
    """:func:`orthogonal` of each, float32; on a graphics card those of one shape together, or it would wait for its
    orders most of the time."""
    if not matrices or not matrices[0].is_cuda:
        return [orthogonal(matrix, dtype).float() for matrix in matrices]
    found: dict[int, Tensor] = {}
    for shape in {matrix.shape for matrix in matrices}:
        alike = [i for i, matrix in enumerate(matrices) if matrix.shape == shape]
        together = orthogonal(torch.stack([matrices[i] for i in alike]), dtype).float()
        found |= dict(zip(alike, together.unbind(), strict=True))
    return [found[i] for i in range(len(matrices))]


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised; steps as large as AdamW's (0.2 root mean square, Moonshot 2025). The weights
    of a convolution are taken for a matrix, all that goes into an output one row.

    With several ranks each makes the updates of every n-th matrix, and all receive all of them. Where matrices are
    split over the ranks (FSDP2), each is made whole on every rank in its turn, orthogonalised there, and split again:
    no rank ever holds two, and the arithmetic that this repeats is small beside a step of a large model.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float, weight_decay: float, dtype: torch.dtype) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            trained = [p for p in group["params"] if p.grad is not None]
            momenta = [as_matrix(self._momentum(p)) for p in trained]
            for parameter, update in zip(trained, shared_updates(momenta, self.dtype), strict=True):
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update.view(parameter.shape), alpha=-0.2 * group["lr"] * math.sqrt(max(update.shape)))

    def _momentum(self, parameter: Tensor) -> Tensor:
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        assert parameter.grad is not None
        state["momentum_buffer"].lerp_(parameter.grad, 1 - MOMENTUM)
        return parameter.grad.lerp(state["momentum_buffer"], MOMENTUM)


def as_matrix(weight: Tensor) -> Tensor:
    """[rows, columns] of a weight [rows, ...]; matrices as they are, whatever they are split over."""
    return weight if weight.ndim == 2 else weight.flatten(1)


def shared_updates(momenta: list[Tensor], dtype: torch.dtype) -> list[Tensor]:
    """The orthogonal form of each matrix, float32, every rank computing its share; split as the matrix is."""
    if any(is_split(m) for m in momenta):
        return [like(orthogonal(in_one_piece(m), dtype).float(), m) for m in momenta]
    if not dist.is_initialized():
        return orthogonal_each(momenta, dtype)
    rank, ranks = dist.get_rank(), dist.get_world_size()
    own = [orthogonal(m, dtype).float() if i % ranks == rank else torch.zeros_like(m) for i, m in enumerate(momenta)]
    flat = torch.cat([update.flatten() for update in own])
    dist.all_reduce(flat)
    return [part.view_as(m) for part, m in zip(flat.split([m.numel() for m in momenta]), momenta, strict=True)]

"""One film on several processes: each keeps a part of the tokens, and a part of the heads while attention looks at all
tokens (DeepSpeed-Ulysses, Jacobs et al., 2023).

Outside attention every token is worked on alone, so a process needs only its own. Before attention the processes swap
tokens for heads, after it they swap back. Text tokens are shared out like the others; attention does not mind their
order, because positions were turned into the tokens before. Gradients go the same ways back, so the mean of the
processes' gradients is that of one process (:mod:`~..train.groups`). Shapes: R processes, B batch, H heads, n own
tokens, N tokens of all, d width of a head.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from ..errors import HumanDiTError
from .attention import Attention
from .blocks import Rope
from .runs import RunBlocks, every_block

Group = dist.ProcessGroup | None
"""Processes of ``torch.distributed`` that work together; None for all of them."""


def shares(tokens: int, processes: int) -> list[int]:
    """How many of ``tokens`` each process keeps: as even as can be, the first ones one more."""
    few, more = divmod(tokens, processes)
    return [few + (rank < more) for rank in range(processes)]


class _Swap(torch.autograd.Function):
    """``dist.all_to_all_single`` of flat tensors; what comes back is the gradient of what was sent.

    ``torch.distributed.nn`` has the same, deprecated."""

    @staticmethod
    def forward(ctx: Any, sent: Tensor, outgoing: list[int], incoming: list[int], group: Group) -> Tensor:
        ctx.back = incoming, outgoing, group
        received = sent.new_empty(sum(incoming))
        dist.all_to_all_single(received, sent, incoming, outgoing, group=group)
        return received

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        return _Swap.apply(gradients[0].contiguous(), *ctx.back), None, None, None  # type: ignore[return-value]


def exchange(parts: Sequence[Tensor], shapes: Sequence[tuple[int, ...]], group: Group = None) -> list[Tensor]:
    """Part i goes to process i of ``group``; from process i comes a tensor of shape i."""
    sizes = [int(torch.Size(shape).numel()) for shape in shapes]
    sent = torch.cat([part.flatten() for part in parts])
    received: Any = _Swap.apply(sent, [part.numel() for part in parts], sizes, group)
    return [piece.view(shape) for piece, shape in zip(received.split(sizes), shapes, strict=True)]


class Ulysses:
    """Shares the tokens of one film out over processes.

    Args:
        attention: full attention, called with all tokens and some of the heads.
        heads: of the model.
        group: the processes; all that have joined, by default.

    Raises:
        HumanDiTError: heads that cannot be shared out evenly.
    """

    def __init__(self, attention: Attention, heads: int, group: Group = None) -> None:
        self.group, self.rank, self.processes = group, dist.get_rank(group), dist.get_world_size(group)
        if heads % self.processes:
            raise HumanDiTError(
                f"{heads} heads cannot be shared out over {self.processes} processes. Start a number of processes "
                f"that divides {heads}."
            )
        self.inner, self.tokens = attention, [0] * self.processes

    def attention(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Own tokens of all heads [B, H, n, d] -> the same, having seen the tokens of all processes."""
        q, k, v = (self._all_tokens(x) for x in (q, k, v))
        return self._all_heads(self.inner(q, k, v))

    def run_blocks(
        self,
        blocks: Iterable[nn.Module],
        x: Tensor,
        words: Tensor | None,
        temb: Tensor,
        rope: Rope,
        prefix: int,
        through: RunBlocks = every_block,
    ) -> tuple[Tensor, Tensor | None]:
        """A :data:`~.runs.RunBlocks`: the own tokens ``through`` all blocks; then every process has all tokens."""
        counts = shares(x.shape[1], self.processes)
        texts = shares(0 if words is None else words.shape[1], self.processes)
        self.tokens = [a + b for a, b in zip(counts, texts, strict=True)]
        start = sum(counts[: self.rank])
        own = slice(start, start + counts[self.rank])
        own_rope = (rope[0][own], rope[1][own])
        own_prefix = min(max(prefix - start, 0), counts[self.rank])
        own_words = None if words is None else words.split(texts, dim=1)[self.rank]
        x, own_words = through(blocks, x[:, own], own_words, temb, own_rope, own_prefix)
        return self._gathered(x, counts), None if own_words is None else self._gathered(own_words, texts)

    def _all_tokens(self, x: Tensor) -> Tensor:
        """[B, H, n, d] -> [B, H/R, N, d]."""
        batch, heads, _, width = x.shape
        shapes = [(batch, heads // self.processes, count, width) for count in self.tokens]
        return torch.cat(exchange(x.chunk(self.processes, dim=1), shapes, self.group), dim=2)

    def _all_heads(self, x: Tensor) -> Tensor:
        """[B, H/R, N, d] -> [B, H, n, d]."""
        parts = x.split(self.tokens, dim=2)
        return torch.cat(exchange(parts, [tuple(parts[self.rank].shape)] * self.processes, self.group), dim=1)

    def _gathered(self, x: Tensor, counts: Sequence[int]) -> Tensor:
        """[B, n, D] of every process -> [B, N, D]."""
        shapes = [(x.shape[0], count, x.shape[2]) for count in counts]
        return torch.cat(exchange([x] * self.processes, shapes, self.group), dim=1)

"""How the tokens go through the blocks: through all of them, or only through the first where little has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torch import Tensor, nn

from .blocks import Rope

RunBlocks = Callable[[Iterable[nn.Module], Tensor, Tensor | None, Tensor, Rope, int], tuple[Tensor, Tensor | None]]
"""(blocks, tokens, text tokens or None, temb, rope, prefix) -> tokens and text tokens after the last block."""


def every_block(
    blocks: Iterable[nn.Module], x: Tensor, words: Tensor | None, temb: Tensor, rope: Rope, prefix: int
) -> tuple[Tensor, Tensor | None]:
    """All blocks, one after the other."""
    for block in blocks:
        x, words = block(x, words, temb, rope, prefix)
    return x, words


class FirstBlockCache:
    """Spares the other blocks when what the first one adds has hardly changed since they last ran.

    What the others added then is added again (the idea of ParaAttention's first-block cache). It belongs to ONE run
    and ONE branch of guidance: a shared one would add another film's, or the unposed picture's, residuals.

    Args:
        threshold: mean absolute change of the first block's residual, relative to its size, below which the others
            are spared; 0 spares none.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.spared = 0
        self._first: Tensor | None = None
        self._rest: tuple[Tensor, Tensor | None] | None = None

    def __call__(
        self, blocks: Iterable[nn.Module], x: Tensor, words: Tensor | None, temb: Tensor, rope: Rope, prefix: int
    ) -> tuple[Tensor, Tensor | None]:
        first, *others = blocks
        near, near_words = first(x, words, temb, rope, prefix)
        if self._rest is not None and self._like_before(near - x):
            self.spared += 1
            return near + self._rest[0], None if near_words is None else near_words + self._rest[1]
        self._first = near - x
        far, far_words = every_block(others, near, near_words, temb, rope, prefix)
        self._rest = far - near, None if near_words is None or far_words is None else far_words - near_words
        return far, far_words

    def _like_before(self, residual: Tensor) -> bool:
        before = self._first
        if before is None or before.shape != residual.shape:
            return False
        return bool((residual - before).abs().mean() < self.threshold * before.abs().mean())

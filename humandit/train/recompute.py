"""Gradient checkpointing (Chen et al. 2016): a block's inner tensors are made again in the backward pass, not kept."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ..diffusion.blocks import Rope


def recomputed(
    blocks: Iterable[nn.Module], x: Tensor, words: Tensor | None, temb: Tensor, rope: Rope, prefix: int
) -> tuple[Tensor, Tensor | None]:
    """A ``run_blocks`` of the model: all blocks, of which only the inputs are kept. A third more arithmetic.

    The re-entrant kind would run the blocks without gradients first, where they write over their inputs. Nothing in
    them is random, so no state of a generator need be kept.
    """
    for block in blocks:
        x, words = checkpoint(  # type: ignore[assignment]
            block, x, words, temb, rope, prefix, use_reentrant=False, preserve_rng_state=False
        )
    return x, words

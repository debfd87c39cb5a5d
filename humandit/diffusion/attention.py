"""Attention as a function, so that a host can hand in a faster one."""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

Attention = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(q, k, v), each [B, heads, N, head_dim] -> [B, heads, N, head_dim]."""


def sdpa(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """PyTorch's scaled dot-product attention, full, without mask."""
    return F.scaled_dot_product_attention(q, k, v)

"""Attention as a function, so that a host can hand in a faster one; and those that PyTorch and others offer.

Every function here computes the same, up to rounding: full attention without a mask.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache, partial

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import HumanDiTError

Attention = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(q, k, v), each [B, heads, N, head_dim] -> [B, heads, N, head_dim]."""


def sdpa(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """PyTorch's scaled dot-product attention, full, without mask."""
    return F.scaled_dot_product_attention(q, k, v)


def plain(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Two products and a softmax. Holds all N x N weights: for few tokens only."""
    return torch.softmax(q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5, dim=-1) @ v


def one_kernel(kernel: str, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """:func:`sdpa` by one of PyTorch's kernels, a name of ``SDPBackend``."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel(getattr(SDPBackend, kernel)):
        return sdpa(q, k, v)


def sage(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """SageAttention, in 8 bits: needs the package and a GPU. Rounds more than the others do."""
    from sageattention import sageattn

    return sageattn(q, k, v, is_causal=False)


@cache
def _flex() -> Attention:
    from torch.nn.attention.flex_attention import flex_attention

    return torch.compile(flex_attention)


def flex(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """PyTorch's FlexAttention, compiled at its first use."""
    return _flex()(q, k, v)


EVERYWHERE: dict[str, Attention] = {"sdpa": sdpa, "plain": plain}
ON_CUDA: dict[str, Attention] = {
    "cudnn": partial(one_kernel, "CUDNN_ATTENTION"),
    "flash": partial(one_kernel, "FLASH_ATTENTION"),
    "efficient": partial(one_kernel, "EFFICIENT_ATTENTION"),
    "flex": flex,
    "sage": sage,
}


def available(device: torch.device) -> dict[str, Attention]:
    """Name -> function of what may run on ``device``; a GPU may still refuse one when it is called."""
    if device.type != "cuda":
        return EVERYWHERE
    has_sage = importlib.util.find_spec("sageattention") is not None
    return EVERYWHERE | {name: function for name, function in ON_CUDA.items() if name != "sage" or has_sage}


def attention_named(name: str, device: torch.device) -> Attention:
    """The function of that name, or :class:`HumanDiTError` when ``device`` has none such."""
    known = available(device)
    if name not in known:
        raise HumanDiTError(f"No attention {name!r} on {device.type}. Choose one of: auto, {', '.join(known)}.")
    return known[name]

"""Rotary positions for video tokens of any size and length, and for tokens in time alone.

The video grid follows CogVideoX 1.0: the token plane is fitted, centred, into a base plane (30 x 45 tokens for 5b) and
positions are spread linearly over it; CogVideoX 1.5 simply counts rows and columns. Time counts up by one per token. A
quarter of each head turns with time, three eighths with height and width each (diffusers ``get_3d_rotary_pos_embed``,
``grid_type`` "linspace" and "slice").
"""

from __future__ import annotations

import torch
from torch import Tensor


def _fit(grid: tuple[int, int], base: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last (row, column) of ``grid`` scaled to fit inside ``base``, centred; whole numbers as upstream."""
    (h, w), (base_h, base_w) = grid, base
    if h / w > base_h / base_w:
        height, width = base_h, round(base_h / h * w)
    else:
        height, width = round(base_w / w * h), base_w
    top, left = round((base_h - height) / 2), round((base_w - width) / 2)
    return (top, left), (top + height, left + width)


def _angles(positions: Tensor, dim: int, theta: float) -> Tensor:
    frequencies = 1.0 / theta ** (torch.arange(0, dim, 2, dtype=torch.float32, device=positions.device) / dim)
    return torch.outer(positions, frequencies)


def _spread(start: float, stop: float, count: int, device: torch.device) -> Tensor:
    return torch.linspace(start, stop * (count - 1) / count, count, dtype=torch.float32, device=device)


def video_rope(
    frames: int, grid: tuple[int, int], head_dim: int, base: tuple[int, int] | None, theta: float, device: torch.device
) -> tuple[Tensor, Tensor]:
    """cos and sin, each [frames*h*w, head_dim / 2] float32, for tokens in (frame, row, column) order.

    Args:
        frames: tokens in time.
        grid: token rows and columns.
        base: the plane of rows and columns the model was trained on; None to count them.
        theta: base of the frequencies.
    """
    (top, left), (bottom, right) = ((0, 0), grid) if base is None else _fit(grid, base)
    h, w = grid
    along_t = _angles(torch.arange(frames, dtype=torch.float32, device=device), head_dim // 4, theta)
    along_h = _angles(_spread(top, bottom, h, device), head_dim // 8 * 3, theta)
    along_w = _angles(_spread(left, right, w, device), head_dim // 8 * 3, theta)
    angles = torch.cat(
        [
            along_t[:, None, None].expand(-1, h, w, -1),
            along_h[None, :, None].expand(frames, -1, w, -1),
            along_w[None, None].expand(frames, h, -1, -1),
        ],
        dim=-1,
    ).reshape(frames * h * w, -1)
    return angles.cos(), angles.sin()


def time_rope(frames: int, head_dim: int, theta: float, device: torch.device) -> tuple[Tensor, Tensor]:
    """cos and sin, each [frames, head_dim / 2] float32, for one token per frame: the whole head turns with time."""
    angles = _angles(torch.arange(frames, dtype=torch.float32, device=device), head_dim, theta)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Turn neighbouring pairs of ``x`` [..., head_dim] by the angles of ``rope``, in float32.

    Args:
        rope: cos and sin, each [..., head_dim / 2], broadcast over ``x``.
    """
    cos, sin = (part.to(x.device) for part in rope)
    pairs = x.float().unflatten(-1, (-1, 2))
    by_hand = x.device.type == "mps" or torch.compiler.is_compiling()
    a_copy = x.dtype != torch.float32 and not torch.is_grad_enabled()
    turned = _turned_by_hand(pairs, cos, sin) if by_hand else _turned(pairs, cos, sin, overwrite=a_copy)
    return turned.flatten(-2).to(x.dtype)


def _turned(pairs: Tensor, cos: Tensor, sin: Tensor, overwrite: bool) -> Tensor:
    """Each pair as one complex number: a single pass over ``pairs``, where products of halves take seven."""
    numbers, turn = torch.view_as_complex(pairs.contiguous()), torch.complex(cos, sin)
    return torch.view_as_real(numbers.mul_(turn) if overwrite else numbers * turn)


def _turned_by_hand(pairs: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """The same for what lacks complex numbers: Apple's devices, compiled code."""
    real, imaginary = pairs.unbind(-1)
    return torch.stack([real * cos - imaginary * sin, imaginary * cos + real * sin], dim=-1)

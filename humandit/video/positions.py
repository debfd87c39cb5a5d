"""The positions that CogVideoX-5b-I2V has learned, beside its rotary ones: a table for one size of film.

Rows: the words', then those of every token of the film in (frame, row, column) order. Fewer words or frames than the
table was made for take its first rows, as the model's first authors do. For a size that the table lacks PP-VCtrl's
authors compute sinusoids instead, and none for the words (diffusers' ``get_3d_sincos_pos_embed``).
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import InvalidShape
from ..types import SPACE_SCALE, TIME_SCALE
from .config import DiTConfig

SPREAD = 1.875
"""Tokens per unit of the computed positions, on both sides: 30 rows count as 16 (``spatial_interpolation_scale``)."""
SLOWEST = 10000.0
"""Ratio of the computed positions' wavelengths, longest to shortest."""


def table_rows(config: DiTConfig) -> int:
    """Rows of the table: 226 + 13 * 30 * 45 = 17,776 in CogVideoX-5b-I2V."""
    words, frames = config.learned_positions or (0, 0)
    rows, columns = config.rope_base or (0, 0)
    return words + frames * rows * columns


def of_film(table: Tensor, config: DiTConfig, latents: Tensor) -> Tensor:
    """Positions [1, N, D] of the tokens of ``latents`` [B, F, C, h, w].

    Raises:
        InvalidShape: another size, or more frames, than the table was made for.
    """
    words, most = config.learned_positions or (0, 0)
    rows, columns = config.rope_base or (0, 0)
    frames, height, width = latents.shape[1], *latents.shape[3:]
    if not in_table(config, latents) or frames > most:
        side = config.patch * SPACE_SCALE
        raise InvalidShape(
            f"This model has learned its positions, as CogVideoX-5b-I2V: it takes {columns * side}x{rows * side} and "
            f"up to {_film(most)} frames only, got {width * SPACE_SCALE}x{height * SPACE_SCALE} and {_film(frames)} "
            "frames. Use that size, or weights made from CogVideoX-5b, which take any."
        )
    return table[:, words : words + frames * rows * columns]


def in_table(config: DiTConfig, latents: Tensor) -> bool:
    """Whether the table was made for the size of ``latents`` [B, F, C, h, w]."""
    rows, columns = config.rope_base or (0, 0)
    return tuple(latents.shape[3:]) == (rows * config.patch, columns * config.patch)


def computed(config: DiTConfig, latents: Tensor) -> Tensor:
    """Positions [1, N, D] of the tokens of ``latents`` [B, F, C, h, w], of any size: a quarter of the width tells the
    frame, three eighths each the column and the row."""
    frames, height, width = latents.shape[1], *(side // config.patch for side in latents.shape[3:])
    of_space = 3 * config.dim // 8
    frame = _sinusoids(torch.arange(frames), config.dim // 4)[:, None, None].expand(-1, height, width, -1)
    column = _sinusoids(torch.arange(width) / SPREAD, of_space)[None, None].expand(frames, height, -1, -1)
    row = _sinusoids(torch.arange(height) / SPREAD, of_space)[None, :, None].expand(frames, -1, width, -1)
    return torch.cat([frame, column, row], dim=3).flatten(0, 2)[None]


def _sinusoids(places: Tensor, width: int) -> Tensor:
    """[n] -> [n, width]: sines, then cosines."""
    speeds = SLOWEST ** -(torch.arange(width // 2, dtype=torch.float64) / (width // 2))
    angles = places.double()[:, None] * speeds
    return torch.cat([angles.sin(), angles.cos()], dim=1).float()


def of_words(table: Tensor, config: DiTConfig, count: int) -> Tensor:
    """Positions [1, count, D] of the text."""
    words = (config.learned_positions or (0, 0))[0]
    if count > words:
        raise InvalidShape(f"This model knows {words} text tokens, got {count}. Shorten the prompt.")
    return table[:, :count]


def _film(latent_frames: int) -> int:
    return (latent_frames - 1) * TIME_SCALE + 1

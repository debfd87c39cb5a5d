"""The positions that CogVideoX-5b-I2V has learned, beside its rotary ones: a table for one size of film.

Rows: the words', then those of every token of the film in (frame, row, column) order. Fewer words or frames than the
table was made for take its first rows, as the model's first authors do.
"""

from __future__ import annotations

from torch import Tensor

from ..errors import InvalidShape
from ..types import SPACE_SCALE, TIME_SCALE
from .config import DiTConfig


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
    if (height, width) != (rows * config.patch, columns * config.patch) or frames > most:
        side = config.patch * SPACE_SCALE
        raise InvalidShape(
            f"This model has learned its positions, as CogVideoX-5b-I2V: it takes {columns * side}x{rows * side} and "
            f"up to {_film(most)} frames only, got {width * SPACE_SCALE}x{height * SPACE_SCALE} and {_film(frames)} "
            "frames. Use that size, or weights made from CogVideoX-5b, which take any."
        )
    return table[:, words : words + frames * rows * columns]


def of_words(table: Tensor, config: DiTConfig, count: int) -> Tensor:
    """Positions [1, count, D] of the text."""
    words = (config.learned_positions or (0, 0))[0]
    if count > words:
        raise InvalidShape(f"This model knows {words} text tokens, got {count}. Shorten the prompt.")
    return table[:, :count]


def _film(latent_frames: int) -> int:
    return (latent_frames - 1) * TIME_SCALE + 1

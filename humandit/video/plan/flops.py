"""How much arithmetic a film takes, from the sizes of the model; a multiplication with its addition counts as two."""

from __future__ import annotations

from functools import lru_cache

from ...types import TIME_SCALE, LatentShape
from ..config import DiTConfig
from ..finish import PICTURES, SEEN, WIDTHS
from ..model import HumanDiT
from ..overlay import FRAME, SOURCES
from ..patch import patching
from ..pose_guider import PIXELS

PARTS = 2
"""Sets of modulation: the clean prefix has its own."""


def tokens_of(config: DiTConfig, shape: LatentShape) -> int:
    """Video tokens of one segment."""
    frames, rows, columns = patching(config).grid(shape.frames, shape.height, shape.width)
    return frames * rows * columns


def forward_flops(config: DiTConfig, shape: LatentShape, words: int = 0, posed: bool = True) -> int:
    """Of one evaluation of the transformer.

    For CogVideoX-5b about 9.513e9 N + 5.161e5 N^2 with N tokens, words included.

    Args:
        words: text tokens; HumanDiT needs none.
        posed: with the pose guider; guidance asks once with and once without.
    """
    tokens, dim = tokens_of(config, shape), config.dim
    positions = patching(config).positions
    own = positions * (config.in_channels + config.out_channels + (PIXELS * config.pose_channels if posed else 0))
    outside = 2 * tokens * dim * own + 2 * words * dim * (config.text_dim or 0)
    joint = tokens + words
    block = 24 * joint * dim**2 + 4 * joint**2 * dim + _modulation(config, 12 if config.has_text else 6)
    around = _overlay(config, tokens, tokens // shape.frames, posed) if config.overlaid else 0
    return outside + config.layers * block + _time(config) + around


def _overlay(config: DiTConfig, tokens: int, of_frame: int, posed: bool) -> int:
    """Of what goes around the blocks: the matte and the gates, and pixels and code of every latent position."""
    positions, channels = patching(config).positions, config.out_channels
    said = config.dim * positions * (SOURCES * channels + (PIXELS if posed else 0))
    coded = (tokens if posed else of_frame) * TIME_SCALE  # without a moved picture all frames are one
    return 2 * tokens * said + 2 * (coded + of_frame) * positions * channels * FRAME


def finish_flops(config: DiTConfig, shape: LatentShape) -> int:
    """Of finishing the decoded frames of one segment; 0 for a model that leaves them as they are."""
    if not config.finished:
        return 0
    half, quarter, eighth = WIDTHS
    blocks = 2 * _residual(half) + (4 * _residual(quarter) + 2 * _residual(eighth) / 4) / 4
    between = 2 * 4 * half * quarter / 4 + 2 * 4 * quarter * eighth / 16
    ends = 9 * half * (4 * SEEN + 4 * (3 + PICTURES))
    video = shape.video
    return round(2 * video.frames * video.height * video.width / 4 * (ends + blocks + between))


def _residual(width: int) -> int:
    return 2 * 9 * width**2


def _modulation(config: DiTConfig, sets: int) -> int:
    return 2 * PARTS * config.time_dim * sets * config.dim


def _time(config: DiTConfig) -> int:
    ofs = 0 if config.ofs_dim is None else 4 * config.ofs_dim**2
    embedding = 2 * PARTS * (config.dim * config.time_dim + config.time_dim**2)
    return embedding + _modulation(config, 2) + ofs


@lru_cache
def parameters(config: DiTConfig) -> int:
    """Numbers in the transformer, counted on a model without memory."""
    model = HumanDiT(config, device="meta")
    return sum(tensor.numel() for tensor in model.state_dict().values())

"""What the two video autoencoders cost, per position of a latent plane (8 x 8 pixels).

CogVideoX's figures were traced on its real sizes without memory (docs/plan.md); a test traces them again.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...types import SPACE_SCALE, TIME_SCALE, LatentShape
from ..config import DiTConfig
from ..light_vae import CHUNK
from .flops import parameters

SMALL = 200_000_000
"""Parameters of a transformer up to which it is taken to belong to the light autoencoder."""
TILE = 32
"""Latent positions on a side of the tiles into which hosts cut what does not fit."""
TILE_STEP = 24
"""Positions from tile to tile: they overlap by a quarter."""


@dataclass(frozen=True)
class AutoencoderCost:
    """Attributes:
    name: in words.
    parameters: numbers in its weights.
    element: bytes per number in use.
    decode_numbers: numbers alive per plane position at the peak of a streamed decode, for each latent of a chunk.
    chunk: most latents decoded at a time.
    decode_flops: per plane position and decoded frame.
    encode_flops, encode_numbers: per plane position of a picture encoded alone.
    """

    name: str
    parameters: int
    element: int
    decode_numbers: int
    chunk: int
    decode_flops: float
    encode_flops: float
    encode_numbers: int

    @property
    def weights(self) -> int:
        """Bytes."""
        return self.parameters * self.element

    def decode_bytes(self, shape: LatentShape, tiled: bool = False) -> int:
        """At the peak of a streamed decode, finished frames apart."""
        sides = (min(side, TILE) if tiled else side for side in (shape.height, shape.width))
        plane = next(sides) * next(sides)
        return plane * min(shape.frames, self.chunk) * self.decode_numbers * self.element

    def encode_bytes(self, shape: LatentShape) -> int:
        """At the peak of encoding a picture alone."""
        return shape.height * shape.width * self.encode_numbers * self.element

    def film_bytes(self, shape: LatentShape) -> int:
        """Frames of one decoded segment."""
        return shape.video.frames * 3 * shape.height * shape.width * SPACE_SCALE**2 * self.element

    def flops(self, shape: LatentShape, tiled: bool = False) -> float:
        """Of decoding one segment, and of encoding the frame that it starts from."""
        plane = shape.height * shape.width
        shown = _tiled(shape.height) * _tiled(shape.width) if tiled else plane
        return shown * shape.video.frames * self.decode_flops + plane * self.encode_flops


LIGHT = AutoencoderCost("light", 1_344_420, 4, 5508, CHUNK, 3.651e6 / TIME_SCALE, 6.2e3, 600)
"""The bundled one, in float32."""
COGVIDEOX = AutoencoderCost("CogVideoX", 215_583_907, 2, 488_400, 3, 1.195e9, 0.885e9, 170_600)
"""The 5B models', in bfloat16: 2.93 MB per position once the second chunk runs beside what the first one left."""


def autoencoder_of(config: DiTConfig) -> AutoencoderCost:
    """The one that a model of these sizes is used with: a guess by size, as no transformer's file tells."""
    return LIGHT if parameters(config) < SMALL else COGVIDEOX


def _tiled(side: int) -> int:
    """Positions on a side, those that are decoded twice counted twice."""
    return side if side <= TILE else TILE * -(-(side - TILE) // TILE_STEP + -1)

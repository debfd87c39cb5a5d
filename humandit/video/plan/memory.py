"""How much memory a film takes, part by part, on the card and beside it.

The parts of the transformer follow its code tensor by tensor and hold for any sizes; the autoencoders' were traced.
Kernels' own workspaces are not seen by either: :data:`RESERVE` stands for them. Numbers are bytes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch

from ...errors import HumanDiTError
from ...types import MOVED_CHANNELS, POSE_SCALE, LatentShape
from ..config import DiTConfig
from ..patch import patching
from ..pose_guider import PIXELS
from .autoencoders import SMALL, AutoencoderCost, autoencoder_of
from .flops import parameters, tokens_of

GB = 2**30
"""Bytes in what graphics cards are sold by."""
FORMATS = {"fp32": 4, "bf16": 2, "fp16": 2, "fp8": 1}
"""Bytes per weight. Layers of fp8 weights compute in bf16."""
RESERVE = int(0.8 * GB)
"""An assumption: the driver's context and kernels' workspaces; ComfyUI keeps as much free."""
PROGRAM = int(1.5 * GB)
"""An assumption: the host, PyTorch and the pose nets in main memory."""
FLOAT = 4
"""Bytes of a number in float32: rotary angles, latents between steps, frames in a host's memory."""
FINISH_NUMBERS = 400
"""Numbers per pixel of a frame alive while four frames are finished, finished ones apart."""
LATENT_COPIES = 8
"""Latents of a segment alive between two evaluations of guided sampling, in float32."""


@dataclass(frozen=True)
class CardMemory:
    """On the card.

    Attributes:
        weights: of the transformer; of fp8 weights also the largest layer's, widened while it computes.
        conditions: pose tokens and latents of the segment, rotary angles.
        pose_guider: what it needs while it runs, before the blocks.
        attention: tokens inside a block while queries and keys are turned, the block's input included.
        feed_forward: the same while the wide layer runs.
        vae_weights: of the autoencoder.
        decode_whole, decode_tiled: the peak of its decoding, frames whole or cut into tiles, and of finishing them.
        decoded_frames: finished frames of the segment that wait beside it, and their joined copy.
        text_encoder: none; HumanDiT reads no text.
        reserve: see :data:`RESERVE`.
    """

    weights: int
    conditions: int
    pose_guider: int
    attention: int
    feed_forward: int
    vae_weights: int
    decode_whole: int
    decode_tiled: int
    decoded_frames: int
    text_encoder: int = 0
    reserve: int = RESERVE

    @property
    def working(self) -> int:
        """Largest of the stages of one evaluation."""
        return max(self.pose_guider, self.attention, self.feed_forward)

    @property
    def sampling(self) -> int:
        """While denoising; the autoencoder waits in main memory."""
        return self.weights + self.conditions + self.working + self.reserve

    def decoding(self, tiled: bool) -> int:
        """While frames are made; the transformer waits in main memory."""
        return (
            self.vae_weights + (self.decode_tiled if tiled else self.decode_whole) + self.decoded_frames + self.reserve
        )

    def peak(self, tiled: bool) -> int:
        """What the card must hold at one time."""
        return max(self.sampling, self.decoding(tiled))

    def to_gb(self) -> dict[str, float]:
        return in_gb(asdict(self))


@dataclass(frozen=True)
class MainMemory:
    """Beside the card.

    Attributes:
        weights: both models at rest, for whenever the other one is on the card.
        segment: frames of the newest segment, float32, and a copy on their way.
        pose_images: of one segment, drawn when it begins, and as tokens.
        film: all frames as a host's IMAGE, float32, taken once and filled.
        program: see :data:`PROGRAM`.
    """

    weights: int
    segment: int
    pose_images: int
    film: int
    program: int = PROGRAM

    @property
    def total(self) -> int:
        return self.weights + self.segment + self.pose_images + self.film + self.program

    def to_gb(self) -> dict[str, float]:
        return in_gb(asdict(self))


def in_gb(parts: dict[str, int]) -> dict[str, float]:
    """Bytes by name -> GB by name."""
    return {name: round(value / GB, 3) for name, value in parts.items()}


def format_of(precision: str, config: DiTConfig) -> str:
    """The number format that "default" stands for: fp32 for small models, bf16 for large ones; others as they are."""
    if precision == "default":
        return "fp32" if parameters(config) < SMALL else "bf16"
    if precision not in FORMATS:
        raise HumanDiTError(f"Unknown precision {precision!r}. Choose one of: default, {', '.join(FORMATS)}.")
    return precision


def format_name(dtype: torch.dtype) -> str:
    """What a type of weights is called here."""
    return {torch.float32: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}.get(dtype, "fp8")


def evaluation_bytes(config: DiTConfig, shape: LatentShape, precision: str) -> int:
    """Of one evaluation beside the weights, those that are widened while they compute included."""
    card = card_memory(config, shape, precision)
    return card.conditions + card.working + card.weights - weight_bytes(config, precision)


def weight_bytes(config: DiTConfig, precision: str) -> int:
    return parameters(config) * FORMATS[precision]


def block_bytes(config: DiTConfig, precision: str) -> int:
    """Weights of one block: what must be on the card when they stream, once in use and once on the way."""
    sets = 12 if config.has_text else 6
    return (12 * config.dim + sets * config.time_dim) * config.dim * FORMATS[precision]


def card_memory(
    config: DiTConfig, shape: LatentShape, precision: str, vae: AutoencoderCost | None = None
) -> CardMemory:
    """While one segment of ``shape`` is made; with the usual autoencoder unless ``vae`` is another."""
    vae = vae or autoencoder_of(config)
    element = max(FORMATS[precision], 2)
    tokens, dim = tokens_of(config, shape), config.dim
    pose = tokens * patching(config).positions * PIXELS * config.pose_channels * element
    hidden = tokens * dim * element
    around = pose * MOVED_CHANNELS // config.pose_channels if config.overlaid else 0
    widened = 4 * dim**2 * element if precision == "fp8" else 0
    finishing = finish_bytes(config, shape, element)
    return CardMemory(
        weights=weight_bytes(config, precision) + widened,
        conditions=pose + _latents(config, shape) + tokens * config.head_dim * FLOAT,
        # an overlaid model's guider copies the moved picture out, and again behind its tokens
        pose_guider=pose + 2 * around + 4 * hidden if around else 2 * pose + 2 * hidden,
        attention=max(9 * hidden, 7 * hidden + turning_bytes(tokens * dim, element)),
        feed_forward=7 * hidden,
        vae_weights=vae.weights,
        decode_whole=max(vae.decode_bytes(shape), finishing),
        decode_tiled=max(vae.decode_bytes(shape, tiled=True), finishing),
        decoded_frames=2 * vae.film_bytes(shape),
    )


def finish_bytes(config: DiTConfig, shape: LatentShape, element: int = FLOAT) -> int:
    """While frames are finished, finished ones apart; 0 for a model that leaves them as they are decoded."""
    video = shape.video
    return FINISH_NUMBERS * video.height * video.width * element if config.finished else 0


def turning_bytes(numbers: int, element: int) -> int:
    """Rotary positions of one query or key: a float32 copy if it is none, which is turned where it lies; the result."""
    return numbers * (element + (FLOAT if element < FLOAT else 0))


def _latents(config: DiTConfig, shape: LatentShape) -> int:
    return LATENT_COPIES * shape.positions * config.out_channels * FLOAT


def main_memory(
    config: DiTConfig, shape: LatentShape, precision: str, frames: int, vae: AutoencoderCost | None = None
) -> MainMemory:
    """Beside the card, for a film of ``frames`` frames."""
    vae, video = vae or autoencoder_of(config), shape.video
    drawn = (
        video.frames
        * config.pose_channels
        * (FLOAT if config.moved_picture else 1)
        * video.height
        * video.width
        // POSE_SCALE**2
    )
    picture = video.height * video.width * 3 * FLOAT
    return MainMemory(
        weights=weight_bytes(config, precision) + vae.weights,
        segment=2 * video.frames * picture,
        pose_images=2 * drawn,
        film=frames * picture,
    )


def without_card(card: CardMemory, main: MainMemory) -> int:
    """Main memory where there is no card: nothing is held twice, nothing is cut into tiles."""
    return card.peak(tiled=False) - card.reserve + _resting(card) + main.total - main.weights


def _resting(card: CardMemory) -> int:
    """Weights of the model that is not at work at the peak."""
    return card.vae_weights if card.sampling > card.decoding(False) else card.weights

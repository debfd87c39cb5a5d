"""The light autoencoder of the bundled small model: trainable on a CPU, causal, exactly streamable.

Encoder: principal components of pixel blocks, 8x8 for the first frame and 4x8x8 for every four frames after it, to
16 channels. It is linear and local, so a frame encoded alone *equals* the first latent of a film, a crop by whole
blocks is a crop of the latent, and diffusion meets smooth, near-normal latents. Decoder: the same components back
to pixels plus a small convolutional network that adds what a linear map cannot: edges across blocks, motion inside
one. It looks one latent back and never forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn
from torch.nn import Conv2d, LayerNorm

from ..errors import InvalidWeights
from ..types import SPACE_SCALE, TIME_SCALE
from .vae import check_frames, check_latents

CHUNK = 2
"""Latents decoded at a time; bounds the memory of a long film, does not change a value."""
UP = SPACE_SCALE // 2
"""The refining convolutions work at half the frame's resolution."""


@dataclass(frozen=True)
class LightVAEConfig:
    """Sizes: latent channels, width and depth of the network at latent size, width of the one at half frame size."""

    channels: int = 16
    width: int = 160
    layers: int = 4
    detail: int = 24

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> LightVAEConfig:
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise InvalidWeights(f"The VAE's config has unknown keys: {', '.join(sorted(unknown))}. Update the pack.")
        return cls(**values)


class BlockPCA(nn.Module):
    """Linear code of pixel blocks of ``frames`` x 8 x 8 x 3 numbers: z = (x - mean) U / spread."""

    mean: Tensor
    basis: Tensor
    spread: Tensor

    def __init__(self, frames: int, channels: int) -> None:
        super().__init__()
        self.frames = frames
        size = frames * SPACE_SCALE**2 * 3
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("basis", torch.zeros(channels, size))
        self.register_buffer("spread", torch.ones(channels))

    def blocks(self, frames: Tensor) -> Tensor:
        """[F*frames, H, W, 3] -> [F, h, w, size]."""
        return rearrange(frames, "(f t) (h a) (w b) c -> f h w (t a b c)", t=self.frames, a=SPACE_SCALE, b=SPACE_SCALE)

    def encode(self, frames: Tensor) -> Tensor:
        """[F*frames, H, W, 3] -> [F, channels, h, w]."""
        code = (self.blocks(frames) - self.mean) @ self.basis.T / self.spread
        return code.permute(0, 3, 1, 2)

    def decode(self, latents: Tensor) -> Tensor:
        """[F, channels, h, w] -> [F*frames, H, W, 3]."""
        pixels = (latents.permute(0, 2, 3, 1) * self.spread) @ self.basis + self.mean
        return rearrange(
            pixels, "f h w (t a b c) -> (f t) (h a) (w b) c", t=self.frames, a=SPACE_SCALE, b=SPACE_SCALE, c=3
        )

    @torch.no_grad()
    def fit(self, blocks: Tensor, evenness: float = 0.5) -> None:
        """Fit to blocks [N, size].

        ``evenness`` 0 keeps the components' own spreads (loss in latents = loss in pixels), 1 makes them all
        equal; the mean square over channels is 1 in any case.
        """
        mean = blocks.mean(0)
        centred = blocks - mean
        values, vectors = torch.linalg.eigh((centred.T @ centred / len(blocks)).double())
        channels = self.basis.shape[0]
        deviation = values.flip(0)[:channels].clamp_min(1e-12).sqrt()
        spread = deviation**evenness
        spread = spread * ((deviation / spread) ** 2).mean().sqrt()
        self.mean.copy_(mean)
        self.basis.copy_(vectors.flip(1)[:, :channels].T)
        self.spread.copy_(spread)

    @torch.no_grad()
    def extend(self, code: BlockPCA, blocks: Tensor, evenness: float = 0.5) -> None:
        """Take over a ``code`` of fewer channels, and add what it misses most of blocks [N, size].

        The channels of ``code`` stay what they were, so a model that knows them needs to learn the new ones only.
        """
        known = (blocks - code.mean) @ code.basis.T
        missed = blocks - code.mean - known @ code.basis
        values, vectors = torch.linalg.eigh((missed.T @ missed / len(blocks)).double())
        more = self.basis.shape[0] - code.basis.shape[0]
        deviation = values.flip(0)[:more].clamp_min(1e-12).sqrt().to(blocks)
        scale = (code.spread / known.std(0).clamp_min(1e-6) ** evenness).mean()
        self.mean.copy_(code.mean)
        self.basis.copy_(torch.cat([code.basis, vectors.flip(1)[:, :more].T.to(blocks)]))
        self.spread.copy_(torch.cat([code.spread, scale * deviation**evenness]))


class Residual(nn.Module):
    """3x3 convolution between latent positions, with a norm per position (never across time or space)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = LayerNorm(width)
        self.conv = Conv2d(width, width, 3, padding=1)
        self.mix = Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return x + self.mix(F.gelu(self.conv(normed), approximate="tanh"))


class Refiner(nn.Module):
    """What the linear decoder misses: latents with their predecessors -> residual frames."""

    def __init__(self, config: LightVAEConfig) -> None:
        super().__init__()
        self.detail = config.detail
        self.stem = Conv2d(2 * config.channels, config.width, 3, padding=1)
        self.first = nn.Parameter(torch.zeros(config.width, 1, 1))
        self.blocks = nn.ModuleList([Residual(config.width) for _ in range(config.layers)])
        self.up = Conv2d(config.width, TIME_SCALE * config.detail * UP**2, 1)
        self.smooth = Conv2d(config.detail, config.detail, 3, padding=1)
        self.out = Conv2d(config.detail, 3 * 4, 3, padding=1)
        for parameter in self.out.parameters():
            nn.init.zeros_(parameter)

    def forward(self, latents: Tensor, before: Tensor, is_first: Tensor) -> Tensor:
        """Latents and their predecessors [F, C, h, w], first-frame flags [F] -> [F, 4, H, W, 3]."""
        x = self.stem(torch.cat([latents, before], dim=1)) + is_first[:, None, None, None] * self.first
        for block in self.blocks:
            x = block(x)
        x = rearrange(self.up(x), "f (t d a b) h w -> (f t) d (h a) (w b)", t=TIME_SCALE, a=UP, b=UP)
        x = x + F.gelu(self.smooth(F.gelu(x, approximate="tanh")), approximate="tanh")
        x = F.pixel_shuffle(self.out(x), 2)
        return rearrange(x, "(f t) c h w -> f t h w c", t=TIME_SCALE)


class LightVAE(nn.Module):
    """See the module's text. Latents are made with unit mean square, so ``scaling_factor`` is 1."""

    scaling_factor = 1.0

    def __init__(self, config: LightVAEConfig | None = None) -> None:
        super().__init__()
        self.config = config or LightVAEConfig()
        self.latent_channels = self.config.channels
        self.single = BlockPCA(1, self.config.channels)
        self.quad = BlockPCA(TIME_SCALE, self.config.channels)
        self.refiner = Refiner(self.config)

    @torch.no_grad()
    def encode(self, frames: Tensor) -> Tensor:
        """[T, H, W, 3] in 0..1, T = 1 or 8k+1 -> [(T-1)/4 + 1, 16, h, w]."""
        check_frames(frames)
        first = self.single.encode(frames[:1])
        return torch.cat([first, self.quad.encode(frames[1:])]) if len(frames) > 1 else first

    def decode(self, latents: Tensor) -> Iterator[Tensor]:
        """[F, 16, h, w] -> chunks of frames [t, H, W, 3] in 0..1, together 4(F-1)+1."""
        check_latents(latents, self.latent_channels)
        before = torch.cat([latents[:1], latents[:-1]])
        for start in range(0, len(latents), CHUNK):
            part = slice(start, start + CHUNK)
            with torch.inference_mode():
                frames = self.reconstruct(latents[part], before[part], start == 0).clamp(0, 1)
            yield frames

    def reconstruct(self, latents: Tensor, before: Tensor, starts: bool) -> Tensor:
        """Frames, not clamped, of latents whose predecessors are ``before``; ``starts``: latent 0 is a first frame."""
        flags = torch.zeros(len(latents), device=latents.device)
        if starts:
            flags[0] = 1
        residual = self.refiner(latents, before, flags).float()
        return self.linear(latents, starts) + flat_frames(residual, starts)

    def decode_linear(self, latents: Tensor) -> Tensor:
        """The linear part alone, clamped: the principal-component rival that the network must beat."""
        return self.linear(latents, True).clamp(0, 1)

    def linear(self, latents: Tensor, starts: bool) -> Tensor:
        """Frames of the linear part, not clamped; arguments as :meth:`reconstruct`'s."""
        if not starts:
            return self.quad.decode(latents)
        first = self.single.decode(latents[:1])
        return torch.cat([first, self.quad.decode(latents[1:])]) if len(latents) > 1 else first


def flat_frames(residual: Tensor, starts: bool) -> Tensor:
    """[F, 4, H, W, 3] -> frames in a row; of a first frame's four slots the last is it."""
    frames = residual.flatten(0, 1)
    return frames[TIME_SCALE - 1 :] if starts else frames

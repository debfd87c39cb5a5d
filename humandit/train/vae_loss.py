"""The light autoencoder in training: its linear code in closed form, what its network's errors cost, how good it is."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..types import TIME_SCALE
from ..video.light_vae import BlockPCA, LightVAE
from .precision import autocast


def fit_components(vae: LightVAE, clips: Tensor, seed: int, samples: int = 100_000) -> None:
    """Fit both linear codes to random blocks of ``clips``."""
    vae.single.fit(_blocks(vae.single, clips[:, :1], seed, 600, samples))
    vae.quad.fit(_blocks(vae.quad, clips[:, 1:], seed, 150, samples))


def extend_components(vae: LightVAE, old: LightVAE, clips: Tensor, seed: int, samples: int = 100_000) -> None:
    """Give both linear codes of ``vae`` the channels of ``old``'s, and more that fit ``clips``."""
    vae.single.extend(old.single, _blocks(vae.single, clips[:, :1], seed, 600, samples))
    vae.quad.extend(old.quad, _blocks(vae.quad, clips[:, 1:], seed, 150, samples))


def _blocks(code: BlockPCA, clips: Tensor, seed: int, films: int, samples: int) -> Tensor:
    """Random blocks [samples, size] out of so many of the clips [N, T, H, W, 3] uint8."""
    rng = torch.Generator().manual_seed(seed)
    chosen = clips[torch.randperm(len(clips), generator=rng)[:films]]
    share = -(-samples // len(chosen))
    parts = []
    for clip in chosen:
        blocks = code.blocks(clip.float() / 255).flatten(0, 2)
        parts.append(blocks[torch.randperm(len(blocks), generator=rng)[:share]])
    return torch.cat(parts)


@torch.no_grad()
def codes(vae: LightVAE, frames: Tensor) -> Tensor:
    """Latents [B, 3, C, h, w] of clips [B, 9, H, W, 3], all at once."""
    first = vae.single.encode(frames[:, 0])[:, None]
    rest = vae.quad.encode(frames[:, 1:].flatten(0, 1)).unflatten(0, (len(frames), -1))
    return torch.cat([first, rest], dim=1)


def linear_frames(vae: LightVAE, latents: Tensor) -> Tensor:
    """Clips [B, 9, H, W, 3] of latents [B, 3, C, h, w] by the linear part alone."""
    first = vae.single.decode(latents[:, 0])[:, None]
    rest = vae.quad.decode(latents[:, 1:].flatten(0, 1)).unflatten(0, (len(latents), -1))
    return torch.cat([first, rest], dim=1)


def reconstruction_loss(vae: LightVAE, frames: Tensor, fuzz: Tensor, weight: Tensor | None = None) -> Tensor:
    """Squared plus a tenth absolute error of clips [B, 9, H, W, 3] through the noisy code; ``weight`` [B, 9, H, W, 1]
    says how much each pixel counts."""
    with autocast(frames.device, torch.float32):  # the linear part is exact, or the network learns rounding
        latents = codes(vae, frames)
        latents = latents + fuzz * torch.randn_like(latents)
        linear = linear_frames(vae, latents)
    before = torch.cat([latents[:, :1], latents[:, :-1]], dim=1)
    flags = torch.zeros(latents.shape[:2], device=frames.device)
    flags[:, 0] = 1
    residual = vae.refiner(latents.flatten(0, 1), before.flatten(0, 1), flags.flatten()).float()
    extra = residual.unflatten(0, flags.shape).flatten(1, 2)[:, TIME_SCALE - 1 :]
    error = linear + extra - frames
    cost = error.square() + 0.1 * error.abs()
    return cost.mean() if weight is None else (cost * weight).mean() / weight.mean()


@torch.inference_mode()
def heldout_psnr(vae: LightVAE, clips: Tensor) -> tuple[float, float]:
    """Mean PSNR in dB over clips: the whole decoder's, and the linear part's alone."""
    scores = []
    for clip in clips:
        frames = clip.float() / 255
        latents = vae.encode(frames)
        pair = (torch.cat(list(vae.decode(latents))), vae.decode_linear(latents))
        scores.append([-10 * torch.log10((p - frames).square().mean()).item() for p in pair])
    return tuple(np.mean(scores, axis=0).tolist())

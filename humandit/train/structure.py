"""How alike two latents' pixels are in structure: what a squared error blurs away.

The linear code of the light VAE turns latents into pixels at the price of one product, so that a loss can look at
pixels without a decoder. SSIM (Wang et al., 2004) is taken over every block of 8 x 8 pixels by itself, the squares that
one latent position stands for, with its usual constants; beside a squared error it is a usual loss where pictures are
restored (Zhao et al., "Loss Functions for Image Restoration With Neural Networks", 2017).
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..types import SPACE_SCALE, TIME_SCALE
from ..video.light_vae import LightVAE

LUMA, CONTRAST = 0.01**2, 0.03**2
"""SSIM's constants for pixels in 0..1."""


class Structure:
    """The measure of one light VAE's latents, on one device; a difference counts ``weight`` times."""

    def __init__(self, vae: LightVAE, device: torch.device, weight: float = 1.0, compiled: bool = False) -> None:
        self.weight = weight
        self.basis = (vae.quad.basis * vae.quad.spread[:, None]).float().to(device)
        self.mean = vae.quad.mean.float().to(device)
        self.unlike = torch.compile(unlike, dynamic=False) if compiled else unlike

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        """1 - SSIM, 0..2, times the weight, of latents of four frames each [B, n, C, h, w]; mean of frames and colours,
        [B, n, 1, h, w]."""
        return self.weight * self.unlike(self.pixels(a), self.pixels(b))[:, :, None]

    def pixels(self, latents: Tensor) -> Tensor:
        """[B, n, h, w, 4, 64, 3]."""
        pixels = latents.float().movedim(2, -1) @ self.basis + self.mean
        return pixels.unflatten(-1, (TIME_SCALE, SPACE_SCALE**2, 3))


def unlike(x: Tensor, y: Tensor) -> Tensor:
    """1 - SSIM of squares [..., T, pixels, colours], each one window; means over T and colours [...]."""
    mean_x, mean_y = x.mean(-2), y.mean(-2)
    spread_x, spread_y = (x.square().mean(-2) - mean_x.square(), y.square().mean(-2) - mean_y.square())
    both = (x * y).mean(-2) - mean_x * mean_y
    luma = (2 * mean_x * mean_y + LUMA) / (mean_x.square() + mean_y.square() + LUMA)
    alike = luma * (2 * both + CONTRAST) / (spread_x + spread_y + CONTRAST)
    return 1 - alike.mean((-2, -1))

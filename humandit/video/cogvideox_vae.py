"""CogVideoX's video autoencoder, driven chunk by chunk so that long films never decode whole.

The network is diffusers' ``AutoencoderKLCogVideoX``; only the loop is ours. Its GroupNorm takes statistics over the
frames of a chunk, so the chunks must be the stock ones (3 latents, then 2, 2, …): with them the stream equals the
stock ``decode`` bit for bit, with any other cut it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from .stock import stock_class
from .vae import check_frames, check_latents


class CogVideoXVAE(nn.Module):
    """:class:`~humandit.video.vae.Autoencoder` over a stock ``AutoencoderKLCogVideoX``.

    Args:
        stock: the diffusers module. Its ``config.scaling_factor`` is 0.7 in the 5B models.
    """

    def __init__(self, stock: nn.Module) -> None:
        super().__init__()
        self.stock: Any = stock

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> CogVideoXVAE:
        """A VAE with fresh weights from diffusers' config names; keys of the file format ("_…") are dropped."""
        known = {k: v for k, v in config.items() if not k.startswith("_")}
        return cls(stock_class("AutoencoderKLCogVideoX")(**known))

    @property
    def scaling_factor(self) -> float:
        return float(self.stock.config.scaling_factor)

    @property
    def latent_channels(self) -> int:
        return int(self.stock.config.latent_channels)

    @torch.no_grad()
    def encode(self, frames: torch.Tensor) -> torch.Tensor:
        """[T, H, W, 3] in 0..1, T = 1 or 8k+1 -> raw latents [F, C, h, w]: the mode of the posterior, no noise.

        Raises:
            InvalidShape: the stock class takes other frame counts silently and returns too few latents.
        """
        check_frames(frames)
        x_1CTHW = (frames * 2 - 1).permute(3, 0, 1, 2)[None].to(self.stock.device, self.stock.dtype)
        latent_1CFHW = self.stock.encode(x_1CTHW).latent_dist.mode()
        return latent_1CFHW[0].permute(1, 0, 2, 3)

    def decode(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        """Raw latents [F, C, h, w], F odd -> chunks [t, H, W, 3] in 0..1: 9 frames (1 if F is 1), then 8 each.

        Raises:
            InvalidShape: a wrong channel count, or an even F.
        """
        check_latents(latents, self.latent_channels)
        z_1CFHW = latents.permute(1, 0, 2, 3)[None].to(self.stock.device, self.stock.dtype)
        for chunk_1CTHW in self.stream(z_1CFHW):
            yield ((chunk_1CTHW[0].permute(1, 2, 3, 0) + 1) / 2).clamp(0, 1)

    def stream(self, z: torch.Tensor) -> Iterator[torch.Tensor]:
        """Stock layout, stock range: [B, C, F, h, w] -> chunks [B, 3, t, H, W] in -1..1, unclamped."""
        step = self.stock.num_latent_frames_batch_size
        first = step + z.shape[2] % step
        cache = None
        for start in (0, *range(first, z.shape[2], step)):
            chunk = z[:, :, start : first if start == 0 else start + step]
            with torch.no_grad():  # not around the yield: it would switch the caller's gradients off as well
                if self.stock.post_quant_conv is not None:
                    chunk = self.stock.post_quant_conv(chunk)
                frames, cache = self.stock.decoder(chunk, conv_cache=cache)
            yield frames

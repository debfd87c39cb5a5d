"""The library's video autoencoder as a native VAE, so that core VAE Encode, Decode and tiled Decode work on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import comfy.model_management as management
import comfy.model_patcher
import comfy.sd
import torch
from torch import Tensor, nn

from ..humandit.errors import HumanDiTError
from ..humandit.types import SPACE_SCALE, TIME_SCALE, LatentShape
from ..humandit.video.plan.autoencoders import COGVIDEOX, LIGHT, AutoencoderCost
from ..humandit.video.vae import Autoencoder


class HostAutoencoder(nn.Module):
    """The host's layout, [B, C, T, H, W], around the library's, [T, H, W, C]. Pixels are 0..1 on both sides."""

    def __init__(self, inner: Autoencoder) -> None:
        super().__init__()
        self.inner = inner

    def encode(self, pixels: Tensor) -> Tensor:
        """[B, 3, T, H, W] -> unscaled latents [B, C, F, h, w]."""
        return torch.stack([self.inner.encode(film.permute(1, 2, 3, 0)).transpose(0, 1) for film in pixels])

    def decode(self, latents: Tensor) -> Tensor:
        """[B, C, F, h, w] -> [B, 3, 4F-3, H, W], interruptible between chunks."""
        return torch.stack([self._decode(latent.transpose(0, 1)) for latent in latents])

    def _decode(self, latent: Tensor) -> Tensor:
        """Core's tiled decoding cuts anywhere: odd frame counts and even sides are made by repeating the last one."""
        count, _, height, width = latent.shape
        resting = management.intermediate_device()  # where the host keeps pictures: finished frames leave the card
        odd = latent if count % 2 else torch.cat([latent, latent[-1:]])
        padded = nn.functional.pad(odd, (0, width % 2, 0, height % 2), mode="replicate")
        chunks = []
        for chunk in self.inner.decode(padded):
            management.throw_exception_if_processing_interrupted()
            chunks.append(chunk.to(resting))
        frames = torch.cat(chunks)[: TIME_SCALE * (count - 1) + 1, : SPACE_SCALE * height, : SPACE_SCALE * width]
        return frames.permute(3, 0, 1, 2)


def clamp_in_place(image: Tensor) -> Tensor:
    """Older hosts use what this returns, newer ones what it changes."""
    return image.clamp_(0, 1)


def build_vae(inner: Autoencoder) -> comfy.sd.VAE:
    """A VAE around a library autoencoder that is an ``nn.Module`` with its weights loaded."""
    cost = _cost_of(inner)
    vae = comfy.sd.VAE(sd={})  # warns that it found no weights: they come below
    vae.first_stage_model = HostAutoencoder(inner).eval()
    vae.latent_channels, vae.latent_dim, vae.output_channels = inner.latent_channels, 3, 3
    vae.upscale_ratio = (lambda f: max(0, (f - 1) * TIME_SCALE + 1), SPACE_SCALE, SPACE_SCALE)
    vae.downscale_ratio = (lambda t: max(0, (t - 1) // TIME_SCALE + 1), SPACE_SCALE, SPACE_SCALE)
    vae.upscale_index_formula = vae.downscale_index_formula = (TIME_SCALE, SPACE_SCALE, SPACE_SCALE)
    vae.process_input, vae.process_output = (lambda image: image), clamp_in_place
    vae.memory_used_decode = lambda shape, dtype: decoding_bytes(cost, shape, dtype)
    vae.memory_used_encode = lambda shape, dtype: encoding_bytes(cost, shape, dtype)
    vae.working_dtypes = [torch.float32] if cost is LIGHT else [torch.bfloat16, torch.float32]
    _place(vae)
    return vae


def cost_of(vae: Any) -> AutoencoderCost:
    """What a VAE on the canvas costs.

    Raises:
        HumanDiTError: it is none of ours.
    """
    inside = getattr(vae, "first_stage_model", None)
    if not isinstance(inside, HostAutoencoder):
        raise HumanDiTError(f"Expected a video VAE, got {type(inside).__name__}. Connect HumanDiT Load VAE.")
    return _cost_of(inside.inner)


def _cost_of(inner: Autoencoder) -> AutoencoderCost:
    return COGVIDEOX if type(inner).__name__ == "CogVideoXVAE" else LIGHT


def decoding_bytes(cost: AutoencoderCost, shape: Sequence[int], dtype: torch.dtype) -> int:
    """The card's working memory for latents [B, C, F, h, w], finished frames apart: those leave it."""
    return _sized(cost, dtype).decode_bytes(LatentShape(shape[2], *shape[-2:]))


def encoding_bytes(cost: AutoencoderCost, shape: Sequence[int], dtype: torch.dtype) -> int:
    """The same for pixels [B, 3, T, H, W]. Of a film, the plan knows nothing nearer than what decoding takes."""
    plane = LatentShape(shape[2], shape[-2] // SPACE_SCALE, shape[-1] // SPACE_SCALE)
    sized = _sized(cost, dtype)
    return sized.encode_bytes(plane) if shape[2] == 1 else sized.decode_bytes(plane)


def _sized(cost: AutoencoderCost, dtype: torch.dtype) -> AutoencoderCost:
    return replace(cost, element=management.dtype_size(dtype))


def _place(vae: Any) -> None:
    """Devices and number format as the host decides; a plain patcher, because these layers are not the host's own."""
    vae.device, vae.output_device = management.vae_device(), management.intermediate_device()
    vae.vae_dtype = management.vae_dtype(vae.device, vae.working_dtypes)
    vae.first_stage_model.to(vae.vae_dtype)
    vae.patcher = comfy.model_patcher.ModelPatcher(
        vae.first_stage_model, load_device=vae.device, offload_device=management.vae_offload_device()
    )
    vae.model_size()

"""From weights to a MODEL: number format, latent scale and preview colours, and the order in which things are built."""

from __future__ import annotations

import json
import logging
from typing import Any

import comfy.model_management as management
import comfy.model_patcher
import torch
import torch.nn.functional as F
from torch import Tensor

from ..humandit.types import SPACE_SCALE, TIME_SCALE
from ..humandit.video.config import DiTConfig
from ..humandit.video.model import HumanDiT, zero_start
from ..humandit.video.patch import TABLES, table_type
from ..humandit.video.vae import Autoencoder
from ..humandit.weights.inspect import report
from ..humandit.weights.load import load_vae, read_model
from ..humandit.weights.sources import headers, joined
from .native import HumanDiTLatent, HumanDiTSupported
from .native_lora import refusing_strangers

SMALL = 200_000_000
"""Parameters below which half precision saves nothing worth its rounding."""
BLACK_FRAMES = "fp16 can make black frames with the 5B models, which were trained in bf16: choose bf16 as dtype."
"""Said where a large model is loaded in fp16."""
COGVIDEOX_SCALE = 0.7
"""scaling_factor of the 5B models' VAE, which no transformer's file tells."""
RIDGE = 1e-4
"""How strongly preview colours lean to zero: channels that plain films hardly use would else show noise."""
DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16, "fp8": torch.float8_e4m3fn}


def number_format(dtype: str, parameters: int) -> torch.dtype:
    """Of the weights in memory. "default": fp32 for small models, which gain nothing by less, else the host's pick."""
    if dtype in DTYPES:
        return DTYPES[dtype]
    if parameters < SMALL:
        return torch.float32
    return management.unet_dtype(
        management.get_torch_device(), parameters, HumanDiTSupported.supported_inference_dtypes
    )


def build_model(
    config: DiTConfig,
    state: dict[str, Tensor],
    latent: HumanDiTLatent,
    dtype: torch.dtype = torch.float32,
    disable_dynamic: bool = False,
) -> Any:
    """A MODEL from a complete state dict.

    Built first, loaded afterwards: a host with dynamic memory has no weights before that. The patcher class is
    the one the host prefers, and it must exist before the weights do.
    """
    device, resting = management.get_torch_device(), management.unet_offload_device()
    described: Any = HumanDiTSupported({"image_model": "humandit", "config": config})
    described.sampling_settings = {"snr_shift": config.snr_shift}
    described.latent_format = latent
    compute = management.unet_manual_cast(dtype, device, described.supported_inference_dtypes)
    described.set_inference_dtype(dtype, compute)
    model = described.get_model(state, device=resting)
    plain = comfy.model_patcher.ModelPatcher
    still = disable_dynamic or device.type == "cpu"  # dynamic memory is for cards: hosts make a plain one there too
    kind = plain if still else getattr(comfy.model_patcher, "CoreModelPatcher", plain)
    patcher = refusing_strangers(kind)(model, load_device=device, offload_device=resting)
    dynamic = getattr(patcher, "is_dynamic", lambda: False)()
    weights = {name: value.to(table_type(dtype) if name in TABLES else dtype) for name, value in state.items()}
    model.load_model_weights(weights, "", **({"assign": True} if dynamic else {}))
    return patcher


def load_native_model(source: str, dtype: str = "default", disable_dynamic: bool = False) -> Any:
    """A MODEL from "mini" or a file. Newer hosts call this again to clone a model without dynamic memory."""
    header = joined(headers(source, "video"))
    weights = number_format(dtype, header.parameters)
    config, state = read_model(source, weights)
    state = zero_start(state, HumanDiT(config, device="meta"))
    patcher = build_model(
        config, state, latent_format(source, header.metadata, config.out_channels), weights, disable_dynamic
    )
    patcher.cached_patcher_init = (load_native_model, (source, dtype))
    return patcher


def about(source: str, dtype: torch.dtype) -> str:
    """A line for the user: what was loaded, in which format, under which licence, and what may go wrong."""
    found = report(joined(headers(source, "video")))
    stored = f"{found.parameters / 1e9:.2f} B parameters" if found.parameters > SMALL else "small"
    lines = [f"{found.looks_like}, {stored}, {str(dtype).removeprefix('torch.')}; licence: {found.licence}"]
    if dtype == torch.float16 and found.parameters > SMALL:
        lines.append(BLACK_FRAMES)
        logging.warning("HumanDiT: %s", BLACK_FRAMES)
    return "\n".join(lines)


def latent_format(source: str, notes: dict[str, str], channels: int) -> HumanDiTLatent:
    """Scale and preview colours: from the file's metadata, of the bundled model from the VAE that lies beside it."""
    scale, rgb = notes.get("latent_scale"), notes.get("latent_rgb")
    if source == "mini" and (scale is None or rgb is None):
        vae = load_vae("mini")
        colours = json.loads(rgb) if rgb else preview_colours(vae)
        return HumanDiTLatent(float(scale or vae.scaling_factor), colours, channels)
    return HumanDiTLatent(float(scale or COGVIDEOX_SCALE), json.loads(rgb) if rgb else None, channels)


def preview_colours(vae: Autoencoder, side: int = 128) -> list[list[float]]:
    """Least squares from scaled latents to the mean colour of their 8x8 pixels, over still films of random colours.

    Fitted to later latents: the first one may have a code of its own.
    """
    rng = torch.Generator().manual_seed(0)
    pictures = F.interpolate(torch.rand(4, 3, side // 16, side // 16, generator=rng), (side, side), mode="bicubic")
    films = pictures.clamp(0, 1).permute(0, 2, 3, 1)[:, None].expand(-1, 2 * TIME_SCALE + 1, -1, -1, -1)
    with torch.inference_mode():
        latents = torch.cat([vae.encode(film)[-1:] for film in films])
    means = F.avg_pool2d(films[:, 0].permute(0, 3, 1, 2), SPACE_SCALE).permute(0, 2, 3, 1).reshape(-1, 3) * 2 - 1
    units = (latents * vae.scaling_factor).permute(0, 2, 3, 1).flatten(0, 2).float()
    known = torch.cat([units, torch.ones(len(units), 1)], dim=1)
    lean = RIDGE * len(units) * torch.eye(known.shape[1])
    return torch.linalg.solve(known.mT @ known + lean, known.mT @ means).tolist()

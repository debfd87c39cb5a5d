"""Pictures to latents and back by the host's VAE: whole where that fits into the card, else in tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .host_memory import free_memory, with_less

if TYPE_CHECKING:
    import torch

ADVICE = (
    "Choose a smaller width and height, close other programs that use the graphics card, or start ComfyUI with "
    "--cpu-vae."
)
"""Said where the VAE does not even fit in tiles."""


def encode_alone(vae: Any, picture: torch.Tensor, room: int | None = None) -> torch.Tensor:
    """IMAGE [1, H, W, 3] -> unscaled LATENT [1, C, 1, h, w] of a single frame, which no later frame can colour.

    Args:
        room: bytes that may be used, weights included; None for all that are free on the card.
    """
    from ..humandit.errors import InvalidShape

    frame = picture[:1, ..., :3]
    tiles = lambda: vae.encode_tiled(frame, **tiling(1))  # noqa: E731
    shape = (1, 3, 1, *frame.shape[1:3])
    needed = vae.memory_used_encode(shape, vae.vae_dtype) + vae.patcher.model_size()
    whole = tiles if too_much(needed, room) else lambda: vae.encode(frame)
    latent = with_less(whole, tiles, ADVICE)
    if latent.ndim != 5 or latent.shape[2] != 1:
        raise InvalidShape(
            f"Expected a video VAE's latent [1, 16, 1, h, w], got {list(latent.shape)}. "
            "Connect HumanDiT Load VAE: an image VAE cannot be used."
        )
    return latent.float()


def encode_film(vae: Any, film: torch.Tensor, room: int | None = None) -> torch.Tensor:
    """IMAGE [T, H, W, 3], T = 8k+1 -> unscaled latents [1, F, C, h, w] by the CogVideoX VAE on the canvas.

    Args:
        room: bytes that may be used, weights included; None for all that are free on the card.
    """
    from ..humandit.errors import InvalidShape
    from ..humandit.types import VideoShape

    if type(getattr(vae.first_stage_model, "inner", None)).__name__ == "LightVAE":
        raise InvalidShape(
            "The bundled VAE belongs to the bundled model alone. Choose the CogVideoX VAE in HumanDiT Load VAE: "
            "diffusion_pytorch_model.safetensors from the folder vae of CogVideoX-5b, in models/vae."
        )
    frames, shape = film[..., :3], VideoShape(*film.shape[:3]).latent
    tiles = lambda: vae.encode_tiled(frames, **tiling(1))  # noqa: E731
    needed = vae.memory_used_encode((1, 3, *film.shape[:3]), vae.vae_dtype) + vae.patcher.model_size()
    whole = tiles if too_much(needed, room) else lambda: vae.encode(frames)
    latent = with_less(whole, tiles, ADVICE)
    if latent.ndim != 5 or latent.shape[2] != shape.frames:
        raise InvalidShape(
            f"Expected a video VAE's latent of {shape.frames} frames, got {list(latent.shape)}. "
            "Connect HumanDiT Load VAE with the CogVideoX VAE: others cannot be used."
        )
    return latent.float().transpose(1, 2)


def decode_frames(vae: Any, latent: torch.Tensor, room: int | None = None) -> torch.Tensor:
    """Unscaled LATENT [1, C, F, h, w] -> IMAGE [T, H, W, 3] on the CPU.

    Args:
        room: bytes that may be used, weights included; None for all that are free on the card.
    """
    from ..humandit.types import SPACE_SCALE

    tiles = lambda: vae.decode_tiled(latent, **tiling(SPACE_SCALE))  # noqa: E731
    needed = vae.memory_used_decode(latent.shape, vae.vae_dtype) + vae.patcher.model_size()
    whole = tiles if too_much(needed, room) else lambda: vae.decode(latent)
    frames = with_less(whole, tiles, ADVICE)
    return frames.reshape(-1, *frames.shape[-3:]).float().cpu()


def too_much(needed: float, room: int | None) -> bool:
    """Whether ``needed`` bytes are more than there is room for; in main memory nothing is cut into tiles unasked."""
    room = free_memory()[1] if room is None else room
    return room is not None and needed > room


def tiling(scale: int) -> dict[str, int]:
    """The host's words for tiles as the plan counts them; ``scale`` pixels are one of its units."""
    from ..humandit.types import SPACE_SCALE
    from ..humandit.video.plan.autoencoders import TILE, TILE_STEP

    units = SPACE_SCALE // scale
    return {"tile_x": TILE * units, "tile_y": TILE * units, "overlap": (TILE - TILE_STEP) * units}

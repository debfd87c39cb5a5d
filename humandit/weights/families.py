"""Which model a weight file belongs to, told from the names and shapes of its tensors, never from its file name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from .header import Tensor

Tensors = Mapping[str, Tensor]
V = TypeVar("V")

PREFIXES = ("model.diffusion_model.", "diffusion_model.", "transformer.", "module.")
"""Prefixes under which other programs save a transformer."""
WIDTH_2B = 1920
"""Of CogVideoX-2b and what was made from it; the 5B models are 3072 wide."""
NEAR_2B = "Its positions are of another kind. Use the 5b of the same name."
CONVERT = "Its tensors have their first authors' names. Run: python -m humandit weights convert FILE OUT.safetensors"
LORA = "Load the model with HumanDiT Load Model and put ComfyUI's own LoRA loader behind it."
"""What to do with weights that are near: the 2B models, the authors' own names, LoRAs."""


@dataclass(frozen=True)
class Family:
    """One model family.

    Attributes:
        name: how we call it to a user.
        kind: "video", "vae" or "motion" if this project can load it, else "other".
        folder: folder under ComfyUI's ``models`` where it belongs.
        licence: of the published weights, where there is one; a file's own metadata goes first.
        matches: tells it from the tensors, prefix already removed.
        instead: what to use, of weights that cannot be loaded though they are near.
    """

    name: str
    kind: str
    folder: str
    licence: str
    matches: Callable[[Tensors], bool]
    instead: str = ""


UNKNOWN = Family("an unknown model", "other", "", "unknown", lambda t: True)


def strip_prefix(tensors: Mapping[str, V]) -> tuple[str, Mapping[str, V]]:
    """(prefix, entries under it without it); ("", everything) where no known prefix covers a transformer."""
    for prefix in PREFIXES:
        inside = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
        if inside and 2 * len(inside) >= len(tensors):
            return prefix, inside
    return "", tensors


def identify(tensors: Tensors) -> Family:
    """The first family that matches; :data:`UNKNOWN` if none does."""
    inside = strip_prefix(tensors)[1]
    return next((family for family in FAMILIES if family.matches(inside)), UNKNOWN)


def _has(*names: str) -> Callable[[Tensors], bool]:
    return lambda t: all(name in t for name in names)


def _any(part: str) -> Callable[[Tensors], bool]:
    return lambda t: any(part in name for name in t)


def _shape(t: Tensors, name: str) -> tuple[int, ...]:
    return t[name].shape if name in t else ()


def _cogvideox(t: Tensors) -> bool:
    """Any transformer with CogVideoX's names, ours included."""
    return "patch_embed.proj.weight" in t and "transformer_blocks.0.attn1.norm_q.weight" in t


def _channels(t: Tensors) -> int:
    """Input channels of a 2x2-patch CogVideoX; 0 for the 1.5 models, whose patch is a linear layer over time too."""
    shape = _shape(t, "patch_embed.proj.weight")
    return shape[1] if len(shape) == 4 else 0


def _width(t: Tensors) -> int:
    return (_shape(t, "patch_embed.proj.weight") or (0,))[0]


def _2b(t: Tensors) -> bool:
    """The 2B models, whose positions are of another kind."""
    return _cogvideox(t) and _width(t) == WIDTH_2B


def _learned(t: Tensors) -> bool:
    return "patch_embed.pos_embedding" in t


def _is_15(t: Tensors) -> bool:
    return _cogvideox(t) and len(_shape(t, "patch_embed.proj.weight")) == 2


def _context(t: Tensors) -> int:
    """Width of the text that a Stable Diffusion UNet listens to."""
    shapes = (tensor.shape for name, tensor in t.items() if name.endswith("attn2.to_k.weight"))
    return next((shape[-1] for shape in shapes), 0)


def _unet(t: Tensors) -> bool:
    return "input_blocks.0.0.weight" in t or ("conv_in.weight" in t and "down_blocks.0.resnets.0.conv1.weight" in t)


def _lora(t: Tensors) -> bool:
    parts = ("lora_A", "lora_B", "lora_down", "lora_up")
    return bool(t) and sum(any(part in name for part in parts) for name in t) * 2 > len(t)


def _flux(t: Tensors) -> bool:
    own = _any("double_blocks.0.img_")(t)
    return own or "single_transformer_blocks.0.proj_out.weight" in t


def _ltx(t: Tensors) -> bool:
    own = _any("patchify_proj.weight")(t)
    return own or _has("proj_in.weight", "scale_shift_table", "transformer_blocks.0.attn2.to_k.weight")(t)


def _wan(t: Tensors) -> bool:
    own = "blocks.0.self_attn.q.weight" in t and "patch_embedding.weight" in t
    return own or ("blocks.0.attn1.to_q.weight" in t and "condition_embedder.time_embedder.linear_1.weight" in t)


FAMILIES = (
    Family("a LoRA", "other", "loras", "unknown", _lora, LORA),
    Family("a HumanDiT video model", "video", "diffusion_models", "unknown",
           lambda t: _cogvideox(t) and _any("pose_guider.")(t)),
    Family("a HumanDiT motion model", "motion", "diffusion_models", "unknown",
           _has("point_embed.weight", "condition_embed.weight", "transformer_blocks.0.attn1.norm_q.weight")),
    Family("a CogVideoX 1.5 I2V transformer", "video", "diffusion_models", "CogVideoX LICENSE",
           lambda t: _is_15(t) and _any("ofs_embedding.")(t)),
    Family("a CogVideoX 1.5 transformer", "video", "diffusion_models", "CogVideoX LICENSE", _is_15),
    Family("a CogVideoX-5b-I2V transformer", "video", "diffusion_models", "CogVideoX LICENSE",
           lambda t: _cogvideox(t) and _channels(t) == 32 and _learned(t)),
    Family("a CogVideoX-Fun 2b transformer", "other", "diffusion_models", "CogVideoX LICENSE",
           lambda t: _2b(t) and _channels(t) > 16, NEAR_2B),
    Family("a CogVideoX-Fun Pose or Control transformer", "video", "diffusion_models", "CogVideoX LICENSE",
           lambda t: _cogvideox(t) and _channels(t) == 32),
    Family("a CogVideoX-Fun InP transformer", "other", "diffusion_models", "CogVideoX LICENSE",
           lambda t: _cogvideox(t) and _channels(t) == 33,
           "It fills in pictures and takes no poses. Use CogVideoX-Fun-V1.1-5b-Pose or -Control."),
    Family("a CogVideoX-2b transformer", "other", "diffusion_models", "Apache-2.0",
           lambda t: _2b(t) and _channels(t) == 16, NEAR_2B),
    Family("a CogVideoX-5b transformer", "video", "diffusion_models", "CogVideoX LICENSE",
           lambda t: _cogvideox(t) and _channels(t) == 16 and not _learned(t)),
    Family("a transformer of the CogVideoX family", "other", "diffusion_models", "unknown", _cogvideox,
           "Its latents have other channels than any model known here. Use CogVideoX-5b."),
    Family("a CogVideoX transformer with its authors' names (SAT)", "other", "diffusion_models", "CogVideoX LICENSE",
           _has("transformer.layers.0.attention.query_key_value.weight", "mixins.patch_embed.proj.weight"), CONVERT),
    Family("a CogVideoX transformer in ComfyUI's own names", "other", "diffusion_models", "CogVideoX LICENSE",
           _has("blocks.0.norm1.linear.weight", "blocks.0.ff_proj.weight"),
           "Use the file of the same model with diffusers' names (transformer_blocks.0...)."),
    Family("a PP-VCtrl side network", "other", "controlnet", "Apache-2.0",
           _has("sample_patch_embed.proj.weight", "cond_patch_embed.proj.weight"),
           "It goes beside a CogVideoX-5b-I2V transformer: load that one here."),
    Family("a CogVideoX VAE", "vae", "vae", "CogVideoX LICENSE",
           _has("encoder.down_blocks.0.resnets.0.conv1.conv.weight", "decoder.conv_in.conv.weight")),
    Family("a HumanDiT light VAE", "vae", "vae", "unknown", _has("quad.basis", "refiner.stem.weight")),
    Family("a Wan video transformer", "other", "diffusion_models", "Apache-2.0", _wan),
    Family("a Wan VAE", "other", "vae", "Apache-2.0", _any("downsamples.0.residual.0.gamma")),
    Family("a FLUX or HunyuanVideo transformer", "other", "diffusion_models", "unknown", _flux),
    Family("an LTX-Video transformer", "other", "diffusion_models", "unknown", _ltx),
    Family("a ControlNet", "other", "controlnet", "unknown",
           lambda t: _any("controlnet_down_blocks.0.")(t) or _any("zero_convs.0.0.weight")(t)),
    Family("a Stable Diffusion XL UNet", "other", "diffusion_models", "unknown",
           lambda t: _unet(t) and _context(t) == 2048),
    Family("a Stable Diffusion UNet", "other", "diffusion_models", "unknown", _unet),
    Family("an image VAE", "other", "vae", "unknown",
           lambda t: _any("encoder.down.0.block.0.conv1.weight")(t) or _has(
               "encoder.down_blocks.0.resnets.0.conv1.weight", "decoder.conv_in.weight")(t)),
    Family("a T5 text encoder", "other", "text_encoders", "unknown", _any("layer.0.SelfAttention.q.weight"),
           "It reads prompts: load it with ComfyUI's own CLIP loader."),
    Family("a CLIP text encoder", "other", "text_encoders", "unknown", _any("text_model.encoder.layers.0.")),
)  # fmt: skip
"""Narrow before wide: the first match wins. CogVideoX rows follow the released configs and their loaders."""

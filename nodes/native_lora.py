"""LoRAs of every common naming on our MODEL, through the host's own loaders; an error where one changes nothing.

The host maps a LoRA's names by the class of the model and has no hook for a class of a pack, and it only logs what it
could not place. So two of its functions are wrapped: for a model of ours they know more names and refuse a LoRA that
fits nowhere; for every other model they are what they were.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import comfy.lora

from ..humandit.errors import HumanDiTError
from ..humandit.weights.families import WIDTH_2B
from ..humandit.weights.lora import COGVIDEOX_2B, layer_names, target
from .native import HostDiT

ROOT, END = "diffusion_model.", ".weight"
"""Around a layer's name in the host's state dict."""


class LayerNames(dict):
    """The host's map from a LoRA's names to its own, of a model of ours.

    Attributes:
        dim: width of the transformer.
    """

    def __init__(self, names: dict[str, Any], dim: int) -> None:
        super().__init__(names)
        self.dim = dim


@functools.cache
def teach_host() -> None:
    """Let the host's LoRA loaders know the layers of our models; once, however often it is called."""
    comfy.lora.model_lora_keys_unet = _with_our_names(comfy.lora.model_lora_keys_unet)
    comfy.lora.load_lora = _refusing_strangers(comfy.lora.load_lora)


def _with_our_names(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @functools.wraps(original)
    def names_of(model: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(getattr(model, "diffusion_model", None), HostDiT):
            return original(model, *args, **kwargs)
        found = original(model, *(args or ({},)), **kwargs)  # the host's own default is shared between calls
        for key in model.state_dict():
            if key.startswith(ROOT) and key.endswith(END):
                for name in layer_names(key[len(ROOT) : -len(END)]):
                    found.setdefault(name, key)
        return LayerNames(found, model.diffusion_model.config.dim)

    return names_of


def _refusing_strangers(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @functools.wraps(original)
    def load(lora: dict[str, Any], to_load: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
        patches = original(lora, to_load, *args, **kwargs)
        if isinstance(to_load, LayerNames) and lora and kwargs.get("log_missing", True):
            _check_fit(lora, patches, to_load.dim)
        return patches

    return load


def _check_fit(lora: dict[str, Any], patches: dict[str, Any], dim: int) -> None:
    """Raise for a LoRA that changes no layer, or is of the narrower CogVideoX-2b."""
    made_for = target(lora)
    if patches and (made_for != COGVIDEOX_2B or dim == WIDTH_2B):
        return
    guess = f"it looks like one for {made_for}" if made_for else "its layers are of a model we do not know"
    some = ", ".join(list(lora)[:2])
    raise HumanDiTError(
        f"This LoRA fits no layer of the video model: {guess} ({some}, …). "
        "Use a LoRA made for a CogVideoX 5B model or for HumanDiT, or take this one out."
    )

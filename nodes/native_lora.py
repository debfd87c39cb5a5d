"""LoRAs of every common naming on our MODEL, and an error where one changes nothing.

The host's loaders tell a layer's names by the class of the model, know no class of a pack, and only log what they could
not place. :func:`named_like_core` and :func:`refusing_strangers` are the classes that answer to that; nothing of the
host is changed. :func:`with_lora` does without the host's table of names.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

import comfy.lora
import comfy.model_base
from torch import Tensor

from ..humandit.errors import HumanDiTError
from ..humandit.weights.lora import changed_layer, layer_names, target

ROOT, END = "diffusion_model.", ".weight"
"""Around a layer's name in the host's state dict."""
KIN = ("QwenImage", "HunyuanDiT")
"""The host's classes whose LoRAs are named as ours: bare and after "transformer.", and after "base_model.model."."""
REMEDY = "Use a LoRA made for a CogVideoX 5B model or for HumanDiT, or take this one out."


def named_like_core() -> type[comfy.model_base.BaseModel]:
    """The host's BaseModel to inherit from, whose LoRAs the host's loaders know in the namings of :data:`KIN` too.

    Every method of the relatives is put back to BaseModel's own: names are all that is taken from them.
    """
    base = comfy.model_base.BaseModel
    kin = tuple(getattr(comfy.model_base, name) for name in KIN if hasattr(comfy.model_base, name))
    methods = {name for relative in kin for name, value in vars(relative).items() if inspect.isfunction(value)}
    plain = {name: getattr(base, name) for name in methods if hasattr(base, name)}
    return type("NamedLikeCore", kin or (base,), plain)


@functools.cache
def refusing_strangers(patcher: Any) -> Any:
    """The host's class ``patcher``, with an error for changes of which none fits the model."""

    class Refusing(patcher):
        def add_patches(self, patches: Mapping[Any, Any], *args: Any, **kwargs: Any) -> list[Any]:
            if not fitting(self.model, patches):
                raise HumanDiTError(
                    f"This LoRA fits no layer of the video model. {REMEDY} HumanDiT Load LoRA says what it is for."
                )
            return super().add_patches(patches, *args, **kwargs)

    return Refusing


def fitting(model: Any, patches: Mapping[Any, Any]) -> dict[Any, Any]:
    """Those of ``patches`` that have a layer of their own size."""
    state = model.state_dict()
    where = {name: name if isinstance(name, str) else name[0] for name in patches}
    return {name: patch for name, patch in patches.items() if _fits(patch, state.get(where[name]))}


def _fits(patch: Any, weight: Tensor | None) -> bool:
    """Kinds of change that do not tell their size count as fitting."""
    if weight is None:
        return False
    if getattr(patch, "name", "") != "lora":
        return True
    up, down, *_, reshape = patch.weights
    return reshape is not None or (up.shape[0], down[0].numel()) == (weight.shape[0], weight[0].numel())


def with_lora(model: Any, lora: Mapping[str, Tensor], strength: float) -> tuple[Any, str]:
    """``model`` with the changes of ``lora``, and a line that says how many layers those are.

    Raises:
        HumanDiTError: no layer is changed; says what the LoRA was made for.
    """
    names = {name: key for key in model.model.state_dict() for name in _names(key)}
    patches = fitting(model.model, comfy.lora.load_lora(lora, names, log_missing=False))
    if not patches:
        raise HumanDiTError(f"This LoRA fits no layer of the video model: {_guess(lora)}. {REMEDY}")
    made = model.clone()
    made.add_patches(patches, strength)
    layers = [names.get(layer) in patches for layer in {changed_layer(entry) for entry in lora}]
    left = layers.count(False)
    return made, f"{layers.count(True)} layers changed" + (f", {left} have no place in this model" if left else "")


def _names(key: str) -> tuple[str, ...]:
    """What LoRAs call the host's weight ``key``; nothing for what is none."""
    layer = key.removeprefix(ROOT).removesuffix(END)
    return layer_names(layer) if key == ROOT + layer + END else ()


def _guess(lora: Mapping[str, Tensor]) -> str:
    made_for = target(lora)
    guess = f"it looks like one for {made_for}" if made_for else "its layers are of a model we do not know"
    return f"{guess} ({', '.join(list(lora)[:2])}, …)"

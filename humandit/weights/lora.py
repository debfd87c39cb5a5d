"""LoRAs: small changes to a model's layers. Which model one is for, and the names its layers go by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InvalidWeights
from .families import WIDTH_2B

if TYPE_CHECKING:
    import torch

MARKS = (".lora_A.", ".lora_B.", ".lora_down.", ".lora_up.", ".lora.down.", ".lora.up.", "_lora.down.", "_lora.up.")
"""What stands between a layer's name and the rest of an entry's."""
ENDS = (".alpha", ".dora_scale", ".diff_b", ".diff")
"""What else a name may end in."""
ROOTS = ("transformer.", "diffusion_model.", "base_model.model.", "model.diffusion_model.", "")
"""What stands in front of a layer's name: diffusers, ComfyUI, peft, the authors' own training, nothing."""
FLAT_ROOTS = ("lora_unet_", "lora_transformer_", "lycoris_")
"""The same for programs that write a layer's name with underscores."""

COGVIDEOX_2B = "CogVideoX-2b"
"""Its LoRAs have the 5B models' names, but not their width."""


def layer_names(layer: str) -> tuple[str, ...]:
    """All names under which LoRAs change ``layer``, e.g. "transformer_blocks.0.attn1.to_q"."""
    flat = layer.replace(".", "_")
    return (*(root + layer for root in ROOTS), *(root + flat for root in FLAT_ROOTS))


def target(entries: Mapping[str, Any]) -> str:
    """The model that a LoRA was made for, in words; "" if its layers do not tell.

    Args:
        entries: name -> anything with a shape (tensors, or a header's).
    """
    layers = {_layer(name) for name in entries}
    return next((words for words, matches in TARGETS if matches(layers, entries)), "")


def changed_layer(entry: str) -> str:
    """The layer that an entry changes, under the LoRA's own name for it."""
    for mark in MARKS:
        entry = entry.split(mark)[0]
    for end in ENDS:
        entry = entry.removesuffix(end)
    return entry


def merged(state: Mapping[str, torch.Tensor], entries: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A model's ``state`` with a LoRA in it, for good.

    Args:
        state: name -> weight, as our models name them.
        entries: of a file that ``train export`` made: ``lora_A`` [r, n] and ``lora_B`` [m, r] of every layer.

    Raises:
        InvalidWeights: it changes a layer that this model lacks, or has in another size.
    """
    changed = dict(state)
    for entry, down in entries.items():
        if ".lora_A." not in entry:
            continue
        up, name = entries[entry.replace(".lora_A.", ".lora_B.")], f"{_layer(entry)}.weight"
        if name not in state or tuple(state[name].shape) != (up.shape[0], down.shape[1]):
            raise InvalidWeights(
                f"The LoRA changes {name} of {up.shape[0]} x {down.shape[1]}, which this model does not have. Give the "
                "weights that it was trained beside."
            )
        changed[name] = (state[name].float() + up.float() @ down.float()).to(state[name])
    return changed


def _layer(name: str) -> str:
    """The layer's name with dots, without root and mark; flat names keep their underscores."""
    name = changed_layer(name)
    for root in (*ROOTS[:-1], *FLAT_ROOTS, "unet."):
        name = name.removeprefix(root)
    return name


Matches = Callable[[Iterable[str], Mapping[str, Any]], bool]


def _layers(*parts: str) -> Matches:
    """Some layer's name holds one of ``parts``; dots may be written as underscores."""
    flat = [part.replace(".", "_") for part in parts]
    return lambda layers, _: any(part in layer.replace(".", "_") for layer in layers for part in flat)


def _cogvideox(layers: Iterable[str], _: Mapping[str, Any]) -> bool:
    """Blocks with one attention, called attn1, at their first level; LTX's have a second."""
    flat = [layer.replace(".", "_") for layer in layers]
    ours = any(layer.startswith("transformer_blocks_") and "_attn1_" in layer for layer in flat)
    return ours and not any("_attn2_" in layer for layer in flat)


def _2b(layers: Iterable[str], entries: Mapping[str, Any]) -> bool:
    return _cogvideox(layers, entries) and any(WIDTH_2B in tuple(entry.shape) for entry in entries.values())


TARGETS: tuple[tuple[str, Matches], ...] = (
    (COGVIDEOX_2B, _2b),
    ("a CogVideoX 5B model", _cogvideox),
    ("CogVideoX with its authors' names (SAT)", _layers("attention.query_key_value")),
    ("FLUX or HunyuanVideo", _layers("double_blocks.", "single_transformer_blocks.", "single_blocks.")),
    ("Wan", _layers("blocks.0.self_attn.", "blocks.0.cross_attn.")),
    ("Stable Diffusion", _layers("down_blocks.", "input_blocks.", "up_blocks.", "output_blocks.")),
    ("LTX-Video", lambda layers, _: any(layer.replace(".", "_").startswith("transformer_blocks_") for layer in layers)),
    ("a text encoder", _layers("text_model.encoder", "text_encoder", "lora_te")),
)
"""Narrow before wide."""

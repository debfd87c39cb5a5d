"""LoRA (Hu et al. 2021): a large model learns through narrow layers beside its own, which stay as they are.

Written here instead of taken from peft because a layer keeps the names of its weights: the base loads into it before
and after, and what is trained already has the names that LoRA files use.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn import Linear

from ..errors import HumanDiTError
from ..video.model import HumanDiT
from ..weights.lora import ROOTS
from .recipe import LoRA

LAYERS = ("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0", "ff.net.0.proj", "ff.net.2")
"""Ends of the names of the layers that get some where a recipe names none: attention and feed-forward."""
WHOLE = ("pose_guider.proj", "text_mask_embed")
"""Layers trained whole beside them: stock CogVideoX lacks them, so there is nothing to stay close to."""
START = "start"
"""Buffer beside their weight: what it was before training."""


class LoRALinear(nn.Module):
    """A linear layer with ``lora_B(lora_A(x)) * scale`` added; nothing is, until ``lora_B`` has learnt something."""

    def __init__(self, layer: nn.Linear, lora: LoRA) -> None:
        super().__init__()
        self.weight, self.bias, self.scale = layer.weight, layer.bias, lora.alpha / lora.rank
        where = layer.weight.device
        self.lora_A = Linear(layer.in_features, lora.rank, bias=False, device=where)
        self.lora_B = Linear(lora.rank, layer.out_features, bias=False, device=where)
        nn.init.zeros_(self.lora_B.weight)

    def forward(self, x: Tensor) -> Tensor:
        """[..., in] -> [..., out]."""
        return F.linear(x, self.weight, self.bias) + self.lora_B(self.lora_A(x)) * self.scale


def add_lora(model: HumanDiT, lora: LoRA, dtype: torch.dtype | None = None) -> None:
    """Freeze ``model`` and give its blocks the layers of ``lora``; those of :data:`WHOLE` learn as they are.

    What learns is float32. Norms are as well, though frozen: a CPU does not mix them with bf16.

    Args:
        model: with its weights in place.
        dtype: of the frozen linear layers: bf16 halves the memory of a large model that is multiplied in it anyway;
            None leaves them as they are.

    Raises:
        HumanDiTError: the recipe names a layer that no block has.
    """
    chosen = _chosen(model, lora)
    model.requires_grad_(False)
    for name, layer in list(model.named_modules()):
        if name in WHOLE:
            layer.float().requires_grad_()
            layer.register_buffer(START, layer.get_parameter("weight").detach().clone(), persistent=False)
        elif isinstance(layer, nn.LayerNorm):
            layer.float()
        elif isinstance(layer, nn.Linear | nn.Conv2d):
            layer.to(dtype)
        if name in chosen:
            parent, _, own = name.rpartition(".")
            setattr(model.get_submodule(parent), own, LoRALinear(chosen[name], lora))


def _chosen(model: HumanDiT, lora: LoRA) -> dict[str, nn.Linear]:
    """Name -> layer, of those that a recipe chooses."""
    wanted = lora.layers or LAYERS
    blocks = [(f"transformer_blocks.{name}", layer) for name, layer in model.transformer_blocks.named_modules()]
    linear = {name: layer for name, layer in blocks if isinstance(layer, nn.Linear)}
    strange = [end for end in wanted if not any(name.endswith(f".{end}") for name in linear)]
    if strange:
        raise HumanDiTError(f"No block has a layer {', '.join(strange)} for a LoRA. Choose from {', '.join(LAYERS)}.")
    return {name: layer for name, layer in linear.items() if name.endswith(tuple(f".{end}" for end in wanted))}


def is_low_rank(model: nn.Module) -> bool:
    """Whether :func:`add_lora` was there."""
    return any(isinstance(layer, LoRALinear) for layer in model.modules())


def trained_state(model: nn.Module) -> dict[str, Tensor]:
    """The part of the state dict that training changes: everything of a model that learns as a whole, without what is
    frozen of one with LoRA layers. What a checkpoint must hold; the rest comes from the base weights."""
    state = model.state_dict()
    if not is_low_rank(model):
        return state
    learning = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    return {name: value for name, value in state.items() if name in learning}


def load_trained(model: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Put a :func:`trained_state` back.

    Raises:
        HumanDiTError: it is of other layers.
    """
    if set(state) != set(trained_state(model)):
        raise HumanDiTError(
            "The checkpoint was trained with other layers than the recipe names. Go on with the same lora, or choose "
            "another folder."
        )
    model.load_state_dict(dict(state), strict=False)


def lora_entries(model: nn.Module, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What a LoRA's file holds, in diffusers' names, which ComfyUI reads too.

    The factor alpha / rank is inside ``lora_B``, so that no reader need know it. What layers of :data:`WHOLE` have
    learnt, if anything, is written as a product as well, one of full rank and exact: no reader needs to know another
    kind of change.

    Args:
        model: that :func:`add_lora` was at.
        values: name -> value of everything that learns, averaged as a rule.
    """
    entries = {}
    for name, layer in model.named_modules():
        if isinstance(layer, LoRALinear):
            down, up = values[f"{name}.lora_A.weight"], values[f"{name}.lora_B.weight"] * layer.scale
        elif name in WHOLE and f"{name}.weight" in values:
            change = values[f"{name}.weight"] - layer.get_buffer(START).to(values[f"{name}.weight"])
            if not change.any():
                continue
            down, up = _as_product(change)
        else:
            continue
        entries[f"{ROOTS[0]}{name}.lora_A.weight"], entries[f"{ROOTS[0]}{name}.lora_B.weight"] = down, up
    return entries


def _as_product(change: Tensor) -> tuple[Tensor, Tensor]:
    """[m, n] -> [r, n] and [m, r] with r the smaller of both: ``change`` and an identity matrix."""
    rows, columns = change.shape
    unit = torch.eye(min(rows, columns), dtype=change.dtype, device=change.device)
    return (unit, change) if columns <= rows else (change, unit)

"""LoRA (Hu et al. 2021): a large model learns through narrow layers beside its own, which stay as they are.

Written here instead of taken from peft because a layer keeps the names of its weights: the base loads into it before
and after, and what is trained already has the names that LoRA files use.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import HumanDiTError
from ..video.model import HumanDiT

GROUPS = {
    "attention": ("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0"),
    "feed_forward": ("ff.net.0.proj", "ff.net.2"),
}
"""What a recipe may choose -> layers of every block."""
WHOLE = ("pose_guider.proj", "text_mask_embed")
"""Layers trained whole beside them: stock CogVideoX lacks them, so there is nothing to stay close to."""


@dataclass(frozen=True)
class LoRA:
    """Which layers learn, and how much they can.

    Attributes:
        rank: width of the narrow layers, 1 or more; files and optimiser grow with it.
        alpha: what they add is multiplied by alpha / rank; None for the rank, that is, by 1.
        layers: one or both of :data:`GROUPS`.
    """

    rank: int = 64
    alpha: float | None = None
    layers: tuple[str, ...] = tuple(GROUPS)

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))  # a recipe's file has a list
        if self.rank < 1 or self.rank != int(self.rank):
            raise HumanDiTError(f"The rank of a LoRA is a whole number from 1 up, got {self.rank}. 64 is a good start.")
        if self.alpha is not None and self.alpha <= 0:
            raise HumanDiTError(f"The alpha of a LoRA must be above 0, got {self.alpha}. Leave it out to use the rank.")
        strange = [name for name in self.layers if name not in GROUPS]
        if strange or not self.layers:
            got = ", ".join(map(repr, strange)) or "none"
            raise HumanDiTError(f"The layers of a LoRA are some of {', '.join(GROUPS)}, got {got}.")

    @property
    def scale(self) -> float:
        """Factor on what the narrow layers add."""
        return 1.0 if self.alpha is None else self.alpha / self.rank

    @property
    def ends(self) -> tuple[str, ...]:
        """What the names of the layers that it widens end in."""
        return tuple(end for group in self.layers for end in GROUPS[group])


class LoRALinear(nn.Module):
    """A linear layer with ``lora_B(lora_A(x)) * scale`` added; nothing is, until ``lora_B`` has learnt something."""

    def __init__(self, layer: nn.Linear, lora: LoRA) -> None:
        super().__init__()
        self.weight, self.bias, self.scale = layer.weight, layer.bias, lora.scale
        where = layer.weight.device
        self.lora_A = nn.Linear(layer.in_features, lora.rank, bias=False, device=where)
        self.lora_B = nn.Linear(lora.rank, layer.out_features, bias=False, device=where)
        nn.init.zeros_(self.lora_B.weight)

    def forward(self, x: Tensor) -> Tensor:
        """[..., in] -> [..., out]."""
        return F.linear(x, self.weight, self.bias) + self.lora_B(self.lora_A(x)) * self.scale


def add_lora(model: HumanDiT, lora: LoRA, dtype: torch.dtype = torch.float32) -> None:
    """Freeze ``model`` and give its blocks the layers of ``lora``, float32; :data:`WHOLE` stays trainable, float32.

    Args:
        model: with its weights in place.
        dtype: the number format that training multiplies in. Frozen linear layers are kept in it, which halves the
            memory of a large model in bf16; norms stay as they are.
    """
    model.requires_grad_(False)
    for name, layer in list(model.named_modules()):
        if not isinstance(layer, nn.Linear | nn.Conv2d):
            continue
        whole = name in WHOLE
        layer.to(torch.float32 if whole else dtype).requires_grad_(whole)
        if name.startswith("transformer_blocks.") and name.endswith(lora.ends):
            parent, _, own = name.rpartition(".")
            setattr(model.get_submodule(parent), own, LoRALinear(layer, lora))


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


def load_trained(model: nn.Module, state: dict[str, Tensor]) -> None:
    """Put a :func:`trained_state` back.

    Raises:
        HumanDiTError: it is of other layers.
    """
    if set(state) != set(trained_state(model)):
        raise HumanDiTError(
            "The checkpoint was trained with other layers than the recipe names. Go on with the same lora, or choose "
            "another folder."
        )
    model.load_state_dict(state, strict=False)

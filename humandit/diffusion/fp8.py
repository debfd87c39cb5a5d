"""Linear layers in 8-bit floats (e4m3): weights scaled per row once, activations per token on the way."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..errors import HumanDiTError

FP8 = torch.float8_e4m3fn
TOP = float(torch.finfo(FP8).max)
FIRST_CAPABILITY = (8, 9)
"""Ada, the first generation of NVIDIA GPUs that multiplies 8-bit floats."""
SIDE_STEP = 16
"""Widths in and out must be multiples of this for the kernel."""


def need_fp8(device: torch.device) -> None:
    """Raise :class:`HumanDiTError` unless ``device`` multiplies 8-bit floats."""
    found = "no NVIDIA GPU"
    if device.type == "cuda":
        if torch.cuda.get_device_capability(device) >= FIRST_CAPABILITY:
            return
        found = torch.cuda.get_device_name(device)
    raise HumanDiTError(
        f"8-bit linear layers need an NVIDIA GPU from the RTX 40 or H100 generation on, got {found}. "
        "Switch fp8 off or choose another preset."
    )


def quantized(x: Tensor) -> tuple[Tensor, Tensor]:
    """Rows of ``x`` [R, C] in 8 bits, and their scales [R, 1] float32: ``x`` is about values * scales."""
    scale = x.abs().amax(dim=-1, keepdim=True).float().clamp_min(1e-12) / TOP
    return (x / scale).clamp(-TOP, TOP).to(FP8), scale


class Fp8Linear(nn.Module):
    """A linear layer whose product is made in 8 bits, in the numbers' own type outside. Inference only."""

    weight: Tensor
    scale: Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight, scale = quantized(linear.weight.detach())
        self.register_buffer("weight", weight)
        self.register_buffer("scale", scale)
        self.bias = linear.bias

    def forward(self, x: Tensor) -> Tensor:
        """[..., in] -> [..., out]."""
        rows, scale = quantized(x.flatten(0, -2))
        dtype = torch.bfloat16  # the only type that row-wise scaling gives
        out = torch._scaled_mm(rows, self.weight.T, scale_a=scale, scale_b=self.scale.T, out_dtype=dtype).to(x.dtype)
        return (out if self.bias is None else out + self.bias).unflatten(0, x.shape[:-1])


def with_fp8_linears(module: nn.Module) -> None:
    """Replace, inside ``module``, every linear layer that the kernel can take."""
    for name, child in module.named_children():
        if isinstance(child, nn.Linear) and not (child.in_features % SIDE_STEP or child.out_features % SIDE_STEP):
            setattr(module, name, Fp8Linear(child))
        else:
            with_fp8_linears(child)

"""Weights, gradients and optimiser split over all processes (PyTorch's FSDP2), and made whole for a checkpoint.

A checkpoint knows nothing of the processes: eight write what one reads, and the other way round. Arithmetic stays
autocast's; what is split is only where the numbers lie.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.utils import _pytree


def split_over_ranks(model: nn.Module, blocks: Iterable[nn.Module], device: torch.device, dtype: torch.dtype) -> None:
    """Split ``model`` itself: every block by itself, so that only one or two are whole at a time, and the rest.

    Weights travel in ``dtype``, gradients in float32. Inputs are left as they are: positions would lose their places
    in bfloat16.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard

    # a trainer never works in place on what the model answers
    warnings.filterwarnings("ignore", message="FSDP2-wrapped module .* returned a view")
    everyone = init_device_mesh(device.type, (dist.get_world_size(),))
    policy = MixedPrecisionPolicy(param_dtype=dtype, reduce_dtype=torch.float32, cast_forward_inputs=False)
    for block in blocks:
        fully_shard(block, mesh=everyone, mp_policy=policy)
    whole: Any = fully_shard(model, mesh=everyone, mp_policy=policy)
    if hasattr(whole, "set_reduce_scatter_unused_params"):  # a part that one process's examples leave out
        whole.set_reduce_scatter_unused_params(True)


def is_split(tensor: Tensor) -> bool:
    """Whether other processes hold parts of ``tensor``."""
    if not (dist.is_available() and dist.is_initialized()):
        return False
    from torch.distributed.tensor import DTensor

    return isinstance(tensor, DTensor)


def in_one_piece(tensor: Tensor) -> Tensor:
    """All of ``tensor``, on every process; all must call it."""
    return tensor.full_tensor() if is_split(tensor) else tensor  # type: ignore[attr-defined]


def split_again(model: nn.Module) -> None:
    """Let go of the whole weights that the last forward pass left in ``model``: after it was given other weights they
    would be the old ones. A backward pass does the same."""
    for module in model.modules():
        if hasattr(module, "reshard"):
            module.reshard()  # type: ignore[operator]


def own(tensor: Tensor) -> Tensor:
    """The part of ``tensor`` that lies in this process, sharing its memory; all of it where nothing is split."""
    return tensor.to_local() if is_split(tensor) else tensor  # type: ignore[attr-defined]


def whole(values: Any) -> Any:  # noqa: ANN401 - any nest of containers
    """``values`` with every split tensor in one piece, in the CPU's memory, on the first process; all must call it.

    The others get empty tensors. Tensors that are not split come back as they are.
    """
    first = not dist.is_initialized() or dist.get_rank() == 0

    def made(value: Any) -> Any:  # noqa: ANN401
        if not (isinstance(value, Tensor) and is_split(value)):
            return value
        full = in_one_piece(value.detach())
        return full.cpu() if first else full.new_empty(0)

    return _pytree.tree_map(made, values)


def like(value: Tensor, target: Tensor) -> Tensor:
    """A ``value`` that is whole, split as ``target`` is."""
    if not is_split(target):
        return value
    from torch.distributed.tensor import distribute_tensor

    mesh, places = target.device_mesh, target.placements  # type: ignore[attr-defined]
    return distribute_tensor(value.to(target.device, target.dtype), mesh, places, src_data_rank=None)


def all_like(values: dict[str, Tensor], targets: dict[str, Tensor]) -> dict[str, Tensor]:
    """:func:`like` by name; what has no target stays as it is."""
    return {name: like(value, targets[name]) if name in targets else value for name, value in values.items()}


def load_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Give ``optimizer`` a whole ``state``, split as its parameters are."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]

    def placed(value: Any, parameter: Tensor) -> Any:  # noqa: ANN401
        fits = isinstance(value, Tensor) and value.shape == parameter.shape
        return like(value, parameter) if fits else value

    split = {i: {k: placed(v, parameters[i]) for k, v in own.items()} for i, own in state["state"].items()}
    optimizer.load_state_dict({**state, "state": split})

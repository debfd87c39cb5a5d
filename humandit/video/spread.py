"""The video model on several processes, started by ``torchrun``: each works on a part of the tokens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
import torch.distributed as dist

from ..diffusion.runs import every_block
from ..diffusion.ulysses import Group, Ulysses
from ..errors import HumanDiTError
from .model import HumanDiT
from .prepare import sharing_weights, use_attention


def started_by_torchrun() -> bool:
    """Whether this process is one of several that belong together."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


@contextmanager
def joined() -> Iterator[bool]:
    """The processes of ``torchrun`` joined for a while; whether this one is the first, which writes and speaks."""
    if not started_by_torchrun():
        yield True
        return
    has_gpu = torch.cuda.is_available()
    if has_gpu:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    _meet("cpu:gloo,cuda:nccl" if has_gpu else "gloo")
    try:
        yield dist.get_rank() == 0
    finally:
        dist.destroy_process_group()


def _meet(backend: str) -> None:
    """Join the others. ``torchrun`` keeps its store when it starts processes again, with the addresses of those that
    died (pytorch issue 135712), so every attempt has keys of its own; not on several machines, which count by
    themselves: there ``TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1`` helps."""
    if os.environ.get("LOCAL_WORLD_SIZE") != os.environ["WORLD_SIZE"]:
        dist.init_process_group(backend)
        return
    from torch.distributed.rendezvous import rendezvous

    store, rank, processes = next(rendezvous("env://"))
    attempt = dist.PrefixStore(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"), store)
    dist.init_process_group(backend, store=attempt, rank=rank, world_size=processes)


def spread(model: HumanDiT) -> HumanDiT:
    """``model`` with its tokens shared out over the joined processes, sharing its weights. All must call it alike.

    Raises:
        HumanDiTError: heads that cannot be shared out, or (when it runs) a sampler that spares blocks: the processes
            would each decide for themselves.
    """
    made = sharing_weights(model)
    made.register_forward_pre_hook(_refuse_sparing, with_kwargs=True)
    share_out(made)
    return made


def share_out(model: HumanDiT, group: Group = None) -> None:
    """Change ``model`` itself to share its tokens out over the processes of ``group``, all that have joined by default.
    A ``run_blocks`` that it is called with takes the own tokens through the blocks."""
    layer: Any = model.transformer_blocks[0].attn1
    tokens = Ulysses(layer.attention, model.config.heads, group)
    use_attention(model, tokens.attention)

    def insert(module: HumanDiT, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        through = named.get("run_blocks", every_block)
        return given, {**named, "run_blocks": partial(tokens.run_blocks, through=through)}

    model.register_forward_pre_hook(insert, with_kwargs=True)


def _refuse_sparing(module: HumanDiT, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    if named.get("run_blocks", every_block) is not every_block:
        raise HumanDiTError("Several processes cannot spare blocks. Choose a preset without a cache.")

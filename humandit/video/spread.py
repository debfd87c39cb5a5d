"""The video model on several processes, started by ``torchrun``: each works on a part of the tokens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as dist

from ..diffusion.runs import every_block
from ..diffusion.ulysses import Ulysses
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
    dist.init_process_group("cpu:gloo,cuda:nccl" if has_gpu else "gloo")
    try:
        yield dist.get_rank() == 0
    finally:
        dist.destroy_process_group()


def spread(model: HumanDiT) -> HumanDiT:
    """``model`` with its tokens shared out over the joined processes, sharing its weights. All must call it alike.

    Raises:
        HumanDiTError: heads that cannot be shared out, or (when it runs) a sampler that spares blocks: the processes
            would each decide for themselves.
    """
    made = sharing_weights(model)
    layer: Any = model.transformer_blocks[0].attn1
    tokens = Ulysses(layer.attention, model.config.heads)
    use_attention(made, tokens.attention)

    def share_out(module: HumanDiT, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        if named.get("run_blocks", every_block) is not every_block:
            raise HumanDiTError("Several processes cannot spare blocks. Choose a preset without a cache.")
        return given, {**named, "run_blocks": tokens.run_blocks}

    made.register_forward_pre_hook(share_out, with_kwargs=True)
    return made

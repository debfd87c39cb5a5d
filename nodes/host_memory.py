"""Memory on the host: what is free, and a second try with less where it ran out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")
"""In the errors of PyTorch's allocators that have no class of their own (MPS, CPU)."""


def free_memory() -> tuple[torch.device, int | None, int]:
    """The device that models run on, the bytes they can have there (None on a CPU), and the bytes of main memory.

    Models that lie on the card count as free: the host moves them out when another one needs the room.
    """
    import comfy.model_management as management
    import torch

    device = management.get_torch_device()
    main = int(management.get_free_memory(torch.device("cpu")))
    if device.type == "cpu":
        return device, None, main
    loaded = sum(entry.model_loaded_memory() for entry in management.current_loaded_models if entry.device == device)
    return device, int(management.get_free_memory(device)) + int(loaded), main


def with_less(run: Callable[[], T], smaller: Callable[[], T], advice: str) -> T:
    """``run()``; where memory runs out, the same by ``smaller()`` once everything else has left the card.

    Raises:
        HumanDiTError: memory ran out again; says ``advice``.
    """
    from ..humandit.errors import HumanDiTError

    result = _attempt(run)
    if result is None:
        logging.warning("HumanDiT: out of memory; trying once more with less of it.")
        empty_card()
        result = _attempt(smaller)
    if result is None:
        empty_card()
        raise HumanDiTError(f"There is not enough memory, also after a second try with less. {advice}")
    return result


def _attempt(run: Callable[[], T]) -> T | None:
    """None where memory ran out. Outside, so that the error, which holds all tensors of the run, is gone by then."""
    try:
        return run()
    except RuntimeError as error:
        if not out_of_memory(error):
            raise
    return None


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on any device."""
    import comfy.model_management as management

    return isinstance(error, management.OOM_EXCEPTION) or any(word in str(error).lower() for word in OUT_OF_MEMORY)


def empty_card() -> None:
    """Move every model out, and give back what the allocator keeps."""
    import gc

    import comfy.model_management as management

    gc.collect()
    management.unload_all_models()
    management.soft_empty_cache()

"""What nodes ask of the host: progress, interrupts, previews, words under a node, and the IMAGE layout.

Beside it, :mod:`.host_files` knows folders and files, :mod:`.host_memory` what is free, and :mod:`.host_vae` what the
host's VAE takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import torch


def choice(value: str, options: Sequence[str], what: str) -> str:
    """``value`` if it is one of ``options``; hosts differ in whether they check lists themselves."""
    from ..humandit.errors import HumanDiTError

    if value in options:
        return value
    known = ", ".join(options[:8]) + (", …" if len(options) > 8 else "") or "none"
    raise HumanDiTError(
        f"There is no {value!r} among the {what}. Choose one of: {known}; reload the page for new files."
    )


def number_format_of(model: Any) -> str:
    """Of a MODEL's weights: "fp32", "bf16", "fp16" or "fp8"."""
    from ..humandit.video.plan.memory import format_name

    return format_name(model.model.get_dtype())


def blocked(reason: str) -> Any:
    """For an output without a value: nodes that use it do not run, and the user is told why."""
    from comfy_execution.graph_utils import ExecutionBlocker

    return ExecutionBlocker(reason)


def stop_if_interrupted() -> None:
    """Raise the host's own interruption when the user pressed Cancel."""
    import comfy.model_management

    comfy.model_management.throw_exception_if_processing_interrupted()


def progress(total: int) -> Callable[..., None]:
    """``advance(done, preview=None)`` for a bar of ``total`` units; raises when the user pressed Cancel."""
    import comfy.utils

    bar = comfy.utils.ProgressBar(total)

    def advance(done: int, preview: Any = None) -> None:
        stop_if_interrupted()
        bar.update_absolute(done, total, preview)

    return advance


def latent_preview(model: Any) -> Callable[[torch.Tensor], Any]:
    """x0 in model space [B, C, F, h, w] -> a small preview picture for :func:`progress`, or None."""
    from latent_preview import get_previewer

    previewer = get_previewer(model.load_device, model.model.latent_format)
    if previewer is None:
        return lambda x0: None
    return lambda x0: previewer.decode_latent_to_preview_image("JPEG", x0)


def show_text(text: str, node_id: str | None) -> None:
    """A line under the running node."""
    if node_id is None:
        return
    from server import PromptServer

    server = getattr(PromptServer, "instance", None)
    if server is not None and hasattr(server, "send_progress_text"):
        server.send_progress_text(text, node_id)


def tell_browser(event: str, data: dict[str, Any]) -> None:
    """A message to the pack's scripts on the page that queued the running prompt."""
    from server import PromptServer

    server = getattr(PromptServer, "instance", None)
    if server is not None:
        server.send_sync(event, data, server.client_id)


def to_uint8(image: torch.Tensor) -> np.ndarray:
    """IMAGE [T, H, W, C] floats 0..1 (fp16 hosts too) -> uint8 [T, H, W, 3]; alpha is laid over black."""
    import torch

    from ..humandit.errors import InvalidMedia

    if image.ndim != 4 or image.shape[0] == 0 or image.shape[-1] not in (1, 3, 4):
        raise InvalidMedia(f"Expected pictures [frames, height, width, 3], got {list(image.shape)}. Connect an IMAGE.")
    pixels = image.detach().float().cpu().clamp(0, 1)
    if pixels.shape[-1] == 4:
        pixels = pixels[..., :3] * pixels[..., 3:]
    pixels = pixels.expand(*pixels.shape[:3], 3)
    return (pixels * 255).round().to(torch.uint8).numpy()


def to_image(frames: np.ndarray) -> torch.Tensor:
    """uint8 [T, H, W, 3] -> IMAGE, floats 0..1 on the CPU."""
    import torch

    return torch.from_numpy(frames.copy()).float() / 255

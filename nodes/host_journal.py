"""Where films that were interrupted wait on the host, and what makes two of them the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..humandit.journal import Shelf

HOW = "Queue the same again to go on."
"""Said when a film breaks off."""
PATCHES = (
    "patches", "weight_wrapper_patches", "object_patches", "model_options", "wrappers", "injections", "hook_patches",
    "forced_hooks",
)  # fmt: skip
"""Attributes of the host's patcher that change what a model does."""

CODE = ("native*.py", "film.py", "vctrl.py", "host_vae.py")
"""Files beside this one that make frames."""


def shelf(say: Callable[[str], None]) -> Shelf:
    """The journals of this host.

    They lie in the pack's own part of the user folder: the temporary folder is emptied at every start, and the output
    folder is full of pictures.
    """
    import folder_paths

    from ..humandit.journal import Shelf

    return Shelf(Path(folder_paths.get_user_directory()) / "__humandit" / "journal", say, HOW)


def parts(model: Any, vae: Any) -> dict[str, Any]:
    """What of a MODEL, a VAE and this pack can change a frame."""
    from ..humandit.journal import code_print, weights_print

    changes = {name: getattr(model, name, None) for name in PATCHES}
    formats = (model.model.get_dtype(), model.model.manual_cast_dtype, model.load_device.type)
    files = (path for pattern in CODE for path in sorted(Path(__file__).parent.glob(pattern)))
    coder = vae.first_stage_model
    return {
        "code": code_print(*files),
        "model": (model.model.model_config.unet_config, formats, weights_print(originals(model))),
        "changes": weights_print(changes),
        "vae": (type(coder.inner).__name__ if hasattr(coder, "inner") else "", vae.vae_dtype, weights_print(coder)),
    }


def originals(model: Any) -> dict[str, Any]:
    """A MODEL's weights by name as they were loaded: the host changes them in place while a LoRA is applied."""
    kept = {name: entry.weight for name, entry in model.backup.items()}
    return {**model.model.state_dict(), **kept}

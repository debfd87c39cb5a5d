"""Words for weights that a workflow asks for and that are not here: which file, from where, into which folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from ..humandit.weights.full_size import FILES


def check(name: str | None, listed: Sequence[str], folder: str) -> bool | str:
    """What a node's validation answers: True if ``name`` is among the ``listed`` files of models/``folder``, else why
    not and what to do. ``None`` comes by a link and is checked when the node runs."""
    if name is None or name in listed:
        return True
    origin = next((file.origin for file in FILES if file.name == PurePath(name).name), None)
    fetch = f"Fetch it from {origin}, save it as models/{folder}/{name}" if origin else f"Put it into models/{folder}"
    return f"{name} is not in models/{folder}. {fetch}, and reload the page; or choose another file of the list."

"""Classes of diffusers, imported where they are used, with a word for the case that they cannot be."""

from __future__ import annotations

from typing import Any

from ..errors import MissingDependency


def stock_class(name: str) -> Any:
    """``diffusers.<name>``.

    Raises:
        MissingDependency: diffusers is missing, or cannot start because torchvision belongs to another PyTorch.
    """
    try:
        import diffusers

        return getattr(diffusers, name)
    except (ImportError, RuntimeError, AttributeError) as problem:
        first = str(problem).strip().splitlines()[0]
        raise MissingDependency(
            f"diffusers' {name} could not be loaded ({first}). Run: pip install diffusers. If it is installed, "
            "torchvision belongs to another PyTorch: install the matching one, or uninstall torchvision."
        ) from problem

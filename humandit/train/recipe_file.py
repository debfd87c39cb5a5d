"""Recipes in files: YAML whose keys are the recipe's fields; unknown keys and wrong types are refused."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ..errors import HumanDiTError, MissingDependency
from ..video.config import COGVIDEOX_5B, COGVIDEOX_15_5B, MINI, DiTConfig
from .recipe import LoRA, Recipe

CONFIGS = {"mini": MINI, "5b": COGVIDEOX_5B, "1.5-5b": COGVIDEOX_15_5B}
"""Sizes by name; ``config: null`` takes those of ``start``."""
WORDS = {
    int: "a whole number", float: "a number", bool: "true or false", str: "text", NoneType: "null", Path: "a path",
    DiTConfig: f"one of {', '.join(CONFIGS)}", LoRA: "rank, alpha and layers",
}  # fmt: skip
"""What a value should be, in words."""


def read_recipe_file(path: Path) -> dict[str, Any]:
    """The fields that a recipe's file names, as :class:`~.recipe.Recipe` takes them.

    Raises:
        HumanDiTError: no file, no YAML, unknown keys, values of the wrong kind.
    """
    yaml = _yaml()
    if not path.is_file():
        raise HumanDiTError(f"There is no recipe {path}. Those of the pack lie in its folder recipes.")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise HumanDiTError(f"{path.name} is no YAML ({error}). Write one 'name: value' per line.") from error
    if not isinstance(values, dict):
        raise HumanDiTError(f"{path.name} should hold lines 'name: value', got {type(values).__name__}.")
    return recipe_fields(values, path.name)


def _yaml() -> Any:  # noqa: ANN401 - a module
    try:
        import yaml
    except ImportError as error:
        raise MissingDependency("Recipes need PyYAML. Run: pip install pyyaml") from error
    return yaml


def read_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Fields out of words "name=value", whose values are written as in a file."""
    yaml, values = _yaml(), {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise HumanDiTError(f"A setting is NAME=VALUE, got {setting!r}.")
        values[name.strip()] = yaml.safe_load(text)
    return recipe_fields(values, "--set")


def recipe_fields(values: Mapping[str, Any], where: str, kind: type = Recipe) -> dict[str, Any]:
    """``values`` with every one in the type of its field; ``where`` they stand is told in errors."""
    hints = get_type_hints(kind)
    known = [field.name for field in fields(kind)]
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, 1)
            meant = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
            raise HumanDiTError(f"{where}: unknown key {name!r}. {meant}")
    return {name: _typed(value, hints[name], name, where) for name, value in values.items()}


def _typed(value: Any, hint: Any, name: str, where: str) -> Any:  # noqa: ANN401
    kinds = get_args(hint) if get_origin(hint) in (UnionType,) else (hint,)
    for kind in kinds:
        found = _as(kind, value, partial(recipe_fields, where=f"{where}, {name}"))
        if found is not _WRONG:
            return found
    wanted = " or ".join(_words(kind) for kind in kinds)
    raise HumanDiTError(f"{where}: {name} should be {wanted}, got {value!r}.")


_WRONG = object()


def _as(kind: Any, value: Any, inside: Any) -> Any:  # noqa: ANN401
    """``value`` as ``kind``, or ``_WRONG``. YAML reads 5e-5 as text and 1 as a whole number: both are numbers."""
    if get_origin(kind) is Literal:
        return value if value in get_args(kind) else _WRONG
    if get_origin(kind) is tuple:
        return _row(kind, value, inside)
    if kind is DiTConfig:
        return CONFIGS.get(value, _WRONG) if isinstance(value, str) else _WRONG
    if kind is LoRA:
        return LoRA(**inside(value, kind=LoRA)) if isinstance(value, dict) else _WRONG
    if kind is Path:
        return Path(value) if isinstance(value, str) and value not in ("mini", "stored", "none") else _WRONG
    if kind is float:
        return _number(value)
    return value if type(value) is kind else _WRONG


def _row(kind: Any, value: Any, inside: Any) -> Any:  # noqa: ANN401
    if not isinstance(value, list):
        return _WRONG
    inner = [k for k in get_args(kind) if k is not Ellipsis]
    inner = inner * len(value) if Ellipsis in get_args(kind) else inner
    row = tuple(_as(k, v, inside) for k, v in zip(inner, value, strict=False))
    return row if len(inner) == len(value) and _WRONG not in row else _WRONG


def _number(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return _WRONG
    try:
        return float(value)
    except ValueError:
        return _WRONG


def _words(kind: Any) -> str:  # noqa: ANN401
    if get_origin(kind) is Literal:
        return " or ".join(map(str, get_args(kind)))
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        return "a list of names" if Ellipsis in inner else f"{len(inner)} whole numbers"
    return WORDS[kind]

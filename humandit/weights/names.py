"""Names of tensors in words: every one of them, but a thousand blocks' names on one line."""

from __future__ import annotations

import re
from collections.abc import Iterable

BLOCK = re.compile(r"\.(\d+)\.")
"""The first number between dots: of a model's blocks."""


def in_words(names: Iterable[str]) -> str:
    """Every name, those that differ only in their block's number or their last part put together:
    ``transformer_blocks.{0-41}.attn1.to_q.{bias,weight}``."""
    blocks: dict[str, set[int]] = {}
    for name in names:
        found = BLOCK.search(name)
        pattern = name if found is None else f"{name[: found.start()]}.\0.{name[found.end() :]}"
        blocks.setdefault(pattern, set()).update(() if found is None else (int(found[1]),))
    filled = [pattern.replace("\0", _ranges(numbers)) for pattern, numbers in sorted(blocks.items())]
    return ", ".join(_with_ends(filled))


def _ranges(numbers: set[int]) -> str:
    """{0, 1, 2, 7} -> "{0-2,7}"; a single number as it is."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    return words[0] if len(numbers) == 1 else "{" + ",".join(words) + "}"


def _with_ends(names: list[str]) -> list[str]:
    """Names that differ only behind their last dot as one."""
    ends: dict[str, list[str]] = {}
    for name in names:
        stem, dot, end = name.rpartition(".")
        ends.setdefault(stem + dot, []).append(end)
    return [stem + (found[0] if len(found) == 1 else "{" + ",".join(found) + "}") for stem, found in ends.items()]

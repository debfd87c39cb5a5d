"""Prompts in files: what a text encoder made of words, kept so that it need not be loaded again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidWeights
from .header import Header, read_header
from .inspect import config_of
from .load import check_video
from .registry import CONFIG_KEY
from .save import write_whole
from .sources import headers, joined, read_tensors
from .stock import config_beside

if TYPE_CHECKING:
    import torch

PROMPT_KEY = "prompt"
"""The one tensor of a prompt's file, [1, L, D]."""
KEPT_KEY = "empty_prompt"
"""The same tensor inside a model's file, which the model reads where no text is given."""
TYPES = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}
"""Storage types that a model is written again in; others become bf16."""


def save_prompt(path: str | Path, embeddings: torch.Tensor, text: str = "") -> Path:
    """Embeddings [1, L, D] of ``text`` as a file, whole or not at all."""
    import torch

    _check(embeddings, "The prompt")
    return write_whole(path, {PROMPT_KEY: embeddings}, {"text": text}, torch.float32)


def read_prompt(path: str | Path) -> torch.Tensor:
    """[1, L, D] float32 as :func:`save_prompt` wrote it.

    Raises:
        InvalidWeights: no such file, or another one.
    """
    import torch

    header = read_header(path)
    if set(header.tensors) != {PROMPT_KEY}:
        raise InvalidWeights(
            f"{header.path.name} is no saved prompt. Save one by HumanDiT Save Prompt and choose that file."
        )
    found = read_tensors([header], "", torch.float32, "cpu")[PROMPT_KEY]
    _check(found, header.path.name)
    return found


def keep_prompt(source: str | Path, prompt: str | Path, out: str | Path) -> Path:
    """A copy of a video model's file that holds a prompt, which it reads where none is given.

    Args:
        source: as :func:`~.load.load_model` takes it.
        prompt: a file of :func:`save_prompt`; the empty prompt's, as a rule.
        out: the new file.

    Raises:
        InvalidWeights: a model without text, or one that reads other text encoders' words.
    """
    import torch

    parts = headers(source, "video")
    header, kept = joined(parts), read_prompt(prompt)
    config, prefix = check_video(header)
    if config.text_dim != kept.shape[2]:
        reads = "reads no text" if config.text_dim is None else f"reads tokens of {config.text_dim} numbers"
        raise InvalidWeights(
            f"{header.path.name} {reads}, the prompt's tokens have {kept.shape[2]}. Save the prompt with the text "
            "encoder that belongs to the model: T5-XXL for CogVideoX."
        )
    dtype = getattr(torch, TYPES.get(header.dtypes[0], "bfloat16"))
    state = {**read_tensors(parts, prefix, dtype, "cpu"), KEPT_KEY: kept}
    return write_whole(out, state, _notes(header, kept.shape[1]), dtype)


def _notes(header: Header, words: int) -> dict[str, str]:
    """The metadata, with the config that says how many tokens are kept; a stock model's from its neighbour."""
    own = config_of(header)
    if own is not None:
        return {**header.metadata, CONFIG_KEY: json.dumps({**own, "stored_words": words})}
    beside = config_beside(header)
    return {**header.metadata, **({"config": json.dumps(beside)} if beside else {})}


def _check(embeddings: torch.Tensor, name: str) -> None:
    if embeddings.ndim != 3 or embeddings.shape[0] != 1 or not embeddings.shape[1]:
        raise InvalidWeights(
            f"{name} should be one text's tokens [1, L, D], got {list(embeddings.shape)}. Save a single prompt."
        )

"""Sizes of a stock CogVideoX transformer: read off its tensors; what no tensor tells, from a config where one is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidWeights
from ..types import TIME_SCALE
from ..video.config import COGVIDEOX_5B, COGVIDEOX_5B_I2V, DiTConfig
from .families import Tensors
from .header import Header

CLASS = "CogVideoXTransformer3DModel"
"""``_class_name`` in a config.json of diffusers."""
FILM_PATCH = (2, 2)
"""Side and latent frames of a patch of the 1.5 models, whose projection tells only their product."""


def config_beside(header: Header) -> dict[str, Any]:
    """diffusers' config of the transformer: ``config.json`` next to the file, else the metadata; {} without either."""
    beside = header.path.with_name("config.json")
    texts = [beside.read_text(encoding="utf-8")] if beside.is_file() else []
    for text in (*texts, header.metadata.get("config", "{}")):
        try:
            values = json.loads(text)
        except ValueError:
            continue  # a neighbour that is no JSON belongs to somebody else
        if isinstance(values, dict) and values.get("_class_name") == CLASS:
            return values
    return {}


def stock_config(tensors: Tensors, known: Mapping[str, Any] | None = None) -> DiTConfig:
    """Sizes of a stock transformer with rotary positions.

    Args:
        tensors: its entries, without prefix.
        known: diffusers' config, for the plane of positions; that of the published 5B models without one.
    """
    known = known or {}
    projection = tensors["patch_embed.proj.weight"].shape
    dim, flat = projection[0], len(projection) == 2
    patch, patch_t = _patch(projection, known)
    head_dim = tensors["transformer_blocks.0.attn1.norm_q.weight"].shape[0]
    blocks = {name.split(".")[1] for name in tensors if name.startswith("transformer_blocks.")}
    text, ofs = tensors.get("patch_embed.text_proj.weight"), tensors.get("ofs_embedding.linear_1.weight")
    plane, stored = _plane(known, patch), tensors.get("empty_prompt")
    return DiTConfig(
        heads=dim // head_dim,
        head_dim=head_dim,
        layers=len(blocks),
        in_channels=projection[1] // (patch_t * patch**2) if flat else projection[1],
        out_channels=tensors["proj_out.weight"].shape[0] // (patch_t * patch**2),
        time_dim=tensors["time_embedding.linear_1.weight"].shape[0],
        text_dim=text.shape[1] if text else None,
        patch=patch,
        rope_base=None if flat else plane,
        patch_t=patch_t,
        learned_positions=_learned(tensors, known, plane),
        ofs_dim=ofs.shape[0] if ofs else None,
        stored_words=stored.shape[1] if stored else 0,
    )


def _patch(projection: tuple[int, ...], known: Mapping[str, Any]) -> tuple[int, int]:
    """Side and latent frames of a patch."""
    if len(projection) == 4:
        return projection[2], 1
    return known.get("patch_size") or FILM_PATCH[0], known.get("patch_size_t") or FILM_PATCH[1]


def _plane(known: Mapping[str, Any], patch: int) -> tuple[int, int]:
    """Rows and columns of tokens that positions are fitted into."""
    if "sample_height" in known and "sample_width" in known:
        return known["sample_height"] // patch, known["sample_width"] // patch
    return COGVIDEOX_5B.rope_base or (0, 0)


def _learned(tensors: Tensors, known: Mapping[str, Any], plane: tuple[int, int]) -> tuple[int, int] | None:
    """Words and latent frames of the table of learned positions."""
    table = tensors.get("patch_embed.pos_embedding")
    if table is None or COGVIDEOX_5B_I2V.learned_positions is None:
        return None
    words = known.get("max_text_seq_length") or COGVIDEOX_5B_I2V.learned_positions[0]
    frames, rest = divmod(table.shape[1] - words, plane[0] * plane[1])
    said = known.get("sample_frames")
    if rest or frames < 1 or (said is not None and (said - 1) // TIME_SCALE + 1 != frames):
        raise InvalidWeights(
            f"The table of learned positions has {table.shape[1]} rows, which is not {words} words and whole latent "
            f"frames of {plane[0]}x{plane[1]} tokens. Put the model's own config.json beside its weights."
        )
    return words, frames

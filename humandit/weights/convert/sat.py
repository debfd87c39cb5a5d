"""The names that CogVideoX's authors give its tensors (SAT), turned into diffusers'.

SAT keeps query, key and value of a block in one matrix, and both modulations of a block in one of twelve rows of the
model's width: shift, scale and gate of attention and feed-forward for the film, then the same six for the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import torch

State = dict[str, torch.Tensor]

ROOT = "model.diffusion_model."
"""What stands before the transformer's names; a file may hold other models beside it."""
FIRST = "transformer.layers.0.attention.query_key_value.weight"
"""A tensor that every such transformer has."""
SIMPLE = {
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "ofs_embed.0": "ofs_embedding.linear_1",
    "ofs_embed.2": "ofs_embedding.linear_2",
    "transformer.final_layernorm": "norm_final",
    "mixins.patch_embed.proj": "patch_embed.proj",
    "mixins.patch_embed.text_proj": "patch_embed.text_proj",
    "mixins.final_layer.norm_final": "norm_out.norm",
    "mixins.final_layer.adaLN_modulation.1": "norm_out.linear",
    "mixins.final_layer.linear": "proj_out",
}
"""Layer outside of the blocks -> its name in diffusers."""
IN_BLOCK = {
    "input_layernorm": "norm1.norm",
    "post_attention_layernorm": "norm2.norm",
    "attention.dense": "attn1.to_out.0",
    "mlp.dense_h_to_4h": "ff.net.0.proj",
    "mlp.dense_4h_to_h": "ff.net.2",
}
"""Layer of a block -> its name in diffusers."""
LISTS = {"query_layernorm_list": "attn1.norm_q", "key_layernorm_list": "attn1.norm_k"}
"""Norms that SAT keeps in lists of all blocks."""
POSITIONS = "mixins.pos_embed.pos_embedding"
BLOCK = re.compile(r"transformer\.layers\.(\d+)\.(.+)\.(weight|bias)")
LISTED = re.compile(r"mixins\.adaln_layer\.(\w+_list)\.(\d+)\.(weight|bias)")
MODULATION = re.compile(r"mixins\.adaln_layer\.adaLN_modulations\.(\d+)\.1\.(weight|bias)")


def is_sat(names: Iterable[str]) -> bool:
    """Whether these are SAT's names."""
    return any(name.removeprefix(ROOT) == FIRST for name in names)


def from_sat(state: Mapping[str, torch.Tensor]) -> tuple[State, tuple[str, ...]]:
    """The transformer under diffusers' names, and the names of what belongs to none of its weights."""
    root = ROOT if ROOT + FIRST in state else ""
    done: State = {}
    left = []
    for name, value in state.items():
        new = _renamed(name.removeprefix(root), value) if name.startswith(root) else {}
        done.update(new)
        left += [] if new else [name]
    return done, tuple(left)


def _renamed(name: str, value: torch.Tensor) -> State:
    """One tensor of SAT's -> one or more of diffusers'; {} for what is computed there, or unknown."""
    layer, _, end = name.rpartition(".")
    if layer in SIMPLE:
        return {f"{SIMPLE[layer]}.{end}": value}
    if name == POSITIONS:
        return {"patch_embed.pos_embedding": value}
    if found := LISTED.fullmatch(name):
        return {f"transformer_blocks.{found[2]}.{LISTS[found[1]]}.{found[3]}": value} if found[1] in LISTS else {}
    if found := MODULATION.fullmatch(name):
        return _modulations(f"transformer_blocks.{found[1]}", found[2], value)
    if found := BLOCK.fullmatch(name):
        return _in_block(f"transformer_blocks.{found[1]}", found[2], found[3], value)
    return {}


def _in_block(block: str, layer: str, end: str, value: torch.Tensor) -> State:
    if layer == "attention.query_key_value":
        parts = zip(("to_q", "to_k", "to_v"), value.chunk(3), strict=True)
        return {f"{block}.attn1.{part}.{end}": rows.clone() for part, rows in parts}
    return {f"{block}.{IN_BLOCK[layer]}.{end}": value} if layer in IN_BLOCK else {}


def _modulations(block: str, end: str, value: torch.Tensor) -> State:
    rows = value.chunk(12)
    return {
        f"{block}.norm1.linear.{end}": torch.cat(rows[0:3] + rows[6:9]),
        f"{block}.norm2.linear.{end}": torch.cat(rows[3:6] + rows[9:12]),
    }

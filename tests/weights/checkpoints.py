"""Tiny checkpoints with the names and shapes of real ones, made on the fly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.weights.save import save_model

State = dict[str, torch.Tensor]
SIZES: dict[str, Any] = {"heads": 2, "head_dim": 16, "layers": 2, "time_dim": 8, "text_dim": 12}
VARIANTS: dict[str, dict[str, Any]] = {
    "5b": {},
    "5b-I2V": {"in_channels": 32, "rope_base": (4, 6), "learned_positions": (226, 3)},
    "1.5": {"patch_t": 2, "rope_base": None},
    "1.5-I2V": {"patch_t": 2, "rope_base": None, "in_channels": 32, "ofs_dim": 8},
    "Fun": {"in_channels": 32},
}
"""What each 5B model has beyond CogVideoX-5b; sizes are tiny, the form is the true one."""
FOLDER_CONFIG = {"_class_name": "CogVideoXTransformer3DModel", "sample_height": 8, "sample_width": 12}


def config_of(variant: str) -> DiTConfig:
    return DiTConfig(**{**SIZES, **VARIANTS[variant]})


def random_like(state: State, seed: int = 0) -> State:
    rng = torch.Generator().manual_seed(seed)
    return {name: torch.randn(value.shape, generator=rng) * 0.1 for name, value in state.items()}


def stock(variant: str, **changes: Any) -> State:
    """A stock transformer's state dict, as diffusers names it."""
    model = HumanDiT(DiTConfig(**{**SIZES, **VARIANTS[variant], **changes}))
    return random_like({n: t for n, t in model.state_dict().items() if not n.startswith(("pose_guider", "text_mask"))})


def shapes(**named: tuple[int, ...]) -> State:
    """Zeros of those shapes; "__" in a name stands for a dot."""
    return {name.replace("__", "."): torch.zeros(shape) for name, shape in named.items()}


def lora(root: str, ends: tuple[str, str], layer: str = "transformer_blocks.0.attn1.to_q", dim: int = 32) -> State:
    """Two layers of rank 4 under ``root``."""
    layers = (layer, layer.replace("to_q", "to_v"))
    down, up = torch.zeros(4, dim), torch.zeros(dim, 4)
    return {
        f"{root}{name}.{end}": value
        for name in layers
        for end, value in zip(ends, (down.clone(), up.clone()), strict=True)
    }


def vctrl() -> State:
    """PP-VCtrl's side network for CogVideoX-5b-I2V: 32 channels in, 17 of the condition."""
    block = {name: t for name, t in stock("5b").items() if name.startswith(("transformer_blocks", "time_embedding"))}
    for name in [name for name in block if ".norm1.linear." in name or ".norm2.linear." in name]:
        block[name] = block[name][:96].clone()
    heads = {"sample_patch_embed.proj.weight": (32, 32, 2, 2), "cond_patch_embed.proj.weight": (32, 17, 2, 2)}
    biases = {name.replace("weight", "bias"): (32,) for name in heads}
    return {**block, **random_like({name: torch.zeros(shape) for name, shape in {**heads, **biases}.items()})}


def write(state: State, metadata: dict[str, str] | None = None) -> Callable[[Path], None]:
    return lambda path: save_file(state, path, metadata=metadata)


def write_ours(config: DiTConfig, **notes: str) -> Callable[[Path], None]:
    return lambda path: [save_model(path, HumanDiT(config), config, "video", notes), None][1]


def write_pipeline(folder: Path, variant: str, parts: int = 1) -> State:
    """``folder`` as diffusers saves a pipeline: transformer/ with its config, in that many parts."""
    inside, state = folder / "transformer", stock(variant)
    inside.mkdir(parents=True)
    patch_t = VARIANTS[variant].get("patch_t", 1)
    (inside / "config.json").write_text(json.dumps({**FOLDER_CONFIG, "patch_size_t": patch_t if patch_t > 1 else None}))
    stem, names = "diffusion_pytorch_model", sorted(state)
    if parts == 1:
        save_file(state, inside / f"{stem}.safetensors")
        return state
    files = {f"{stem}-{i + 1:05}-of-{parts:05}.safetensors": names[i::parts] for i in range(parts)}
    for file, mine in files.items():
        save_file({name: state[name] for name in mine}, inside / file)
    weight_map = {name: file for file, mine in files.items() for name in mine}
    (inside / f"{stem}.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    return state


PROMPT = 226
"""Tokens of a prompt that the 5B models know."""
LYING = (2, 3)
"""Rows and columns of tokens in the only size that the tiny 5b-I2V below knows: 48x32 pixels, 9 frames."""


def write_public(models: Path) -> None:
    """Tiny true-format files of the public pose weights in ComfyUI's model folders: Fun, 5b-I2V, PP-VCtrl's network and
    the CogVideoX VAE. The two "-kept" ones hold an empty prompt."""
    rng = torch.Generator().manual_seed(9)
    prompt = torch.randn(1, PROMPT, SIZES["text_dim"], generator=rng)
    rows, columns = LYING
    sizes = {"sample_height": 2 * rows, "sample_width": 2 * columns, "sample_frames": 9}
    plane = json.dumps({**FOLDER_CONFIG, **sizes, "max_text_seq_length": PROMPT})
    for folder in ("diffusion_models", "controlnet", "vae"):
        (models / folder).mkdir(parents=True, exist_ok=True)
    for name, variant, notes in (("fun", "Fun", None), ("i2v", "5b-I2V", {"config": plane})):
        changes = {} if notes is None else {"rope_base": LYING}
        state = {key: 4 * value for key, value in stock(variant, **changes).items()}
        write(state, notes)(models / "diffusion_models" / f"tiny-{name}.safetensors")
        kept = {**state, "empty_prompt": prompt}
        write(kept, notes)(models / "diffusion_models" / f"tiny-{name}-kept.safetensors")
    write({key: 4 * value for key, value in vctrl().items()})(models / "controlnet" / "tiny-vctrl.safetensors")
    _write_vae(models / "vae")


def _write_vae(folder: Path) -> None:
    """CogVideoX's VAE in diffusers' names, very narrow; its config lies beside it."""
    from humandit.video.cogvideox_vae import CogVideoXVAE

    torch.manual_seed(0)
    sizes = {"block_out_channels": (8, 8, 8, 8), "layers_per_block": 1, "latent_channels": 16, "norm_num_groups": 4}
    config = {"_class_name": "AutoencoderKLCogVideoX", "scaling_factor": 0.7, **sizes}
    (folder / "config.json").write_text(json.dumps(config))
    write(CogVideoXVAE.from_config(config).stock.state_dict())(folder / "tiny-cogvideox.safetensors")

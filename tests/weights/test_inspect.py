"""Files are known by their tensors, whatever they are called. Only headers are written here, no real weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from humandit.video.config import COGVIDEOX_5B, MINI
from humandit.video.model import HumanDiT
from humandit.weights.families import identify
from humandit.weights.header import Header, Tensor
from humandit.weights.inspect import report
from humandit.weights.registry import CONFIG_KEY, KIND_KEY
from humandit.weights.stock import stock_config

Shapes = dict[str, tuple[int, ...]]


def cogvideox(channels: int = 16, width: int = 3072, **extra: tuple[int, ...]) -> Shapes:
    return {
        "patch_embed.proj.weight": (width, channels, 2, 2),
        "patch_embed.text_proj.weight": (width, 4096),
        "transformer_blocks.0.attn1.norm_q.weight": (64,),
        "proj_out.weight": (64, width),
        **{name.replace("__", "."): shape for name, shape in extra.items()},
    }


FILES: dict[str, Shapes] = {
    "a HumanDiT video model": cogvideox(pose_guider__proj__weight=(3072, 2048)),
    "a HumanDiT motion model": {
        "point_embed.weight": (256, 399),
        "condition_embed.weight": (256, 399),
        "transformer_blocks.0.attn1.norm_q.weight": (64,),
    },
    "a CogVideoX-5b transformer": cogvideox(),
    "a CogVideoX-2b transformer": cogvideox(width=1920),
    "a CogVideoX-5b-I2V transformer": cogvideox(32, patch_embed__pos_embedding=(1, 17776, 3072)),
    "a CogVideoX-Fun Pose or Control transformer": cogvideox(32),
    "a CogVideoX-Fun InP transformer": cogvideox(33),
    "a CogVideoX 1.5 transformer": {**cogvideox(), "patch_embed.proj.weight": (3072, 128)},
    "a CogVideoX 1.5 I2V transformer": {
        **cogvideox(ofs_embedding__linear_1__weight=(512, 512)),
        "patch_embed.proj.weight": (3072, 256),
    },
    "a CogVideoX VAE": {
        "encoder.down_blocks.0.resnets.0.conv1.conv.weight": (128, 128, 3, 3, 3),
        "decoder.conv_in.conv.weight": (512, 16, 3, 3, 3),
    },
    "a Wan video transformer": {
        "blocks.0.self_attn.q.weight": (1536, 1536),
        "patch_embedding.weight": (1536, 16, 1, 2, 2),
    },
    "a Wan VAE": {"encoder.downsamples.0.residual.0.gamma": (96, 1, 1, 1)},
    "a Stable Diffusion UNet": {
        "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
        "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
    },
    "a Stable Diffusion XL UNet": {
        "input_blocks.0.0.weight": (320, 4, 3, 3),
        "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
    },
    "a LoRA": {
        "transformer.transformer_blocks.0.attn1.to_q.lora_A.weight": (64, 3072),
        "transformer.transformer_blocks.0.attn1.to_q.lora_B.weight": (3072, 64),
    },
    "a T5 text encoder": {"encoder.block.0.layer.0.SelfAttention.q.weight": (4096, 4096)},
    "a CLIP text encoder": {"text_model.encoder.layers.0.mlp.fc1.weight": (3072, 768)},
    "an image VAE": {"encoder.down.0.block.0.conv1.weight": (128, 128, 3, 3)},
    "an unknown model": {"layer.weight": (3, 3)},
}


def tensors(shapes: Shapes, prefix: str = "") -> dict[str, Tensor]:
    return {prefix + name: Tensor("BF16", shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("name", FILES)
def test_each_family_is_told_by_its_tensors(name: str) -> None:
    assert identify(tensors(FILES[name])).name == name


@pytest.mark.parametrize("prefix", ["model.diffusion_model.", "diffusion_model.", "transformer."])
def test_prefixes_of_other_programs_do_not_hide_a_model(prefix: str) -> None:
    assert identify(tensors(FILES["a HumanDiT video model"], prefix)).name == "a HumanDiT video model"


def test_report() -> None:
    found = report(Header(Path("x.safetensors"), tensors(FILES["a T5 text encoder"])))
    assert (found.kind, found.folder, found.dtype, found.parameters) == ("other", "text_encoders", "BF16", 4096**2)
    assert found.problems[0].startswith("HumanDiT cannot load a T5 text encoder as a model. It reads prompts")
    json.dumps(found.to_dict())


def test_metadata_that_contradicts_the_tensors_is_a_problem() -> None:
    notes = {KIND_KEY: "vae", CONFIG_KEY: "{}"}
    found = report(Header(Path("x.safetensors"), tensors(FILES["a HumanDiT video model"]), notes))
    assert found.kind == "video"
    assert "says 'vae'" in found.problems[0]


def test_metadata_speaks_for_tensors_that_nobody_knows() -> None:
    found = report(Header(Path("x.safetensors"), tensors({"w": (2,)}), {KIND_KEY: "motion", CONFIG_KEY: "[1]"}))
    assert (found.kind, found.looks_like) == ("motion", "a HumanDiT motion model")
    assert "no JSON object" in found.problems[0]


@pytest.mark.parametrize("config", [COGVIDEOX_5B, MINI])
def test_our_own_models_are_known_and_5b_sizes_are_read_off(config: object) -> None:
    state = HumanDiT(config, device=torch.device("meta")).state_dict()  # type: ignore[arg-type]
    entries = {name: Tensor("F32", tuple(t.shape)) for name, t in state.items()}
    assert identify(entries).name == "a HumanDiT video model"
    stock = {name: t for name, t in entries.items() if "pose_guider" not in name and "text_mask" not in name}
    if config is COGVIDEOX_5B:
        assert identify(stock).name == "a CogVideoX-5b transformer"
        assert stock_config(stock) == COGVIDEOX_5B

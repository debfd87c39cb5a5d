"""``weights inspect`` on tiny generated checkpoints: each named rightly, and the wrong ones as wrong."""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from humandit.commands import weights
from humandit.errors import InvalidWeights
from humandit.video.config import MINI, DiTConfig
from humandit.weights.registry import MINI as BUNDLED
from tests.weights.checkpoints import SIZES, lora, shapes, stock, vctrl, write, write_ours

Write = Callable[[Path], object]
PEFT, KOHYA = ("lora_A.weight", "lora_B.weight"), ("lora_down.weight", "lora_up.weight")
OURS = DiTConfig(**{**SIZES, "text_dim": None, "prediction": "x0"})


def bundled(name: str) -> Write:
    return lambda path: path.write_bytes((BUNDLED / name).read_bytes())


def sat(path: Path) -> None:
    names = ("transformer.layers.0.attention.query_key_value.weight", "mixins.patch_embed.proj.weight")
    save_file({f"model.diffusion_model.{name}": torch.zeros(2, 2) for name in names}, path)


VAE = shapes(
    encoder__down_blocks__0__resnets__0__conv1__conv__weight=(8, 8, 3, 3, 3),
    decoder__conv_in__conv__weight=(8, 4, 3, 3, 3),
)
T5 = shapes(encoder__block__0__layer__0__SelfAttention__q__weight=(8, 8))

RIGHT: dict[str, tuple[Write, str, str, str]] = {
    "5b": (write(stock("5b")), "video", "a CogVideoX-5b transformer", "diffusion_models"),
    "5b in ComfyUI's prefix": (
        write({f"model.diffusion_model.{name}": t for name, t in stock("5b").items()}),
        "video", "a CogVideoX-5b transformer", "diffusion_models"),
    "5b-I2V": (write(stock("5b-I2V")), "video", "a CogVideoX-5b-I2V transformer", "diffusion_models"),
    "1.5": (write(stock("1.5")), "video", "a CogVideoX 1.5 transformer", "diffusion_models"),
    "1.5-I2V": (write(stock("1.5-I2V")), "video", "a CogVideoX 1.5 I2V transformer", "diffusion_models"),
    "Fun-Pose": (write(stock("Fun")), "video", "a CogVideoX-Fun Pose or Control transformer", "diffusion_models"),
    "2b": (write(stock("5b", heads=30, head_dim=64, layers=1)), "other", "a CogVideoX-2b transformer",
           "diffusion_models"),
    "Fun-2b": (write(stock("Fun", heads=30, head_dim=64, layers=1)), "other", "a CogVideoX-Fun 2b transformer",
               "diffusion_models"),
    "Fun-InP": (write(stock("5b", in_channels=33)), "other", "a CogVideoX-Fun InP transformer", "diffusion_models"),
    "ours": (write_ours(OURS), "video", "a HumanDiT video model", "diffusion_models"),
    "ours on 1.5": (write_ours(DiTConfig(**{**SIZES, "patch_t": 2, "rope_base": None})),
                    "video", "a HumanDiT video model", "diffusion_models"),
    "mini": (bundled("video.safetensors"), "video", "a HumanDiT video model", "diffusion_models"),
    "mini VAE": (bundled("vae.safetensors"), "vae", "a HumanDiT light VAE", "vae"),
    "CogVideoX VAE": (write(VAE), "vae", "a CogVideoX VAE", "vae"),
    "SAT": (sat, "other", "a CogVideoX transformer with its authors' names (SAT)", "diffusion_models"),
    "VCtrl": (write(vctrl()), "other", "a PP-VCtrl side network", "controlnet"),
    "T5": (write(T5), "other", "a T5 text encoder", "text_encoders"),
    "LoRA of diffusers": (write(lora("transformer.", PEFT)), "other", "a LoRA for a CogVideoX 5B model", "loras"),
    "LoRA of ComfyUI": (write(lora("diffusion_model.", KOHYA)), "other", "a LoRA for a CogVideoX 5B model", "loras"),
    "LoRA for 2b": (write(lora("transformer.", PEFT, dim=1920)), "other", "a LoRA for CogVideoX-2b", "loras"),
    "LoRA for Wan": (write(lora("diffusion_model.", PEFT, "blocks.0.self_attn.to_q")), "other", "a LoRA for Wan",
                     "loras"),
    "LoRA for SDXL": (
        write(lora("lora_unet_", KOHYA, "input_blocks_4_1_transformer_blocks_0_attn1_to_q")),
        "other", "a LoRA for Stable Diffusion", "loras"),
    "LoRA for FLUX": (write(lora("transformer.", PEFT, "single_transformer_blocks.0.attn.to_q")), "other",
                      "a LoRA for FLUX or HunyuanVideo", "loras"),
}  # fmt: skip
"""What it is -> how it is made, its kind, its name in words, its folder."""

SD_UNET = shapes(
    input_blocks__0__0__weight=(8, 4, 3, 3),
    input_blocks__1__1__transformer_blocks__0__attn2__to_k__weight=(8, 768),
)
WAN = shapes(blocks__0__self_attn__q__weight=(8, 8), patch_embedding__weight=(8, 16, 1, 2, 2))
FLUX = shapes(double_blocks__0__img_attn__qkv__weight=(24, 8), single_blocks__0__linear1__weight=(8, 8))
LTX = shapes(patchify_proj__weight=(8, 8), transformer_blocks__0__attn1__to_q__weight=(8, 8))
LTX_DIFFUSERS = shapes(
    proj_in__weight=(8, 8), scale_shift_table=(2, 8), transformer_blocks__0__attn2__to_k__weight=(8, 8),
    transformer_blocks__0__attn1__norm_q__weight=(8,),
)  # fmt: skip
CONTROLNET = shapes(controlnet_down_blocks__0__weight=(8, 8, 1, 1), conv_in__weight=(8, 4, 3, 3))
CORE = shapes(blocks__0__norm1__linear__weight=(8, 8), blocks__0__ff_proj__weight=(8, 8))

OTHERS: dict[str, tuple[Write, str, str]] = {
    "a Stable Diffusion UNet": (write(SD_UNET), "a Stable Diffusion UNet", "HumanDiT cannot load"),
    "Wan": (write(WAN), "a Wan video transformer", "HumanDiT cannot load"),
    "FLUX": (write(FLUX), "a FLUX or HunyuanVideo transformer", "HumanDiT cannot load"),
    "LTX": (write(LTX), "an LTX-Video transformer", "HumanDiT cannot load"),
    "LTX of diffusers": (write(LTX_DIFFUSERS), "an LTX-Video transformer", "HumanDiT cannot load"),
    "ControlNet": (write(CONTROLNET), "a ControlNet", "HumanDiT cannot load"),
    "CogVideoX in core's own names": (
        write(CORE), "a CogVideoX transformer in ComfyUI's own names", "with diffusers' names"),
    "nothing we know": (write(shapes(layer__weight=(2, 2))), "an unknown model", "HumanDiT cannot load"),
    "metadata that lies about the kind": (
        write(stock("5b"), {"humandit_kind": "vae"}), "a CogVideoX-5b transformer", "says 'vae', but its tensors are"),
    "a T5 that says it is a video model": (
        write(T5, {"humandit_kind": "video"}), "a T5 text encoder", "says 'video', but its tensors are"),
    "ours without its config": (
        write({**stock("5b"), "pose_guider.proj.weight": torch.zeros(32, 2048)}),
        "a HumanDiT video model", "has no humandit_config"),
}  # fmt: skip
"""Files that are whole, but not what a loader here takes: how they are made, their name, what the report says."""


def cut(path: Path) -> None:
    write(stock("5b"))(path)
    path.write_bytes(path.read_bytes()[:-100])


BROKEN: dict[str, tuple[Write, str]] = {
    "truncated": (cut, "truncated"),
    "a pickle called safetensors": (lambda path: path.write_bytes(pickle.dumps({"w": [1]})), "pickle.*weights convert"),
    "a PyTorch file called safetensors": (lambda path: torch.save({"w": torch.zeros(1)}, path), "zip of pickles"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "a web page": (lambda path: path.write_text("<!DOCTYPE html><html>Sign in"), "web page"),
    "a Git LFS pointer": (lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"),
    "GGUF": (lambda path: path.write_bytes(b"GGUF" + bytes(64)), "GGUF"),
    "one part of three": (lambda path: write(stock("5b"))(path), "2 of the 3 parts"),
}


def inspect(path: Path) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    weights.add_arguments(parser)
    return json.loads(json.dumps(weights.run(parser.parse_args(["inspect", str(path), "--json"]))))


@pytest.mark.parametrize("what", RIGHT)
def test_named_rightly_whatever_it_is_called(tmp_path: Path, what: str) -> None:
    make, kind, name, folder = RIGHT[what]
    make(tmp_path / "video_model_final.safetensors")
    found = inspect(tmp_path / "video_model_final.safetensors")
    assert (found["kind"], found["looks_like"], found["folder"]) == (kind, name, folder)
    assert bool(found["problems"]) == (kind == "other")


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_something_else_is_said_so(tmp_path: Path, what: str) -> None:
    make, name, said = OTHERS[what]
    make(tmp_path / "humandit.safetensors")
    found = inspect(tmp_path / "humandit.safetensors")
    assert found["looks_like"] == name
    assert any(said in problem for problem in found["problems"])


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_refused_by_name(tmp_path: Path, what: str) -> None:
    make, said = BROKEN[what]
    path = tmp_path / ("m-00001-of-00003.safetensors" if "part" in what else "humandit.safetensors")
    make(path)
    with pytest.raises(InvalidWeights, match=said):
        inspect(path)


def test_the_mini_is_the_mini() -> None:
    """The bundled model says all of its sizes itself."""
    assert DiTConfig.from_dict(inspect(BUNDLED / "video.safetensors")["config"]) == MINI

"""The public 5B family loads: pipelines' folders, single files, prefixes, parts, eight bits; and says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from humandit.errors import InvalidWeights
from humandit.weights.inspect import inspect_file
from humandit.weights.load import load_model
from tests.weights.checkpoints import FOLDER_CONFIG, VARIANTS, config_of, lora, stock, vctrl, write_pipeline


def same(model: torch.nn.Module, state: dict[str, torch.Tensor], tolerance: float = 0.0) -> None:
    """Every stock tensor is the model's, and what stock lacks is zero."""
    own = model.state_dict()
    assert set(own) - set(state) == {"pose_guider.proj.weight", "text_mask_embed.weight"}
    assert not own["pose_guider.proj.weight"].any()
    for name, value in state.items():
        assert (own[name] - value).abs().max() <= tolerance * value.abs().max(), name


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_pipelines_folder(tmp_path: Path, variant: str) -> None:
    state = write_pipeline(tmp_path / "pipe", variant)
    model = load_model(tmp_path / "pipe")
    same(model, state)
    wanted = config_of(variant)
    assert (model.config.patch_t, model.config.learned_positions) == (wanted.patch_t, wanted.learned_positions)
    assert model.config.rope_base == (None if wanted.patch_t == 2 else (4, 6))


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "5b-I2V"])
@pytest.mark.parametrize("prefix", ["", "model.diffusion_model.", "diffusion_model.", "transformer."])
def test_a_single_file_without_config(tmp_path: Path, variant: str, prefix: str) -> None:
    state, path = stock(variant), tmp_path / "model.safetensors"
    save_file({prefix + name: value for name, value in state.items()}, path)
    model = load_model(path)
    same(model, state)
    assert model.config == config_of(variant)


def test_learned_positions_of_another_plane_need_the_config(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file(stock("5b-I2V"), path)
    with pytest.raises(InvalidWeights, match="298 rows.*226 words.*30x45.*config.json"):
        load_model(path)
    save_file(stock("5b-I2V"), path, metadata={"config": json.dumps(FOLDER_CONFIG)})
    assert load_model(path).config == config_of("5b-I2V")


def test_a_neighbour_that_is_no_config_of_ours_is_nobodys_business(tmp_path: Path) -> None:
    save_file(stock("5b"), tmp_path / "model.safetensors")
    for text in ("{", '{"_class_name": "UNet2DConditionModel", "sample_height": 4}', "[1]"):
        (tmp_path / "config.json").write_text(text)
        assert load_model(tmp_path / "model.safetensors").config == config_of("5b")


def test_parts_with_and_without_an_index(tmp_path: Path) -> None:
    state = write_pipeline(tmp_path / "pipe", "5b", parts=3)
    inside = tmp_path / "pipe" / "transformer"
    stem = "diffusion_pytorch_model"
    for source in (tmp_path / "pipe", inside, inside / f"{stem}-00002-of-00003.safetensors"):
        same(load_model(source), state)
    (inside / f"{stem}.safetensors.index.json").unlink()
    same(load_model(inside), state)
    assert inspect_file(inside / f"{stem}-00003-of-00003.safetensors").looks_like == "a CogVideoX-5b transformer"


@pytest.mark.parametrize("index", [True, False])
def test_missing_parts_are_named(tmp_path: Path, index: bool) -> None:
    write_pipeline(tmp_path, "5b", parts=3)
    inside, stem = tmp_path / "transformer", "diffusion_pytorch_model"
    (inside / f"{stem}-00001-of-00003.safetensors").unlink()
    (inside / f"{stem}-00003-of-00003.safetensors").unlink()
    if not index:
        (inside / f"{stem}.safetensors.index.json").unlink()
    with pytest.raises(InvalidWeights, match=r"2 of the 3 parts.*-00001-of-00003\.safetensors, .*-00003-of-00003"):
        load_model(tmp_path)


def test_a_folder_of_pickles_says_how_to_convert(tmp_path: Path) -> None:
    torch.save({"w": torch.zeros(1)}, tmp_path / "diffusion_pytorch_model.bin")
    with pytest.raises(InvalidWeights, match=r"only pickles \(diffusion_pytorch_model.bin\).*weights convert"):
        load_model(tmp_path)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_storage(tmp_path: Path, dtype: torch.dtype) -> None:
    state = stock("5b")
    save_file({name: value.to(dtype) for name, value in state.items()}, tmp_path / "m.safetensors")
    same(load_model(tmp_path / "m.safetensors"), state, 2**-8)


EIGHT = torch.float8_e4m3fn


def test_eight_bits_alone(tmp_path: Path) -> None:
    """As ComfyUI stores them: everything in fp8, no scales."""
    state = stock("5b")
    save_file({name: value.to(EIGHT) for name, value in state.items()}, tmp_path / "m.safetensors")
    same(load_model(tmp_path / "m.safetensors"), state, 2**-4)
    assert inspect_file(tmp_path / "m.safetensors").dtype == "F8_E4M3"


@pytest.mark.parametrize("end", ["scale_weight", "weight_scale"])
@pytest.mark.parametrize("rows", [False, True])
def test_eight_bits_with_scales(tmp_path: Path, end: str, rows: bool) -> None:
    """Each matrix fills the range of fp8, its scale brings it back; norms and biases stay as they are."""
    state, stored = stock("5b"), {}
    for name, value in state.items():
        stored[name] = value
        if name.startswith("transformer_blocks.") and value.ndim == 2:
            scale = value.abs().amax(dim=1, keepdim=True) / 448 if rows else value.abs().max() / 448
            stem = name.removesuffix(".weight")
            stored[name] = (value / scale).to(EIGHT)
            stored[f"{stem}.{end}"] = scale.flatten() if rows else scale
            stored[f"{stem}.{'scale_input' if end == 'scale_weight' else 'input_scale'}"] = torch.ones(())
    if end == "scale_weight":
        stored["scaled_fp8"] = torch.zeros(2).to(EIGHT)
    save_file({"model.diffusion_model." + name: value for name, value in stored.items()}, tmp_path / "m.safetensors")
    same(load_model(tmp_path / "m.safetensors"), state, 2**-4)


def test_a_number_format_that_cannot_be_read(tmp_path: Path) -> None:
    state = {**stock("5b"), "proj_out.weight": torch.zeros(64, 32, dtype=torch.int8)}
    save_file(state, tmp_path / "m.safetensors")
    with pytest.raises(InvalidWeights, match="stores its weights as I8.*Use the bf16"):
        load_model(tmp_path / "m.safetensors")


def test_every_missing_and_unknown_tensor_is_named(tmp_path: Path) -> None:
    state = stock("5b")
    del state["transformer_blocks.0.attn1.to_q.weight"], state["transformer_blocks.1.attn1.to_q.weight"]
    del state["transformer_blocks.1.attn1.to_q.bias"], state["norm_final.bias"]
    save_file({**state, "wings.0.weight": torch.zeros(1)}, tmp_path / "m.safetensors")
    said = (
        r"should be a CogVideoX-5b transformer.*4 missing \(norm_final\.bias, "
        r"transformer_blocks\.1\.attn1\.to_q\.bias, "
        r"transformer_blocks\.\{0-1\}\.attn1\.to_q\.weight\), 1 unknown \(wings\.0\.weight\)"
    )
    with pytest.raises(InvalidWeights, match=said):
        load_model(tmp_path / "m.safetensors")
    for name in ("time_embedding.linear_1.weight", "proj_out.weight", "patch_embed.text_proj.weight"):
        save_file({n: t for n, t in stock("5b").items() if n != name}, tmp_path / "m.safetensors")
        with pytest.raises(InvalidWeights, match=f"CogVideoX-5b transformer, but {name} is missing"):
            load_model(tmp_path / "m.safetensors")


WIDE = {"heads": 30, "head_dim": 64, "layers": 1, "text_dim": 8}
INSTEAD = {
    "CogVideoX-2b.*Use the 5b": lambda: stock("5b", **WIDE),
    "CogVideoX-Fun 2b.*Use the 5b": lambda: stock("Fun", **WIDE),
    "Fun InP.*Use CogVideoX-Fun-V1.1-5b-Pose": lambda: stock("5b", in_channels=33),
    "PP-VCtrl side network.*models/controlnet.*beside a CogVideoX-5b-I2V": vctrl,
    "a LoRA for a CogVideoX 5B model.*models/loras.*own LoRA loader": lambda: lora(
        "transformer.", ("lora_A.weight", "lora_B.weight")
    ),
}


@pytest.mark.parametrize("said", INSTEAD)
def test_near_but_not_usable_says_what_to_use(tmp_path: Path, said: str) -> None:
    save_file(INSTEAD[said](), tmp_path / "m.safetensors")
    with pytest.raises(InvalidWeights, match=said):
        load_model(tmp_path / "m.safetensors")

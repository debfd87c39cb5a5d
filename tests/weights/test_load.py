"""Save and load round trips, strict names, and words for the wrong file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from humandit.errors import InvalidWeights
from humandit.video.cogvideox_vae import CogVideoXVAE
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.weights.inspect import inspect_file
from humandit.weights.load import load_model, load_vae, read_model
from humandit.weights.save import save_model

TINY = DiTConfig(heads=2, head_dim=16, layers=2, time_dim=8, text_dim=None, rope_base=(4, 4), prediction="x0")
TINY_VAE = {
    "block_out_channels": [8, 8, 8, 8],
    "layers_per_block": 1,
    "latent_channels": 4,
    "norm_num_groups": 2,
    "scaling_factor": 0.7,
}


@pytest.fixture
def saved(tmp_path: Path) -> tuple[HumanDiT, Path]:
    torch.manual_seed(0)
    model = HumanDiT(TINY).eval()
    return model, save_model(tmp_path / "deep" / "model.safetensors", model, TINY, "video", {"licence": "CC0-1.0"})


def rewritten(path: Path, change: dict[str, torch.Tensor | None], metadata: dict[str, str] | None = None) -> Path:
    """The file with tensors replaced, added, or (None) left out."""
    state: dict[str, torch.Tensor | None] = {**load_file(path), **change}
    notes = dict(inspect_metadata(path)) if metadata is None else metadata
    save_file({name: t for name, t in state.items() if t is not None}, path, metadata=notes or None)
    return path


def inspect_metadata(path: Path) -> dict[str, str]:
    from humandit.weights.header import read_header

    return read_header(path).metadata


def test_a_saved_model_comes_back_the_same(saved: tuple[HumanDiT, Path]) -> None:
    model, path = saved
    again = load_model(path)
    assert again.config == TINY
    latents, timestep, pose = torch.randn(1, 3, 16, 4, 4), torch.tensor([3]), torch.rand(1, 3, 4, 4, 512)
    with torch.no_grad():
        assert torch.equal(again(latents, timestep, pose), model(latents, timestep, pose))
    assert inspect_file(path).problems == ()
    assert inspect_file(path).licence == "CC0-1.0"


def test_half_storage_loads_as_single(saved: tuple[HumanDiT, Path]) -> None:
    model, path = saved
    save_model(path, model, TINY, "video", dtype=torch.float16)
    assert inspect_file(path).dtype == "F16"
    assert {p.dtype for p in load_model(path).parameters()} == {torch.float32}
    assert {p.dtype for p in load_model(path, dtype=torch.bfloat16).parameters()} == {torch.bfloat16}


def test_a_failed_save_leaves_the_old_file_and_nothing_else(
    saved: tuple[HumanDiT, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, path = saved
    before = path.read_bytes()

    def full_disk(tensors: dict, target: Path, metadata: dict) -> None:
        Path(target).write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr("safetensors.torch.save_file", full_disk)
    with pytest.raises(OSError, match="no space"):
        save_model(path, model, TINY, "video")
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_stock_names_load_with_a_zero_pose_guider(tmp_path: Path) -> None:
    """A CogVideoX transformer as diffusers saves it: no metadata, no pose guider."""
    config = DiTConfig(heads=2, head_dim=16, layers=2, time_dim=8, text_dim=12)
    state = {n: t for n, t in HumanDiT(config).state_dict().items() if "pose_guider" not in n and "text_mask" not in n}
    path = tmp_path / "diffusion_pytorch_model.safetensors"
    save_file(state, path)
    model = load_model(path)
    assert model.config == config
    assert not model.pose_guider.proj.weight.any()
    assert not model.text_mask_embed.weight.any()

    save_file({f"model.diffusion_model.{name}": t for name, t in state.items()}, path)
    assert torch.equal(load_model(path).proj_out.weight, state["proj_out.weight"])


def test_parts_of_a_sharded_model(tmp_path: Path, saved: tuple[HumanDiT, Path]) -> None:
    config = DiTConfig(heads=2, head_dim=16, layers=2, time_dim=8, text_dim=12)
    state = {n: t for n, t in HumanDiT(config).state_dict().items() if "pose_guider" not in n and "text_mask" not in n}
    names = sorted(state)
    parts = {"m-00001-of-00002.safetensors": names[:20] + names[-3:], "m-00002-of-00002.safetensors": names[20:-3]}
    for file, inside in parts.items():
        save_file({name: state[name] for name in inside}, tmp_path / file)
    index = {"weight_map": {name: file for file, inside in parts.items() for name in inside}}
    (tmp_path / "m.safetensors.index.json").write_text(json.dumps(index))
    assert torch.equal(load_model(tmp_path).proj_out.weight, state["proj_out.weight"])
    assert load_model(tmp_path / "m.safetensors.index.json").config == config
    assert load_model(tmp_path / "m-00002-of-00002.safetensors").config == config

    save_file({name: state[name] for name in names[21:-3]}, tmp_path / "m-00002-of-00002.safetensors")
    with pytest.raises(InvalidWeights, match=rf"1 missing \({names[20]}\). .*all 2 parts must be of the same version"):
        load_model(tmp_path / "m-00001-of-00002.safetensors")


def test_missing_and_unknown_tensors_are_named(saved: tuple[HumanDiT, Path]) -> None:
    _, path = saved
    rewritten(path, {"norm_final.weight": None, "extra.weight": torch.zeros(2)})
    with pytest.raises(
        InvalidWeights, match=r"HumanDiT video model.*1 missing \(norm_final.weight\), 1 unknown \(extra"
    ):
        load_model(path)


def test_a_wrong_shape_is_named(saved: tuple[HumanDiT, Path]) -> None:
    _, path = saved
    rewritten(path, {"norm_final.weight": torch.zeros(5)})
    with pytest.raises(InvalidWeights, match=r"norm_final.weight should be \[32\], got \[5\]"):
        load_model(path)


def test_a_config_from_the_future_and_a_lost_one(saved: tuple[HumanDiT, Path]) -> None:
    _, path = saved
    notes = inspect_metadata(path)
    future = json.dumps({**TINY.to_dict(), "wings": 2})
    rewritten(path, {}, {**notes, "humandit_config": future})
    with pytest.raises(InvalidWeights, match="unknown keys: wings"):
        load_model(path)
    rewritten(path, {}, {})
    with pytest.raises(InvalidWeights, match="without its config"):
        load_model(path)


def test_a_trained_model_without_its_pose_guider_is_incomplete(saved: tuple[HumanDiT, Path]) -> None:
    _, path = saved
    rewritten(path, {"pose_guider.proj.weight": None})
    with pytest.raises(InvalidWeights, match="pose_guider.proj.weight"):
        load_model(path)


def test_another_models_file_is_named_with_its_folder(tmp_path: Path, saved: tuple[HumanDiT, Path]) -> None:
    path = tmp_path / "humandit_video_v9.safetensors"
    save_file({"encoder.block.0.layer.0.SelfAttention.q.weight": torch.zeros(4, 4)}, path)
    with pytest.raises(InvalidWeights, match="looks like a T5 text encoder.*models/text_encoders"):
        load_model(path)
    with pytest.raises(InvalidWeights, match="looks like a HumanDiT video model.*models/diffusion_models"):
        load_vae(saved[1])
    with pytest.raises(InvalidWeights, match=r"bundled name \(mini\)"):
        load_model("maxi")


def test_layers_come_from_the_hosts_namespace(saved: tuple[HumanDiT, Path]) -> None:
    class Marked(torch.nn.Linear):
        pass

    class Operations:
        Linear, Conv2d, LayerNorm = Marked, torch.nn.Conv2d, torch.nn.LayerNorm

    assert isinstance(load_model(saved[1], operations=Operations).proj_out, Marked)
    config, state = read_model(saved[1])
    assert config == TINY
    assert set(state) == set(saved[0].state_dict())


@pytest.mark.parametrize("ours", [True, False])
def test_cogvideox_vae_round_trip(tmp_path: Path, ours: bool) -> None:
    """Saved by us with metadata, or by diffusers with a config.json beside it."""
    vae = CogVideoXVAE.from_config(TINY_VAE).eval()
    path = tmp_path / "vae.safetensors"
    if ours:
        save_model(path, vae, {"class": "AutoencoderKLCogVideoX", **TINY_VAE}, "vae")
    else:
        save_file(vae.stock.state_dict(), path)
        (tmp_path / "config.json").write_text(json.dumps({"_class_name": "AutoencoderKLCogVideoX", **TINY_VAE}))
    again = load_vae(path)
    assert (again.latent_channels, again.scaling_factor) == (4, 0.7)
    frames = torch.rand(9, 16, 16, 3)
    assert torch.equal(again.encode(frames), vae.encode(frames))


def test_cogvideox_vae_sizes_are_read_off_its_tensors(tmp_path: Path) -> None:
    vae = CogVideoXVAE.from_config({**TINY_VAE, "block_out_channels": [32, 32, 64, 64], "norm_num_groups": 32})
    save_file(vae.stock.state_dict(), tmp_path / "vae.safetensors")
    again = load_vae(tmp_path / "vae.safetensors")
    assert again.stock.config.block_out_channels == (32, 32, 64, 64)  # type: ignore[attr-defined]
    assert again.scaling_factor == 0.7


def test_a_vae_of_an_unknown_class(tmp_path: Path) -> None:
    save_model(tmp_path / "v.safetensors", torch.nn.Linear(2, 2), {"class": "Future"}, "vae")
    with pytest.raises(InvalidWeights, match="unknown class 'Future'"):
        load_vae(tmp_path / "v.safetensors")
    with pytest.raises(InvalidWeights, match="kind"):
        save_model(tmp_path / "v.safetensors", torch.nn.Linear(2, 2), replace(TINY), "audio")

"""LoRAs on our MODEL through the host's own loaders: every common naming, and a word for one that fits nowhere."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

LAYERS = ("transformer_blocks.0.attn1.to_q", "transformer_blocks.1.ff.net.0.proj", "proj_out")
KEYS = {f"diffusion_model.{layer}.weight" for layer in LAYERS}
STYLES = {
    "diffusers": ("transformer.{}", "lora_A.weight", "lora_B.weight"),
    "old diffusers": ("transformer.{}", "lora.down.weight", "lora.up.weight"),
    "ComfyUI": ("diffusion_model.{}", "lora_A.weight", "lora_B.weight"),
    "ComfyUI, down and up": ("diffusion_model.{}", "lora_down.weight", "lora_up.weight"),
    "peft": ("base_model.model.{}", "lora_A.weight", "lora_B.weight"),
    "bare": ("{}", "lora_A.weight", "lora_B.weight"),
    "kohya": ("lora_unet_{flat}", "lora_down.weight", "lora_up.weight"),
    "OneTrainer": ("lora_transformer_{flat}", "lora_down.weight", "lora_up.weight"),
}


@pytest.fixture
def patcher(pack, tiny):
    config, state = tiny()
    return pack("nodes.native_load").build_model(config, state, pack("nodes.native").HumanDiTLatent(0.7))


def lora_of(patcher, style: str, layers=LAYERS) -> dict[str, torch.Tensor]:
    """The same changes in every style."""
    root, down, up = STYLES[style]
    rng, out = torch.Generator().manual_seed(3), {}
    for layer in layers:
        rows, columns = patcher.model.state_dict()[f"diffusion_model.{layer}.weight"].shape
        name = root.format(layer, flat=layer.replace(".", "_"))
        out[f"{name}.{down}"] = torch.randn(4, columns, generator=rng)
        out[f"{name}.{up}"] = torch.randn(rows, 4, generator=rng)
    return out


def changed(patcher, key: str) -> torch.Tensor:
    """The layer's weight as the host would use it."""
    import comfy.lora

    weight = patcher.model.state_dict()[key].clone()
    return comfy.lora.calculate_weight(patcher.patches[key], weight, key)


@pytest.mark.parametrize("style", STYLES)
def test_every_naming_changes_the_same_layers_by_the_same(comfy, patcher, style):
    lora = lora_of(patcher, style)
    done, _ = comfy.sd.load_lora_for_models(patcher, None, lora, 1.0, 0.0)
    assert set(done.patches) == KEYS
    down, up = list(lora.values())[:2]
    key = f"diffusion_model.{LAYERS[0]}.weight"
    torch.testing.assert_close(changed(done, key), patcher.model.state_dict()[key] + up @ down)


def test_the_hosts_own_loader_node(comfy, patcher, tmp_path, monkeypatch):
    import folder_paths

    import nodes as core

    save_file(lora_of(patcher, "diffusers"), tmp_path / "style.safetensors")
    monkeypatch.setitem(folder_paths.folder_names_and_paths, "loras", ([str(tmp_path)], {".safetensors"}))
    monkeypatch.setattr(folder_paths, "filename_list_cache", {})
    done = core.LoraLoaderModelOnly().load_lora_model_only(patcher, "style.safetensors", 0.5)[0]
    assert set(done.patches) == KEYS and not patcher.patches


WRONG = {
    "one for Wan": {"diffusion_model.blocks.0.self_attn.q.lora_A.weight": torch.zeros(4, 8)},
    "one for FLUX": {"transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight": torch.zeros(4, 8)},
    "one for Stable Diffusion": {"lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight": torch.zeros(4, 8)},
    "one for CogVideoX-2b": {
        f"transformer.transformer_blocks.0.attn1.to_q.lora_{end}.weight": torch.zeros(shape)
        for end, shape in (("A", (4, 1920)), ("B", (1920, 4)))
    },
    "its authors' names": {
        "model.diffusion_model.transformer.layers.0.attention.query_key_value.matrix_A.0": torch.zeros(4, 8)
    },
    "a model we do not know": {"wings.0.lora_A.weight": torch.zeros(4, 8)},
}


@pytest.mark.parametrize("said", WRONG)
def test_a_lora_that_fits_nowhere_says_what_it_is_for(comfy, patcher, said):
    with pytest.raises(ValueError, match=rf"fits no layer of the video model.*{said}.*Use a LoRA made for"):
        comfy.sd.load_lora_for_models(patcher, None, WRONG[said], 1.0, 0.0)


def test_other_models_are_what_they_were(comfy, patcher):
    """The host's own functions answer for a model that is not ours: no more names, no error."""
    import comfy.lora

    class Other(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.diffusion_model = torch.nn.Linear(2, 2)
            self.model_config = type("Config", (), {"unet_config": {}})()

    names = comfy.lora.model_lora_keys_unet(Other(), {})
    assert type(names) is dict
    assert names == comfy.lora.model_lora_keys_unet.__wrapped__(Other(), {})
    assert comfy.lora.load_lora(WRONG["one for Wan"], names) == {}


def test_the_host_is_taught_once(pack, comfy, patcher):
    import comfy.lora

    before = comfy.lora.load_lora
    pack("nodes.native_lora").teach_host()
    assert comfy.lora.load_lora is before

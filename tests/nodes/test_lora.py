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


@pytest.mark.parametrize("style", [style for style in STYLES if style != "OneTrainer"])
def test_the_hosts_loaders_change_the_same_layers_by_the_same(comfy, patcher, style):
    lora = lora_of(patcher, style)
    done, _ = comfy.sd.load_lora_for_models(patcher, None, lora, 1.0, 0.0)
    assert set(done.patches) == KEYS
    assert_changed(done, lora)


def assert_changed(done, lora):
    """Layer 0 is changed by the product of the first two entries."""
    down, up = list(lora.values())[:2]
    key = f"diffusion_model.{LAYERS[0]}.weight"
    torch.testing.assert_close(changed(done, key), done.model.state_dict()[key] + up @ down)


@pytest.mark.parametrize("style", STYLES)
def test_our_loader_knows_every_naming(pack, patcher, style):
    lora = lora_of(patcher, style)
    done, text = pack("nodes.native_lora").with_lora(patcher, lora, 1.0)
    assert set(done.patches) == KEYS and not patcher.patches and text == "3 layers changed"
    assert_changed(done, lora)


def test_a_lora_of_our_own_training_fits_both_loaders(comfy, pack, tiny, library_model, patcher):
    """What was trained whole travels as a product of full rank; both loaders bring it back exactly."""
    training, model = pack("humandit.train.lora"), library_model(*tiny())
    training.add_lora(model, pack("humandit.train.recipe").LoRA(4, 8))
    for learnt in training.trained_state(model).values():
        learnt.add_(torch.randn(learnt.shape, generator=torch.Generator().manual_seed(1)))
    lora = training.lora_entries(model, training.trained_state(model))
    theirs, _ = comfy.sd.load_lora_for_models(patcher, None, lora, 1.0, 0.0)
    ours, text = pack("nodes.native_lora").with_lora(patcher, lora, 1.0)
    assert set(ours.patches) == set(theirs.patches) and text == "14 layers changed"
    narrow = model.get_submodule("transformer_blocks.1.ff.net.2")
    expected = {
        "transformer_blocks.1.ff.net.2": narrow.weight + 2 * narrow.lora_B.weight @ narrow.lora_A.weight,
        "pose_guider.proj": model.pose_guider.proj.weight,
        "text_mask_embed": model.text_mask_embed.weight,
    }
    for done in (theirs, ours):
        for layer, weight in expected.items():
            torch.testing.assert_close(changed(done, f"diffusion_model.{layer}.weight"), weight, rtol=1e-4, atol=1e-4)


@pytest.fixture
def loras(comfy, tmp_path, monkeypatch):
    """The host's folder of LoRAs, empty."""
    import folder_paths

    monkeypatch.setitem(folder_paths.folder_names_and_paths, "loras", ([str(tmp_path)], {".safetensors"}))
    monkeypatch.setattr(folder_paths, "filename_list_cache", {})
    return tmp_path


def test_the_hosts_own_loader_node(patcher, loras):
    import nodes as core

    save_file(lora_of(patcher, "diffusers"), loras / "style.safetensors")
    done = core.LoraLoaderModelOnly().load_lora_model_only(patcher, "style.safetensors", 0.5)[0]
    assert set(done.patches) == KEYS and not patcher.patches


def test_our_loader_node(pack, patcher, loras, monkeypatch):
    node, shown = pack("nodes.load_lora").HumanDiTLoadLoRA, []
    monkeypatch.setattr(pack("nodes.host"), "show_text", lambda text, _: shown.append(text))
    with pytest.raises(ValueError, match="no LoRAs yet.*models/loras"):
        node.execute(patcher, pack("nodes.load_lora").lora_files()[0], 1.0)
    lora = lora_of(patcher, "OneTrainer") | {"lora_te1_text_model_encoder_layers_0.alpha": torch.tensor(4.0)}
    save_file(lora, loras / "style.safetensors")
    (done,) = node.PREPARE_CLASS_CLONE(None).execute(patcher, "style.safetensors", 0.5).args
    assert set(done.patches) == KEYS and all(patch[0][0] == 0.5 for patch in done.patches.values())
    assert shown == ["3 layers changed, 1 have no place in this model"]


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
def test_a_lora_that_fits_nowhere_says_what_it_is_for(pack, patcher, said):
    with pytest.raises(ValueError, match=rf"fits no layer of the video model.*{said}.*Use a LoRA made for"):
        pack("nodes.native_lora").with_lora(patcher, WRONG[said], 1.0)


@pytest.mark.parametrize("said", WRONG)
def test_the_hosts_loaders_refuse_it_too(comfy, patcher, said):
    for model in (patcher, patcher.clone()):
        with pytest.raises(ValueError, match="fits no layer of the video model.*HumanDiT Load LoRA says"):
            comfy.sd.load_lora_for_models(model, None, WRONG[said], 1.0, 0.0)


def test_nothing_of_the_host_is_changed(pack, patcher):
    """No function of the host is ours, and our model has nothing of its relatives but the names."""
    import comfy.lora
    import comfy.model_base as base
    import comfy.model_patcher

    ours = pack("nodes.native").HumanDiTBase
    for module in (comfy.lora, comfy.model_patcher, base):
        strangers = [v for v in vars(module).values() if getattr(v, "__module__", "").startswith("humandit_pack")]
        assert not strangers
    for kin in (base.QwenImage, base.HunyuanDiT):
        assert issubclass(ours, kin)
        taken = [name for name, value in vars(kin).items() if callable(value) and getattr(ours, name) is value]
        assert not taken

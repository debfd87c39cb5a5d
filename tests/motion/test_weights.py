"""A motion model's file: saved, known by its tensors, loaded strictly, and told from a video model's."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from humandit.errors import InvalidWeights
from humandit.motion.model import KeypointDiT
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.weights.inspect import inspect_file
from humandit.weights.load import load_model, load_motion, load_vae
from humandit.weights.save import save_model

from .conftest import TINY


@pytest.fixture
def path(model, tmp_path):
    return save_model(tmp_path / "any name.safetensors", model, TINY, "motion", {"licence": "CC0-1.0"})


def test_a_saved_model_comes_back_the_same(model, path):
    again = load_motion(path)
    assert again.config == TINY
    points, presence, t = torch.randn(1, 5, 266), torch.ones(1, 5, 133), torch.tensor([500])
    assert torch.equal(again(points, presence, t), model(points, presence, t))
    assert not any(p.requires_grad for p in again.parameters())


def test_half_storage_loads_as_single_and_as_asked_for(model, path):
    save_model(path, model, TINY, "motion", dtype=torch.float16)
    assert {p.dtype for p in load_motion(path).parameters()} == {torch.float32}
    assert {p.dtype for p in load_motion(path, dtype=torch.bfloat16).parameters()} == {torch.bfloat16}


def test_eight_bit_storage_loses_at_most_a_254th_of_a_row(model, path):
    full = path.stat().st_size
    save_model(path, model, TINY, "motion", dtype=torch.int8)
    assert path.stat().st_size < 0.4 * full
    for name, again in load_motion(path).state_dict().items():
        true = model.state_dict()[name]
        if true.ndim == 2:
            assert ((again - true).abs() <= true.abs().amax(1, keepdim=True) / 253).all(), name
        else:
            assert torch.allclose(again, true, atol=1e-3), name
    assert inspect_file(path).looks_like == "a HumanDiT motion model"


def test_inspection_knows_it(path):
    found = inspect_file(path)
    assert (found.kind, found.looks_like, found.licence) == ("motion", "a HumanDiT motion model", "CC0-1.0")
    assert found.problems == ()
    assert found.config is not None


def test_a_motion_model_is_no_video_model_and_the_other_way_round(path, tmp_path):
    with pytest.raises(InvalidWeights, match="Expected a HumanDiT or CogVideoX.*looks like a HumanDiT motion model"):
        load_model(path)
    with pytest.raises(InvalidWeights, match="VAE.*looks like a HumanDiT motion model"):
        load_vae(path)
    config = DiTConfig(heads=2, head_dim=16, layers=1, time_dim=8, text_dim=None)
    video = save_model(tmp_path / "video.safetensors", HumanDiT(config), config, "video")
    with pytest.raises(InvalidWeights, match="Expected a HumanDiT motion model.*looks like a HumanDiT video model"):
        load_motion(video)


def test_missing_tensors_and_a_config_of_another_size_are_named(model, path):
    save_model(path, model, replace(TINY, layers=3), "motion")
    with pytest.raises(InvalidWeights, match=r"missing \(transformer_blocks.2"):
        load_motion(path)
    save_model(path, KeypointDiT(replace(TINY, time_dim=24)), TINY, "motion")
    with pytest.raises(InvalidWeights, match="time_embedding.linear_1"):
        load_motion(path)


def test_a_file_without_its_config_is_refused(path):
    save_file(load_file(path), path)
    assert "no humandit_config" in inspect_file(path).problems[0]
    with pytest.raises(InvalidWeights, match="motion model without its config"):
        load_motion(path)


def test_there_is_no_such_file():
    with pytest.raises(InvalidWeights, match="there is no maxi"):
        load_motion("maxi")

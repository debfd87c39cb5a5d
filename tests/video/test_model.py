"""The video DiT: prefix, pose, text mask, sizes, and other worlds' layers."""

import types

import pytest
import torch
from torch import nn

from humandit.errors import InvalidShape, InvalidWeights
from humandit.video.config import COGVIDEOX_5B, MINI, DiTConfig
from humandit.video.model import HumanDiT, zero_start

TINY = DiTConfig(heads=2, head_dim=16, layers=2, time_dim=16, text_dim=None, rope_base=(4, 4))


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = HumanDiT(TINY)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.2)
    return model.eval()


def _inputs(batch=2, frames=3, height=8, width=8):
    latents = torch.randn(batch, frames, 16, height, width)
    pose = (torch.rand(batch, frames, height, width, 512) < 0.02).float()
    return latents, torch.tensor([700] * batch), pose


def test_no_pose_and_an_empty_pose_are_the_same(model):
    latents, t, pose = _inputs()
    assert torch.equal(model(latents, t), model(latents, t, torch.zeros_like(pose)))
    assert not torch.allclose(model(latents, t), model(latents, t, pose))


def test_the_prefix_is_at_timestep_zero_whatever_the_timestep(model):
    latents, t, _ = _inputs()
    uniform = model(latents, torch.zeros_like(t), prefix_frames=0)
    assert torch.allclose(model(latents, torch.zeros_like(t), prefix_frames=1), uniform, atol=1e-5)
    assert not torch.allclose(model(latents, t, prefix_frames=1), model(latents, t, prefix_frames=0), atol=1e-3)


def test_a_text_mask_changes_the_output_and_none_does_not(model):
    latents, t, pose = _inputs()
    mask = torch.zeros(2, 3, 1, 8, 8)
    assert torch.equal(model(latents, t, pose), model(latents, t, pose, text_mask=mask))
    mask[:, :, :, 4:] = 1
    assert not torch.allclose(model(latents, t, pose), model(latents, t, pose, text_mask=mask))


@pytest.mark.parametrize(("frames", "height", "width"), [(1, 8, 8), (3, 6, 10), (5, 12, 4), (13, 2, 2)])
def test_any_size_and_length(model, frames, height, width):
    latents, t, pose = _inputs(1, frames, height, width)
    assert model(latents, t, pose).shape == latents.shape


def test_batch_entries_do_not_mix(model):
    latents, t, pose = _inputs()
    together = model(latents, t, pose)
    assert torch.allclose(together[1:], model(latents[1:], t[1:], pose[1:]), atol=1e-5)


def test_odd_latent_sides_and_text_for_a_textless_model_are_refused(model):
    latents, t, _ = _inputs(1, 3, 7, 8)
    with pytest.raises(InvalidShape, match="multiples of 2"):
        model(latents, t)
    with pytest.raises(InvalidShape, match="no prompt"):
        model(*_inputs(1)[:2], text=torch.zeros(1, 3, 4096))


def test_layers_come_from_the_operations_namespace():
    made = []

    def tracked(cls):
        return lambda *args, **kwargs: made.append(cls.__name__) or cls(*args, **kwargs)

    operations = types.SimpleNamespace(
        Linear=tracked(nn.Linear), Conv2d=tracked(nn.Conv2d), LayerNorm=tracked(nn.LayerNorm)
    )
    model = HumanDiT(TINY, operations)
    ours = sum(isinstance(m, nn.Linear | nn.Conv2d | nn.LayerNorm) for m in model.modules())
    assert len(made) == ours


def test_weights_may_appear_only_when_they_are_loaded():
    """A host may create parameters at load time; nothing may touch ``.weight`` before."""

    class Lazy(nn.Linear):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            del self._parameters["weight"]

    operations = types.SimpleNamespace(Linear=Lazy, Conv2d=nn.Conv2d, LayerNorm=nn.LayerNorm)
    HumanDiT(TINY, operations)


def test_zero_start_fills_exactly_what_stock_weights_lack(model):
    stock = {k: v for k, v in model.state_dict().items() if not k.startswith(("pose_guider", "text_mask_embed"))}
    model.load_state_dict(zero_start(stock, model))
    latents, t, pose = _inputs()
    assert torch.equal(model(latents, t, pose), model(latents, t))


def test_parameter_counts():
    five_b = HumanDiT(COGVIDEOX_5B, device="meta")
    extra = sum(p.numel() for n, p in five_b.named_parameters() if n.startswith(("pose_guider", "text_mask")))
    assert round((sum(p.numel() for p in five_b.parameters()) - extra) / 1e9, 4) == 5.5703
    assert sum(p.numel() for p in HumanDiT(MINI, device="meta").parameters()) < 12e6


def test_config_refuses_what_it_does_not_know():
    assert DiTConfig.from_dict(TINY.to_dict()) == TINY
    with pytest.raises(InvalidWeights, match="colour"):
        DiTConfig.from_dict({**TINY.to_dict(), "colour": 1})
    with pytest.raises(InvalidWeights, match="head_dim"):
        DiTConfig(head_dim=20)
    with pytest.raises(InvalidWeights, match="prediction"):
        DiTConfig(prediction="noise")

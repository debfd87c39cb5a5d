"""The Keypoint-DiT: prefix, condition, presence, positions in time, sizes."""

import types

import pytest
import torch
from torch import nn

from humandit.diffusion.rope import rotate, time_rope
from humandit.errors import InvalidShape, InvalidWeights
from humandit.motion.config import MOTION_MINI, MOTION_PAPER, MotionConfig
from humandit.motion.model import KeypointDiT
from humandit.motion.path import MENDS, mends
from humandit.motion.sizes import sizes, to_first_size

from .conftest import TINY


def _inputs(batch=2, frames=6):
    presence = (torch.rand(batch, frames, 133) > 0.2).float()
    return torch.randn(batch, frames, 266), presence, torch.tensor([700] * batch)


def test_the_prefix_is_at_timestep_zero_whatever_the_timestep(model):
    points, presence, late = _inputs()
    zero = torch.zeros_like(late)
    assert torch.equal(model.time_embedding.of_parts(late, points.dtype)[:, 0],
                       model.time_embedding.of_parts(zero, points.dtype)[:, 1])  # fmt: skip
    presence[:, 1] = 1
    held = points[:, 1:2]  # without a prefix nothing is held
    with torch.no_grad():
        model.condition_embed.weight.zero_()  # what is held is also seen
        model.proj_out.weight[266:], model.proj_out.bias[266:] = 0, 0  # and mended
    split, whole = (model(points, presence, zero, prefix_frames=count) for count in (2, 0))
    assert torch.allclose(split[:, 2:], (whole + held)[:, 2:], atol=1e-4)
    assert not torch.allclose(model(points, presence, late, prefix_frames=2), split, atol=1e-3)


def test_absence_is_not_a_place(model):
    points, presence, t = _inputs()
    elsewhere = points + 5 * (1 - presence).repeat_interleave(2, -1)
    assert torch.allclose(model(points, presence, t), model(elsewhere, presence, t), atol=1e-5)
    zeros, all_there, nobody = torch.zeros_like(points), torch.ones_like(presence), torch.zeros_like(presence)
    plain = model(points, presence, t)
    assert torch.equal(model(points, presence, t, points, nobody), plain)
    assert not torch.allclose(model(points, presence, t, zeros, all_there), plain)


def test_without_knowledge_it_holds_the_last_pose_or_follows_the_condition(model):
    nn.init.zeros_(model.proj_out.weight)
    nn.init.zeros_(model.proj_out.bias)
    points, presence, t = _inputs()
    everywhere = torch.ones_like(presence)
    held = model(points, everywhere, t, prefix_frames=3)
    assert torch.equal(held[:, 3:], points[:, 2:3].expand(-1, 3, -1))
    condition, shown = torch.randn_like(points), everywhere.clone()
    shown[:, 3:5] = 0
    followed = model(points, everywhere, t, condition, shown, prefix_frames=3)
    assert torch.equal(followed[:, 5], condition[:, 5])
    assert torch.allclose(followed[:, 3:5].mean(1), (points[:, 2] + condition[:, 5]) / 2, atol=1e-6)


def test_a_share_of_each_mend_is_added_to_the_path(model):
    nn.init.zeros_(model.proj_out.weight)
    points, presence, t = torch.randn(1, 20, 266), torch.ones(1, 20, 133), torch.tensor([700])
    given = (points, presence, t, points, presence)
    for share in range(MENDS):
        nn.init.zeros_(model.proj_out.bias)
        model.proj_out.bias[266:].view(-1, MENDS)[112:, share] = 0.5
        mended = model(*given).unflatten(-1, (-1, 2)) - points.unflatten(-1, (-1, 2))
        wanted = 0.5 * mends(points, torch.zeros_like(points), to_first_size(points, sizes(points, 1), 1))[
            ..., share
        ].unflatten(-1, (-1, 2))
        assert torch.allclose(mended[:, :, 112:], wanted[:, :, 112:], atol=1e-5)
        assert (mended[:, :, :112] == 0).all()


def test_a_free_energy_adds_nothing_and_a_told_one_counts(model):
    points, presence, t = _inputs()
    free = model(points, presence, t)
    assert torch.equal(model(points, presence, t, energy=torch.tensor([torch.nan, torch.nan])), free)
    calm, lively = (model(points, presence, t, energy=torch.tensor([torch.nan, e])) for e in (-1.0, 1.0))
    assert torch.equal(calm[0], free[0]) and not torch.allclose(calm[1], lively[1], atol=1e-4)


@pytest.mark.parametrize("frames", [2, 5, 40, 301])
def test_any_length(model, frames):
    points, presence, t = _inputs(1, frames)
    assert model(points, presence, t).shape == points.shape


def test_only_the_distance_in_time_counts():
    cos, sin = time_rope(12, 16, 1000.0, torch.device("cpu"))
    q, k = torch.randn(1, 1, 6, 16), torch.randn(1, 1, 6, 16)
    early, late = ((cos[part], sin[part]) for part in (slice(0, 6), slice(6, 12)))
    products = [rotate(q, rope) @ rotate(k, rope).transpose(-1, -2) for rope in (early, late)]
    assert torch.allclose(*products, atol=1e-4)


def test_the_order_of_frames_counts(model):
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    points, presence, t = _inputs()
    order = torch.tensor([0, 3, 1, 2, 5, 4])
    mixed = model(points[:, order], presence[:, order], t)
    assert not torch.allclose(mixed, model(points, presence, t)[:, order], atol=1e-3)


def test_batch_entries_do_not_mix(model):
    points, presence, t = _inputs()
    alone = model(points[1:], presence[1:], t[1:])
    assert torch.allclose(model(points, presence, t)[1:], alone, atol=1e-5)


def test_layers_come_from_the_operations_namespace():
    made = []

    def tracked(cls):
        return lambda *args, **kwargs: made.append(cls.__name__) or cls(*args, **kwargs)

    model = KeypointDiT(TINY, types.SimpleNamespace(Linear=tracked(nn.Linear), LayerNorm=tracked(nn.LayerNorm)))
    assert len(made) == sum(isinstance(m, nn.Linear | nn.LayerNorm) for m in model.modules())


def test_wrong_shapes_are_refused(model):
    points, presence, t = _inputs()
    with pytest.raises(InvalidShape, match="266"):
        model(points[..., :34], presence, t)
    with pytest.raises(InvalidShape, match="own presence"):
        model(points, presence, t, points)
    with pytest.raises(InvalidShape, match="as many frames"):
        model(points, presence, t, points[:, :3], presence[:, :3])


def test_parameter_counts():
    mini, paper = (
        sum(p.numel() for p in KeypointDiT(config, device="meta").parameters())
        for config in (MOTION_MINI, MOTION_PAPER)
    )
    assert 2 * mini < 12e6  # bytes in float16
    assert round(paper / 1e6) == 230


def test_config_refuses_what_it_does_not_know():
    assert MotionConfig.from_dict(TINY.to_dict()) == TINY
    for wrong, word in (
        ({"colour": 1}, "colour"),
        ({"points": 17}, "133"),
        ({"overlap": 12}, "overlap"),
        ({"fps": 0}, "fps"),
    ):
        with pytest.raises(InvalidWeights, match=word):
            MotionConfig.from_dict({**TINY.to_dict(), **wrong})

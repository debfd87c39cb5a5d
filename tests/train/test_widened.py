"""Weights that learn on with more: latents of more channels, and the picture moved along its bones."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from humandit.errors import HumanDiTError, InvalidShape
from humandit.train.build import built, trainable, widened
from humandit.train.recipe import Recipe
from humandit.types import POSE_CHANNELS
from humandit.video.config import MINI
from humandit.video.light_vae import LightVAE, LightVAEConfig
from humandit.video.model import HumanDiT
from humandit.video.pose_guider import BOTH, PIXELS, PoseGuider

TINY = replace(
    MINI,
    heads=2,
    head_dim=16,
    layers=2,
    in_channels=16,
    out_channels=16,
    moved_picture=False,
    overlaid=False,
    finished=False,
)


def model() -> HumanDiT:
    torch.manual_seed(0)
    made = HumanDiT(TINY)
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    return made


def light(channels: int) -> LightVAE:
    torch.manual_seed(1)
    return LightVAE(LightVAEConfig(channels, 8, 1, 4))


def test_wider_weights_do_what_they_did():
    narrow = model()
    wide = widened(narrow, light(24), moved_picture=True)
    assert (wide.config.in_channels, wide.config.out_channels, wide.config.moved_picture) == (24, 24, True)
    latents, time = torch.randn(1, 3, 24, 4, 4), torch.tensor([500])
    pose = torch.rand(1, 3, 4, 4, PIXELS * BOTH[1])
    dots = pose.unflatten(-1, (PIXELS, -1))[..., :POSE_CHANNELS].flatten(-2)
    made, before = wide(latents, time, pose), narrow(latents[:, :, :16], time, dots)
    torch.testing.assert_close(made[:, :, :16], before)
    assert not made[:, :, 16:].any(), "what is new starts at zero"
    assert all(parameter.requires_grad for parameter in wide.parameters())
    assert widened(wide, light(24), moved_picture=False) is wide, "weights that are shown the picture stay so"


def test_an_overlay_comes_shut_and_stays():
    laying = widened(model(), light(24), moved_picture=False, overlaid=True)
    assert laying.config.moved_picture and laying.config.overlaid and laying.config.in_channels == 24
    assert not laying.overlay.gates.weight.any() and laying.overlay.code.weight.shape == (24, 768)
    torch.nn.init.normal_(laying.overlay.gates.weight)
    again = widened(laying, light(24), moved_picture=True)
    assert again is laying
    wider = widened(laying, light(32), moved_picture=True)
    assert wider.config.overlaid and not wider.overlay.gates.weight.any(), "another code, another overlay"


def test_channels_are_never_taken_away():
    with pytest.raises(HumanDiTError, match="latents of 16 channels, the VAE has 8"):
        widened(model(), light(8), moved_picture=False)


def test_a_guider_leaves_out_what_it_does_not_know():
    torch.manual_seed(0)
    guider = PoseGuider(model().patching, POSE_CHANNELS, 32, torch.nn)
    pose = torch.rand(1, 2, 4, 4, PIXELS * BOTH[1])
    dots = pose.unflatten(-1, (PIXELS, -1))[..., :POSE_CHANNELS].flatten(-2)
    assert torch.equal(guider(pose), guider(dots))


def test_a_guider_says_what_it_lacks():
    guider = PoseGuider(model().patching, BOTH[1], 32, torch.nn)
    with pytest.raises(InvalidShape, match="draw the poses with the picture"):
        guider(torch.rand(1, 2, 4, 4, PIXELS * POSE_CHANNELS))


def test_a_finisher_is_carried_along_and_lies_still():
    finished = HumanDiT(replace(model().config, moved_picture=True, finished=True))
    recipe = Recipe(Path("data"), "mini", Path("out"))
    wider = trainable(widened(finished, light(24), moved_picture=True), recipe, torch.float32)
    assert torch.equal(wider.finisher.stem.weight, finished.finisher.stem.weight)
    assert not any(p.requires_grad for p in wider.finisher.parameters()) and wider.proj_out.weight.requires_grad


def test_a_fresh_model_has_none_yet(tmp_path):
    config = replace(TINY, moved_picture=True, finished=True)
    made = built(Recipe(tmp_path, "mini", tmp_path, config=config), torch.device("cpu"), torch.float32, light(16))
    assert made.config == replace(config, finished=False)

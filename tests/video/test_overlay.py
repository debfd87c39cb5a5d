"""The moved picture laid over the prefix, around the blocks."""

from dataclasses import replace

import pytest
import torch
from einops import rearrange
from torch import Tensor

from humandit.errors import InvalidWeights
from humandit.types import POSE_CHANNELS
from humandit.video.config import COGVIDEOX_5B, MINI
from humandit.video.light_vae import LightVAE
from humandit.video.model import HumanDiT
from humandit.video.overlay import as_pose_pixels, begin
from humandit.video.pose_guider import ALL_CHANNELS, patchify_pose
from humandit.weights.load import load_vae

TINY = replace(MINI, heads=2, head_dim=16, layers=2)
FRAMES, LATENTS, SIDE = 9, 3, 32


@pytest.fixture(scope="module")
def vae() -> LightVAE:
    return load_vae("mini")  # type: ignore[return-value]


def model(vae: LightVAE, **changes: bool) -> HumanDiT:
    torch.manual_seed(0)
    made = HumanDiT(replace(TINY, **changes))
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    if made.config.overlaid:
        begin(made.overlay, vae)
    return made.requires_grad_(False)


def shown(film: Tensor, share: Tensor) -> Tensor:
    """Pose tokens [1, F, h, w, 1408] that show ``film`` [T, H, W, 3] as the moved picture, where ``share`` is 1."""
    colours = rearrange(2 * film - 1, "t (y i) (x j) c -> t y x (i j c)", i=2, j=2)
    images = torch.zeros(*colours.shape[:3], ALL_CHANNELS)
    images[..., POSE_CHANNELS:-2], images[..., -2] = colours * share[..., None], share
    return patchify_pose(images)[None]


def film() -> Tensor:
    return torch.rand(FRAMES, SIDE, SIDE, 3, generator=torch.Generator().manual_seed(1))


def laid(made: HumanDiT, prefix: Tensor, pose: Tensor | None) -> Tensor:
    """Pixels [T - 1, H, W, 3] of the frames after the prefix."""
    overlay = made.overlay
    latents = prefix.expand(1, LATENTS, -1, -1, -1)
    grid = made.patching.grid(LATENTS, *latents.shape[3:])
    tokens = made.patching.cut(latents).unflatten(2, (TINY.out_channels, -1)).transpose(2, 3)
    behind = overlay.pixels(tokens[:, : grid[1] * grid[2]])
    moved = None if pose is None else made.pose_guider(pose)[..., TINY.dim :]
    x = torch.zeros(1, tokens.shape[1], TINY.dim)
    pixels = overlay.laid_together(x, behind, moved, LATENTS)[0].expand(LATENTS, -1, -1, -1)
    pattern = "f (h w) (p q) (t y x i j c) -> (f t) (h p y i) (w q x j) c"
    return rearrange(pixels, pattern, h=grid[1], p=2, t=4, y=4, x=4, i=2, j=2)[4:]


def test_a_fresh_overlay_changes_nothing(vae):
    plain, made = model(vae, overlaid=False), model(vae)
    made.load_state_dict(plain.state_dict(), strict=False)
    latents, time = torch.randn(1, LATENTS, TINY.in_channels, 4, 4), torch.tensor([600])
    pose = shown(film(), torch.ones(FRAMES, 16, 16))
    assert torch.equal(made(latents, time, pose), plain(latents, time, pose))
    assert torch.equal(made(latents, time), plain(latents, time))


def test_pixels_lie_where_the_moved_picture_shows_them(vae):
    made = model(vae)
    made.overlay.matte.bias.fill_(30)
    frames, prefix = film(), vae.encode(film()[:1])
    behind = vae.single.decode(prefix)
    share = torch.zeros(FRAMES, 16, 16)
    share[:, 3:9, 2:12] = 1
    whole = share.repeat_interleave(2, 1).repeat_interleave(2, 2)[..., None]
    want = whole * frames + (1 - whole) * behind
    torch.testing.assert_close(laid(made, prefix, shown(frames, share)), want[1:], atol=1e-5, rtol=0)
    still = laid(made, prefix, None)
    torch.testing.assert_close(still, behind.expand(FRAMES - 1, -1, -1, -1), atol=1e-5, rtol=0)
    assert torch.equal(still, laid(made, prefix, shown(frames, 0 * share))), "an empty picture is none"


def test_what_is_laid_together_is_coded_as_the_autoencoder_does(vae):
    made = model(vae)
    made.overlay.matte.bias.fill_(30)
    frames = film()
    pixels = laid(made, vae.encode(frames[:1]), shown(frames, torch.ones(FRAMES, 16, 16)))
    blocks = made.overlay.code(as_pose_pixels(vae.quad.blocks(pixels))).permute(0, 3, 1, 2)
    torch.testing.assert_close(blocks, vae.encode(frames)[1:], atol=1e-4, rtol=0)


def test_gates_let_through_what_they_are_open_for(vae):
    made = model(vae)
    made.proj_out.weight.zero_()
    made.proj_out.bias.zero_()
    latents, time = torch.randn(1, LATENTS, TINY.in_channels, 4, 4), torch.tensor([600])
    made.overlay.gates.bias.unflatten(0, (2, -1))[1] = 1
    torch.testing.assert_close(made(latents, time), latents)
    made.overlay.gates.bias.unflatten(0, (2, -1))[1] = 0
    made.overlay.gates.bias.unflatten(0, (2, -1))[0] = 1
    made.overlay.matte.bias.fill_(30)
    frames = film()
    latents[:, :1] = vae.encode(frames[:1])
    out = made(latents, time, shown(frames, torch.ones(FRAMES, 16, 16)))
    torch.testing.assert_close(out[0, 1:], vae.encode(frames)[1:], atol=1e-4, rtol=0)


def test_tokens_made_once_are_the_same(vae):
    made = model(vae)
    torch.nn.init.normal_(made.overlay.gates.weight)
    latents, time = torch.randn(1, LATENTS, TINY.in_channels, 4, 4), torch.tensor([600])
    pose = shown(film(), torch.ones(FRAMES, 16, 16))
    once = made.pose_guider(pose)
    assert torch.equal(made(latents, time, once), made(latents, time, pose))
    both = made(latents.repeat(2, 1, 1, 1, 1), time.repeat(2), torch.cat([once, torch.zeros_like(once)]))
    torch.testing.assert_close(both, torch.cat([made(latents, time, pose), made(latents, time)]), atol=1e-5, rtol=1e-4)


def test_only_models_that_are_shown_the_picture_lay_it():
    for config, changes in (
        (COGVIDEOX_5B, {"overlaid": True}),
        (MINI, {"moved_picture": False}),
        (MINI, {"patch_t": 2}),
    ):
        with pytest.raises(InvalidWeights, match="shown the moved picture"):
            replace(config, **changes)

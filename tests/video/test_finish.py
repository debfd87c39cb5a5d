"""Decoded frames gone over in pixels."""

from dataclasses import replace

import pytest
import torch
from einops import rearrange
from torch import Tensor

from humandit.errors import InvalidWeights
from humandit.pipeline import Models, Settings, render
from humandit.types import POSE_CHANNELS, Canvas, Segment, VideoShape
from humandit.video.config import COGVIDEOX_5B, MINI
from humandit.video.finish import PICTURES, Finisher, begin, finishing, moved_pixels, skin_of, unfinished
from humandit.video.model import HumanDiT
from humandit.video.pose_guider import ALL_CHANNELS, patchify_pose
from humandit.video.sample import Sampling
from humandit.weights.load import load_model, load_vae
from humandit.weights.save import save_model

TINY = replace(MINI, heads=2, head_dim=16, layers=2)
FRAMES, SIDE = 9, 32
SKIN = torch.tensor([0.6, 0.4, 0.3, 0.7, 0.5, 0.4])


def finisher() -> Finisher:
    torch.manual_seed(0)
    return Finisher(torch.nn).requires_grad_(False)


def shown(film: Tensor, share: Tensor) -> Tensor:
    """Pose tokens [F, h, w, 1408] that show ``film`` [T, H, W, 3] as the moved picture, where ``share`` is 1."""
    colours = rearrange(2 * film - 1, "t (y i) (x j) c -> t y x (i j c)", i=2, j=2)
    images = torch.zeros(*colours.shape[:3], ALL_CHANNELS)
    images[..., POSE_CHANNELS:-2], images[..., -2] = colours * share[..., None], share
    images[..., -1] = share / 2
    return patchify_pose(images)


def film(seed: int = 1, frames: int = FRAMES) -> Tensor:
    return torch.rand(frames, SIDE, SIDE, 3, generator=torch.Generator().manual_seed(seed))


def lines() -> Tensor:
    return (255 * torch.rand(FRAMES, 12, SIDE, SIDE, generator=torch.Generator().manual_seed(5))).byte()


def test_the_moved_picture_comes_out_of_the_tokens_pixel_by_pixel():
    moving, share = film(), torch.zeros(FRAMES, SIDE // 2, SIDE // 2)
    share[:, 3:9, 2:12] = 1
    parts = [moved_pixels(tokens) for tokens in shown(moving, share)]
    colours, shares = (torch.cat([part[i][-1:] if k == 0 else part[i] for k, part in enumerate(parts)]) for i in (0, 1))
    whole = share.repeat_interleave(2, 1).repeat_interleave(2, 2)
    assert torch.allclose(colours, (moving * whole[..., None]).movedim(-1, 1), atol=1e-6)
    assert torch.equal(shares[:, 0], whole) and torch.equal(shares[:, 1], whole / 2)


def test_a_fresh_finisher_leaves_frames_nearly_as_they_are():
    fresh = finisher()
    begin(fresh)
    decoded = film(2) * 0.2 + 0.4
    made = fresh.finish(decoded, decoded[0], shown(decoded, torch.ones(FRAMES, SIDE // 2, SIDE // 2)), lines(), SKIN)
    assert (made - decoded).abs().mean() < 0.05 and made.shape == decoded.shape


@pytest.mark.parametrize("choice", range(PICTURES), ids=["decoded", "moved", "start", "hands", "face"])
def test_a_pixel_is_chosen_among_the_pictures(choice):
    """With nothing drawn and one picture chosen everywhere, that picture comes out, frame by frame."""
    made = finisher()
    for parameter in made.out.parameters():
        parameter.zero_()
    made.out.bias.view(3 + PICTURES, 4)[3 + choice] = 60
    decoded, moving, start = film(2), film(3), film(4, 1)[0]
    found = made.finish(decoded, start, shown(moving, torch.ones(FRAMES, SIDE // 2, SIDE // 2)), lines(), SKIN)
    chosen = (decoded, moving, start, SKIN[:3], SKIN[3:])[choice]
    assert torch.allclose(found, chosen.expand_as(decoded), atol=1e-5)


def test_every_frame_is_finished_by_itself():
    made, decoded, start = finisher(), film(2), film(4, 1)[0]
    pose, drawn = shown(film(3), torch.ones(FRAMES, SIDE // 2, SIDE // 2)), lines()
    whole = made.finish(decoded, start, pose, drawn, SKIN)
    part = made.finish(decoded[:5], start, pose[:2], drawn[:5], SKIN)
    assert torch.allclose(whole[:5], part, atol=1e-5)
    other = made.finish(decoded, start, pose, torch.cat([drawn[:6], 255 - drawn[6:7], drawn[7:]]), SKIN)
    changed = (whole - other).abs().amax((1, 2, 3)) > 1e-4
    assert changed.tolist() == [k == 6 for k in range(FRAMES)]


def test_skin_is_the_colour_under_hands_and_face():
    picture, drawn = torch.full((16, 16, 3), 0.2), torch.zeros(12, 16, 16, dtype=torch.uint8)
    picture[2:4, 2:10] = torch.tensor([0.9, 0.6, 0.5])
    assert skin_of(picture, drawn).tolist() == [0.5] * 6, "grey where nothing is seen"
    drawn[3, 2, 2:10], drawn[11] = 255, 255
    assert torch.allclose(skin_of(picture, drawn), torch.tensor([0.9, 0.6, 0.5] * 2)), (
        "a face out of sight is like hands"
    )
    drawn[8, 10, 2:10] = 255
    assert torch.allclose(skin_of(picture, drawn), torch.tensor([0.9, 0.6, 0.5, 0.2, 0.2, 0.2]))


def test_past_the_end_of_the_film_the_last_lines_are_held():
    model = HumanDiT(TINY).requires_grad_(False)
    drawn = lines()
    segment = Segment(1, 4, VideoShape(9, SIDE, SIDE))  # frames 4 to 12, of 0 to 8
    pose, decoded, start = shown(film(3), torch.ones(FRAMES, SIDE // 2, SIDE // 2)), film(2), film(4, 1)[0]
    held = torch.cat([drawn[4:], drawn[-1:].expand(4, -1, -1, -1)])
    picture = film(6, 1)[0]
    found = finishing(model, drawn, picture)(segment, start, pose, decoded)
    assert torch.equal(found, model.finisher.finish(decoded, start, pose, held, skin_of(picture, drawn[0])))


def test_models_without_a_finisher_leave_frames_as_they_are():
    plain, decoded = HumanDiT(replace(TINY, finished=False)), film()
    segment = Segment(0, 0, VideoShape(9, SIDE, SIDE))
    for model in (plain, unfinished(HumanDiT(TINY))):
        assert finishing(model, lines(), decoded[0])(segment, decoded[0], decoded, decoded) is decoded
    assert not hasattr(plain, "finisher")
    with pytest.raises(InvalidWeights, match="moved picture"):
        replace(COGVIDEOX_5B, finished=True)


def test_films_are_finished_and_segments_start_from_finished_frames(bundled_pose):
    """With a finisher that shows what a segment starts from: two segments on, that is the picture still."""
    picture, poses = bundled_pose
    model = HumanDiT(replace(TINY, heads=1)).requires_grad_(False)
    for parameter in model.finisher.out.parameters():
        parameter.zero_()
    model.finisher.out.bias.view(3 + PICTURES, 4)[5] = 60  # the frame that the segment starts from
    settings = Settings(Canvas(64, 64), segment_frames=9, sampling=Sampling(1))
    parts = list(render(picture, poses, Models(model, load_vae("mini")), settings, lambda segment, done, total: None))
    assert len(parts) == 2
    for part in parts:
        assert torch.allclose(part.frames, picture.expand_as(part.frames), atol=1e-5), "the start, handed on unchanged"


def test_its_weights_are_kept_and_found_again(tmp_path):
    model = HumanDiT(TINY)
    again = load_model(save_model(tmp_path / "v.safetensors", model, model.config, "video"))
    assert again.config.finished
    assert all(torch.equal(a, b) for a, b in zip(model.finisher.parameters(), again.finisher.parameters(), strict=True))

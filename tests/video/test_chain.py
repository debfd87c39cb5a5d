"""Pose tokens, segments, the chain and sampling."""

import pytest
import torch

from humandit.diffusion.guidance import guided
from humandit.errors import HumanDiTError, InvalidShape
from humandit.types import Canvas
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.pose_guider import patchify_pose
from humandit.video.sample import Sampling, sample_latents, segment_noise
from humandit.video.segments import chain, plan_segments, pose_window

CANVAS = Canvas(32, 16)


def test_pose_patches_keep_every_pixel_in_its_place():
    images = torch.zeros(9, 8, 16, 8)
    images[0, 5, 9, 2] = 1  # frame 0 lies in the last time slot of token 0
    images[1, 0, 0, 7] = 1  # frame 1 in the first slot of token 1
    images[8, 7, 15, 0] = 1
    tokens = patchify_pose(images)
    assert tokens.shape == (3, 2, 4, 512)
    patches = tokens.view(3, 2, 4, 4, 4, 4, 8)  # (slot, y, x, channel)
    assert patches[0, 1, 2, 3, 1, 1, 2] == 1
    assert patches[1, 0, 0, 0, 0, 0, 7] == 1
    assert patches[2, 1, 3, 3, 3, 3, 0] == 1
    assert tokens.sum() == 3


def test_pose_patches_refuse_other_shapes():
    with pytest.raises(InvalidShape, match="4f"):
        patchify_pose(torch.zeros(8, 8, 8, 8))
    with pytest.raises(InvalidShape, match="half the frame size"):
        patchify_pose(torch.zeros(9, 8, 8, 7))


@pytest.mark.parametrize(
    ("frames", "lengths"), [(1, [9]), (8, [9]), (9, [9, 9]), (33, [17, 17, 9]), (32, [17, 17]), (20, [17, 9])]
)
def test_plan_covers_the_film_with_8k_plus_1_segments(frames, lengths):
    segments = plan_segments(frames, 17 if frames > 9 else 9, CANVAS)
    assert [s.shape.frames for s in segments] == lengths
    assert [s.start for s in segments] == [sum(n - 1 for n in lengths[:i]) for i in range(len(lengths))]


def test_plan_refuses_nothing_to_do_and_too_much():
    with pytest.raises(HumanDiTError, match="at least 1 frame"):
        plan_segments(0, 9, CANVAS)
    with pytest.raises(HumanDiTError, match="9 or more"):
        plan_segments(10, 1, CANVAS)
    with pytest.raises(InvalidShape, match="budget"):
        plan_segments(10, 137, Canvas(720, 1280))


def test_the_last_pose_is_held_past_the_end():
    images = torch.zeros(12, 8, 16, 8)
    images[11, 0, 0, 0] = 1
    segment = plan_segments(11, 9, CANVAS)[1]
    assert pose_window(images, segment).sum() == 6  # frames 11 … 16


def test_chain_hands_the_last_frame_on_and_yields_every_frame_once():
    prefixes = []

    def encode(frame):
        return frame.permute(0, 3, 1, 2)

    def denoise(segment, prefix, pose):
        prefixes.append(prefix[0, 0, 0, 0].item())
        return torch.full((segment.shape.latent.frames, 3, 2, 4), float(segment.index + 1))

    def decode(latents):
        frames = 4 * (len(latents) - 1) + 1
        value = latents[0, 0, 0, 0] + torch.arange(frames) / 100
        return value[:, None, None, None].expand(-1, 16, 32, 3)

    images = torch.zeros(1 + 21, 8, 16, 8)
    done = list(chain(torch.zeros(16, 32, 3), images, plan_segments(21, 9, CANVAS), encode, denoise, decode))
    assert [len(d.frames) for d in done] == [8, 8, 5]
    assert prefixes == pytest.approx([0.0, 1.08, 2.08])
    assert done[1].frames[0, 0, 0, 0].item() == pytest.approx(2.01), "the prefix itself is not repeated"


def test_chain_stops_at_numbers_that_are_not_finite_and_keeps_what_is_done():
    def decode(latents):
        return torch.full((9, 16, 32, 3), float("nan") if latents[0, 0, 0, 0] == 1 else 0.5)

    def denoise(segment, prefix, pose):
        return torch.full((3, 3, 2, 4), float(segment.index))

    run = chain(
        torch.zeros(16, 32, 3), torch.zeros(17, 8, 16, 8), plan_segments(16, 9, CANVAS), lambda f: f, denoise, decode
    )
    assert len(next(run).frames) == 8
    with pytest.raises(HumanDiTError, match="Segment 2.*bf16"):
        next(run)


def test_a_chain_goes_on_from_what_a_segment_left():
    def run(segments, start=None):
        def denoise(segment, prefix, pose):
            return segment_noise(0, segment.index, (3, 3, 16, 32)) + prefix

        return list(chain(picture, images, segments, lambda f: f.movedim(-1, 1), denoise, decode, start))

    def decode(latents):
        return latents.movedim(1, -1).repeat_interleave(4, 0)[3:]

    picture, images = torch.rand(16, 32, 3), torch.zeros(25, 8, 16, 8)
    segments = plan_segments(24, 9, CANVAS)
    whole = run(segments)
    rest = run(segments[1:], whole[0].handover)
    assert [part.segment for part in rest] == segments[1:]
    assert all(torch.equal(a.frames, b.frames) for a, b in zip(whole[1:], rest, strict=True))


def test_guidance_asks_once_at_scale_one():
    asked = []

    def predict(with_pose):
        asked.append(with_pose)
        return torch.tensor(2.0 if with_pose else 1.0)

    assert guided(predict, 1.5) == 2.5
    assert asked == [True, False]
    guided(predict, 1)
    assert asked == [True, False, True]


def test_guidance_asks_for_both_where_it_may():
    both = lambda: (torch.tensor(2.0), torch.tensor(1.0))  # noqa: E731
    assert guided(lambda posed: pytest.fail("asked twice"), 1.5, both) == 2.5
    assert guided(lambda posed: torch.tensor(7.0), 1, both) == 7


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(1)
    config = DiTConfig(heads=2, head_dim=16, layers=1, time_dim=16, text_dim=None, rope_base=(2, 2), prediction="x0")
    return HumanDiT(config).eval()


@pytest.mark.parametrize("name", ["ddim", "dpm++"])
def test_sampling_keeps_the_prefix_and_repeats_itself(tiny, name):
    prefix, pose = torch.randn(2, 1, 16, 4, 4), (torch.rand(2, 3, 4, 4, 512) < 0.05).float()
    noise = segment_noise(3, 0, (2, 2, 16, 4, 4))
    steps = []
    run = [
        sample_latents(tiny, prefix, pose, noise, Sampling(4, 1.5, name), on_step=lambda i, n, z: steps.append((i, n)))
        for _ in range(2)
    ]
    assert torch.equal(run[0], run[1])
    assert torch.equal(run[0][:, :1], prefix)
    assert steps[:4] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert torch.isfinite(run[0]).all()


def test_noise_depends_on_seed_and_segment():
    a, b, c = (segment_noise(seed, index, (4,)) for seed, index in ((0, 0), (0, 1), (1, 0)))
    assert not torch.equal(a, b) and not torch.equal(a, c)
    assert torch.equal(a, segment_noise(0, 0, (4,)))

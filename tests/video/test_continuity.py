"""Answers to drift: plans, masks, colours, latents, and the chain with each of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from humandit.diffusion.sampling import segment_noise
from humandit.errors import HumanDiTError
from humandit.pose import skeleton as coco
from humandit.pose.raster import Raster
from humandit.pose.scene import Scene, soft_masks
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from humandit.video.continuity import PLAIN, PRESETS, Continuity, continuity
from humandit.video.continuity.latents import matched, noisy, statistics
from humandit.video.continuity.look import background_back, colour_matched, cross_faded, sharpened, sharpness
from humandit.video.continuity.plan import plan_spans
from humandit.video.segments import chain, plan_segments

CANVAS = Canvas(64, 64)
REFERENCE = torch.rand(64, 64, 3, generator=torch.Generator().manual_seed(0))


def standing(frames: int, still: tuple[int, ...] = ()) -> PoseSequence:
    """Somebody in the middle who sways, and does not at the frames ``still``."""
    xy = np.full((frames, coco.COUNT, 2), 32, np.float32)
    xy[:, :, 1] += np.linspace(-12, 12, coco.COUNT)
    for name, x in (("left_shoulder", 36), ("right_shoulder", 28), ("left_hip", 34), ("right_hip", 30)):
        xy[:, coco.INDEX[name], 0] = x
    moved = np.cumsum([0.0 if t in still or t - 1 in still else 1.5 * (-1) ** (t // 5) for t in range(frames)])
    return PoseSequence(xy + moved[:, None, None].astype(np.float32), np.ones(xy.shape[:2], np.float32), CANVAS, 12.5)


def run(options: Continuity, frames: int = 40, length: int = 17, first: int = 0, start=None):  # noqa: ANN001, ANN201
    """A film by a denoiser that repeats its prefix, adds noise and brightens all; the parts, and what it was given."""
    poses, given = standing(1 + frames), []
    film = Raster(poses, CANVAS)
    segments = plan_segments(frames, length, CANVAS, continuity=options, scene=Scene(film))

    def denoise(segment, prefix, pose):  # noqa: ANN001, ANN202
        given.append((segment, prefix, pose))
        noise = segment_noise(0, segment.index, (segment.shape.latent.frames, *prefix.shape[1:]))
        return prefix + 0.02 + 0.01 * noise

    def decode(latents):  # noqa: ANN001, ANN202
        return latents.movedim(1, -1).repeat_interleave(4, 0)[3:]

    parts = chain(
        REFERENCE, film, segments[first:], lambda f: f.movedim(-1, 1), denoise, decode, start,
        continuity=options, scene=Scene(film),
    )  # fmt: skip
    return list(parts), given


EVERY = [
    *PRESETS.values(),
    Continuity(start="key frames", overlap=4),
    Continuity(overlap=8, colour=1, latents=1, noise=0.1, sharpen=1, background="starting frame", slow_seams=True),
]


@pytest.mark.parametrize("options", EVERY)
def test_every_frame_comes_once_and_a_film_goes_on_from_any_segment(options):
    whole, _ = run(options)
    assert sum(len(part.frames) for part in whole) == 40
    assert all(torch.isfinite(part.frames).all() for part in whole)
    later = whole[1].segment.index + 1
    rest, _ = run(options, first=later, start=whole[1].handover)
    assert all(torch.equal(a.frames, b.frames) for a, b in zip(whole[2:], rest, strict=True))


def test_segments_overlap_and_share_their_frames():
    spans = plan_spans(40, 17, 4)
    assert [(s.start, s.length) for s in spans] == [(0, 17), (12, 17), (24, 17)]
    assert plan_spans(41, 17, 4)[-1].start == 36
    parts, given = run(Continuity(overlap=4))
    assert [len(part.frames) for part in parts] == [12, 12, 16]
    assert torch.equal(given[1][1][0], parts[0].frames[-1].movedim(-1, 0)), "a segment starts before the shared frames"


def test_an_overlap_that_leaves_too_little_is_refused():
    with pytest.raises(HumanDiTError, match="overlap by 8 at most, got 9"):
        plan_segments(40, 17, CANVAS, continuity=Continuity(overlap=9))


def test_from_the_reference_every_segment_sees_the_picture_and_its_pose():
    parts, given = run(Continuity(start="reference"))
    assert all(torch.equal(prefix[0], REFERENCE.movedim(-1, 0)) for _, prefix, _ in given)
    assert torch.equal(given[0][2][0], given[1][2][0])
    assert not torch.equal(given[0][2][1], given[1][2][1])
    assert parts[2].frames.mean() < parts[0].frames.mean() + 0.01, "nothing adds up"


def test_key_frames_are_made_from_the_reference_and_not_shown():
    options = Continuity(start="key frames")
    parts, given = run(options)
    keys = [segment for segment, _, _ in given if segment.key is not None]
    assert [segment.key for segment in keys] == [16, 32]
    assert [segment.shape.frames for segment in keys] == [9, 9]
    assert [segment.index for segment, _, _ in given] == [0, 1, 2, 3, 4]
    assert len(parts) == 3


def test_seams_go_where_the_person_is_still():
    scene = Scene(Raster(standing(41, (8, 9, 10)), CANVAS))
    quick, slow = (
        plan_segments(40, 17, CANVAS, continuity=Continuity(slow_seams=wanted), scene=scene) for wanted in (False, True)
    )
    assert quick[1].start == 16
    assert slow[1].start == 8
    with pytest.raises(HumanDiTError, match="need the poses"):
        plan_segments(40, 17, CANVAS, continuity=Continuity(slow_seams=True))


def test_the_background_comes_back_and_the_person_stays():
    masks = soft_masks(standing(2))
    frames = torch.zeros(2, 64, 64, 3)
    mended = background_back(frames, masks, REFERENCE[None], 1 - masks[:1])
    assert torch.equal(mended[1, 0, 0], REFERENCE[0, 0])
    assert mended[1, 32, 32].max() == 0


def test_switches_that_need_the_person_ask_for_poses():
    with pytest.raises(HumanDiTError, match="only poses tell"):
        next(chain(
            REFERENCE, torch.zeros(9, 32, 32, 8), plan_segments(8, 9, CANVAS), lambda f: f, lambda *a: a[1],
            lambda z: z, continuity=Continuity(colour=1),
        ))  # fmt: skip


def test_colours_come_back_region_by_region():
    person = torch.zeros(1, 64, 64)
    person[:, 20:40, 20:40] = 1
    shifted = REFERENCE * 0.9 + 0.05 * person[0][..., None] + 0.02
    back = colour_matched(shifted[None], person, REFERENCE, person[0], 1.0)[0]
    assert (back - REFERENCE).abs().max() < 1e-4
    assert torch.equal(colour_matched(shifted[None], person, REFERENCE, person[0], 0.0)[0], shifted)


def test_sharpening_gives_back_what_was_lost_and_no_more():
    soft = torch.nn.functional.avg_pool2d(REFERENCE.movedim(-1, 0), 3, 1, 1).movedim(0, -1)
    back = sharpened(soft, REFERENCE, 1.0)
    assert sharpness(soft[None]) < sharpness(back[None]) <= 1.05 * sharpness(REFERENCE[None])
    assert sharpened(REFERENCE, soft, 1.0) is REFERENCE


def test_a_cross_fade_leaves_the_old_and_nears_the_new():
    faded = cross_faded(torch.zeros(3, 2, 2, 3), torch.ones(3, 2, 2, 3))
    assert faded[:, 0, 0, 0].tolist() == [0.25, 0.5, 0.75]


@pytest.mark.parametrize("host", [False, True])
def test_latent_statistics_in_both_layouts(host):
    latents = torch.randn(3, 16, 4, 4, generator=torch.Generator().manual_seed(1))
    goal = statistics(latents)
    drifted = torch.cat([latents[:1], latents[1:] * 1.3 + 0.2])
    if host:
        drifted = drifted.movedim(0, 1)[None]
    back = matched(drifted, goal, 1.0)
    back = back[0].movedim(1, 0) if host else back
    assert torch.allclose(back, latents, atol=1e-5)


def test_noise_on_a_prefix_is_of_its_spread_and_the_same_every_time():
    prefix = 3 * torch.randn(1, 16, 32, 32, generator=torch.Generator().manual_seed(1))
    assert torch.equal(noisy(prefix, 2, 0.1), noisy(prefix, 2, 0.1))
    assert (noisy(prefix, 2, 0.1) - prefix).std().item() == pytest.approx(0.3, rel=0.02)


def test_bad_switches_say_what_is_allowed():
    for options, words in (({"start": "first"}, "last frame, reference, key frames"), ({"colour": 2}, "0 to 1, got 2"),
                           ({"overlap": -1}, "0 frames or more"), ({"noise": 9}, "0 to 2")):  # fmt: skip
        with pytest.raises(HumanDiTError, match=words):
            replace(PLAIN, **options)
    with pytest.raises(HumanDiTError, match="plain, default"):
        continuity("best")

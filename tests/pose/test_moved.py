"""The picture moved along its bones: everything where it belongs, and nothing that is not known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from humandit.pose import skeleton as coco
from humandit.pose.bodies import Bodies
from humandit.pose.moved import moved_picture
from humandit.pose.moving_parts import parts
from humandit.pose.raster import Raster, rasterize
from humandit.pose.sequence import PoseSequence
from humandit.types import MOVED_CHANNELS, POSE_CHANNELS, Canvas

CANVAS = Canvas(96, 96)
BODY = {
    "nose": (48, 20), "left_shoulder": (58, 32), "right_shoulder": (38, 32), "left_elbow": (64, 46),
    "right_elbow": (32, 46), "left_wrist": (66, 58), "right_wrist": (30, 58), "left_hip": (54, 58),
    "right_hip": (42, 58), "left_knee": (55, 74), "right_knee": (41, 74), "left_ankle": (55, 90),
    "right_ankle": (41, 90),
}  # fmt: skip
ARM = "left_elbow", "left_wrist"


def standing(moves=((0, 0),), **places) -> PoseSequence:
    """The body, moved by so many pixels in every frame; ``places`` of joints that are elsewhere."""
    xy, score = np.zeros((len(moves), coco.COUNT, 2), np.float32), np.zeros((len(moves), coco.COUNT), np.float32)
    for name, place in {**BODY, **places}.items():
        xy[:, coco.INDEX[name]], score[:, coco.INDEX[name]] = place, 1
    return PoseSequence(xy + np.array(moves, np.float32)[:, None], score, CANVAS, 12.5)


def picture() -> torch.Tensor:
    """[96, 96, 3]: red grows to the right, green downwards, blue marks the left arm below the elbow."""
    down, right = torch.meshgrid(torch.arange(96) / 96, torch.arange(96) / 96, indexing="ij")
    arm = torch.zeros(96, 96)
    arm[46:60, 61:70] = 1
    return torch.stack([right, down, arm], -1)


def test_who_stands_still_stays_the_same():
    images = moved_picture(picture(), standing(), standing([(0, 0), (0, 0)]))
    assert images.shape == (2, 48, 48, MOVED_CHANNELS)
    share, shown = images[..., 12], images[..., 13]
    assert 0.1 < share.mean() < 0.5 and share[:, 0, 0].eq(0).all()
    assert torch.equal(share, shown), "the picture shows every part where it is"
    inside = share[0] == 1
    first = (images[0, ..., :3] + 1) / 2
    torch.testing.assert_close(first[inside], picture()[::2, ::2][inside], atol=1e-4, rtol=0)


def test_who_steps_aside_takes_every_pixel_along():
    images = moved_picture(picture(), standing(), standing([(0, 0), (8, -4)]))
    inside = images[1, ..., 12] == 1
    now = (images[1, ..., :3] + 1) / 2
    before = picture()[::2, ::2].roll((-2, 4), (0, 1))
    torch.testing.assert_close(now[inside], before[inside], atol=0.01, rtol=0)


def test_a_raised_arm_takes_its_colour_along():
    raised = standing(left_elbow=(64, 18), left_wrist=(66, 6))
    images = moved_picture(picture(), standing(), raised)
    blue = (images[0, ..., 2] + images[0, ..., 12]) / 2
    assert blue[5:7, 32:34].min() > 0.9, "between elbow and wrist"
    assert blue[26, 32] < 0.1, "and no longer where it hung"


def test_what_lies_behind_another_part_is_told():
    crossed = standing(left_elbow=(60, 42), left_wrist=(46, 46))
    behind = moved_picture(picture(), crossed, standing())
    trunk = behind[0, 22:24, 23:26]
    assert trunk[..., 12].eq(1).all() and trunk[..., 13].eq(0).any(), "the arm hides the trunk in the picture"


def test_parts_that_one_of_both_lacks_are_not_shown():
    pose = standing()
    score = pose.score.copy()
    for name in ARM:
        score[:, coco.INDEX[name]] = 0
    unseen = replace(pose, score=score)
    whole = moved_picture(picture(), pose, pose)[..., 12]
    for own, film in ((unseen, pose), (pose, unseen)):
        share = moved_picture(picture(), own, film)[..., 12]
        assert torch.isfinite(share).all() and share[0, 26, 32] < whole[0, 26, 32]
    nobody = replace(pose, score=np.zeros_like(score))
    assert not moved_picture(picture(), pose, nobody).any() and not moved_picture(picture(), nobody, pose).any()


@pytest.mark.parametrize("size", [0.5, 1.5])
def test_bones_turn_and_grow(size):
    picture_body, film = (
        Bodies.of(torch.from_numpy(p.xy)[None], torch.from_numpy(p.visible)[None])
        for p in (standing(), replace(standing(), xy=standing().xy[..., ::-1].copy() * size))
    )
    body = parts(picture_body, film)
    ends = body.origin + (body.matrix @ body.way[..., None])[..., 0]
    there = body.there[0, 0]
    assert there.sum() >= 10
    for part, (begin, end) in enumerate([(coco.COUNT + 1, coco.COUNT), (coco.COUNT, coco.COUNT + 2)]):
        torch.testing.assert_close(body.origin[0, 0, part], picture_body.xy[0, 0, begin], atol=1e-3, rtol=0)
        torch.testing.assert_close(ends[0, 0, part], picture_body.xy[0, 0, end], atol=1e-3, rtol=0)
    scale = torch.linalg.matrix_norm(body.matrix[0, 0, there], 2)
    assert (scale - 1 / size).abs().median() < 0.05 / size


def test_a_raster_draws_it_beside_the_dots_part_by_part():
    poses = standing([(0, 0), (4, 0), (8, 0), (12, 0)])
    raster = Raster(poses, CANVAS, picture=picture())
    whole = raster[0:4]
    assert whole.shape == (4, 48, 48, POSE_CHANNELS + MOVED_CHANNELS)
    assert torch.equal(whole[..., :POSE_CHANNELS], rasterize(poses, CANVAS).float())
    assert torch.equal(raster[1:3], whole[1:3])
    later = replace(raster, taken=2)[2:3]
    assert torch.equal(
        later[..., POSE_CHANNELS:], Raster(poses[2:3], CANVAS, picture=picture())[0:1][..., POSE_CHANNELS:]
    )

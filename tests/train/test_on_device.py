"""Examples drawn on the device are those of the processor."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from humandit.pose import skeleton as coco
from humandit.pose.raster import Background, rasterize
from humandit.pose.sequence import PoseSequence
from humandit.train.bank import load_bank, reserved, stored, up_to
from humandit.train.on_device import dots, draw
from humandit.train.shards import load_shard
from humandit.types import Canvas
from humandit.video.pose_guider import patchify_pose
from humandit.weights.load import load_vae
from tests.train.test_train import write_shard

DEVICE = torch.device("cpu")


@pytest.fixture(scope="module")
def shard(tmp_path_factory):
    path = tmp_path_factory.mktemp("shard") / "train-0.npz"
    write_shard(path, 0)
    return path


def test_dots_are_those_of_the_rasteriser():
    rng, canvas = np.random.default_rng(0), Canvas(64, 64)
    xy = rng.uniform(-8, 72, (9, coco.COUNT, 2)).astype(np.float32)
    score = rng.random((9, coco.COUNT)).astype(np.float32)
    ground, there = rng.uniform(-8, 72, (9, 20, 2)).astype(np.float32), rng.random((9, 20)) < 0.5
    poses = PoseSequence(xy, score, canvas, 12.5)
    images = rasterize(poses, canvas, Background(ground, there))
    points = torch.from_numpy(np.concatenate([xy, ground], 1))[None]
    seen = torch.from_numpy(np.concatenate([poses.visible, there], 1))[None]
    assert torch.equal(dots(points, seen, canvas)[0], images.float())
    assert torch.equal(patchify_pose(images.float()[None])[0], patchify_pose(images).float())


def test_a_bank_holds_what_the_shard_holds(shard):
    vae = load_vae("mini")
    bank, plain = load_bank(shard, vae, DEVICE), load_shard(shard, vae)
    assert torch.equal(bank.singles, plain.singles) and torch.equal(bank.quads, plain.quads)
    assert torch.equal(bank.person, plain.person)
    assert np.array_equal(bank.points[:, :, : coco.COUNT].numpy(), plain.xy)
    room = reserved(bank, 3)
    for at in (0, len(bank)):
        stored(room, bank, at)
    assert len(room) == 3 and len(up_to(room, 2)) == 2, "what does not fit is left out"
    assert torch.equal(room.quads, torch.cat([bank.quads, bank.quads])[:3])


def test_a_batch_pairs_latents_with_their_poses(shard):
    torch.manual_seed(0)
    bank = load_bank(shard, load_vae("mini"), DEVICE)
    still = replace(bank, seen=bank.seen & False)
    batch = draw(bank, 12, 2, 0.0, 0.0, 0.0)
    assert batch.prefix.shape == (12, 1, 64, 8, 8) and batch.latents.shape == (12, 2, 64, 8, 8)
    assert batch.pose.shape == (12, 3, 8, 8, 512) and batch.person.shape == (12, 2, 1, 8, 8)
    touched = batch.pose[:, 1:].sum(-1) > 0
    near = torch.nn.functional.max_pool2d(batch.person[:, :, 0], 3, 1, 1) > 0
    assert touched.any() and not (touched & ~near).any(), "keypoints lie on the person or right beside it"
    assert not draw(still, 4, 4, 0.0, 0.0, 0.0).pose.any()
    assert not draw(bank, 4, 4, 1.0, 0.0, 0.0).pose.any()
    firsts = bank.singles.float()
    for prefix in draw(bank, 12, 4, 0.1, 0.0, 0.0).prefix:
        assert (firsts == prefix).flatten(2).all(2).any(), "without noise a prefix is a single frame of a clip"

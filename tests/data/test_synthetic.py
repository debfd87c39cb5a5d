"""The renderer of synthetic people. The pictures need OpenGL; without it those tests skip."""

import sys
import types

import numpy as np
import pytest

from humandit.data.synthetic import acts, render, rig, shards
from humandit.data.synthetic.body import SHAPES
from humandit.data.synthetic.clip import render_clip
from humandit.data.synthetic.split import SPLITS, split_of
from humandit.errors import HumanDiTError, InvalidShape, MissingDependency
from humandit.pose import skeleton as coco

SIZE = 64


@pytest.fixture(scope="module")
def clips():
    try:
        render.open_context().release()
    except MissingDependency as error:
        pytest.skip(str(error))
    return [render_clip(seed, "train", 5, SIZE) for seed in range(6)]


def test_the_splits_share_nothing():
    train, heldout = SPLITS["train"], SPLITS["heldout"]
    assert not set(train.shapes) & set(heldout.shapes)
    assert set(train.shapes) | set(heldout.shapes) == set(range(SHAPES))
    assert not set(train.clips) & set(heldout.clips)
    assert train.salt != heldout.salt
    assert train.rng(3, 5).random() != heldout.rng(3, 5).random()


def test_an_unknown_split_is_refused():
    with pytest.raises(HumanDiTError, match="train, heldout"):
        split_of("test")


def test_shapes_of_a_clip(clips):
    clip = clips[0]
    assert clip.frames.shape == (5, SIZE, SIZE, 3) and clip.frames.dtype == np.uint8
    assert clip.mask.shape == (5, SIZE, SIZE) and clip.mask.dtype == bool
    assert clip.poses.xy.shape == (5, coco.COUNT, 2) and clip.poses.fps == 12.5
    assert clip.background_xy.shape == (5, 20, 2) and clip.background_visible.shape == (5, 20)
    assert clip.other.shape == (SIZE, SIZE, 3) and len(clip.other_pose) == 1 and clip.other_mask.any()


def test_the_same_seed_gives_the_same_clip(clips):
    again = render_clip(0, "train", 5, SIZE)
    np.testing.assert_array_equal(again.frames, clips[0].frames)
    np.testing.assert_array_equal(again.poses.xy, clips[0].poses.xy)
    assert (clips[1].frames != clips[0].frames).any()


def test_pictures_of_another_size_in_between_change_nothing(clips):
    small = render_clip(1, "train", 2, 48)
    again = render_clip(0, "train", 5, SIZE)  # its OpenGL context is no longer the current one
    assert np.array_equal(again.frames, clips[0].frames) and np.array_equal(again.mask, clips[0].mask)
    assert np.array_equal(render_clip(1, "train", 2, 48).frames, small.frames)


def test_seen_body_points_lie_on_the_person(clips):
    on, seen = 0, 0
    for clip in clips:
        for t, mask in enumerate(clip.mask):
            good = clip.poses.score[t, :17] == 1
            x, y = clip.poses.xy[t, :17][good].astype(int).T
            on, seen = on + mask[y, x].sum(), seen + good.sum()
    assert seen > 200 and on / seen > 0.93


def test_background_points_are_seen_only_off_the_person(clips):
    for clip in clips:
        for t, mask in enumerate(clip.mask):
            x, y = clip.background_xy[t][clip.background_visible[t]].astype(int).T
            assert not mask[y, x].any()


def test_from_the_front_the_persons_left_is_on_the_right_of_the_picture(clips):
    for clip in clips:
        nose_seen = clip.poses.score[:, 23:91].mean() > 0.9
        if nose_seen:
            apart = clip.poses.xy[:, coco.INDEX["left_hip"], 0] - clip.poses.xy[:, coco.INDEX["right_hip"], 0]
            assert apart.mean() > 0


def test_the_person_moves_and_is_large_enough(clips):
    assert np.mean([np.abs(np.diff(c.poses.xy[:, :17], axis=0)).max() for c in clips]) > 1
    assert all(np.ptp(np.nonzero(c.mask.any((0, 2)))[0]) > 0.45 * SIZE for c in clips)


@pytest.mark.parametrize("split", list(SPLITS))
def test_procedural_angles_are_smooth_and_finite(split):
    times = np.arange(100) / 50
    for name in SPLITS[split].acts:
        for angle, values in acts.act(name, np.random.default_rng(1))(times).items():
            values = np.broadcast_to(values, times.shape)
            assert np.isfinite(values).all() and np.abs(np.diff(values)).max() < 0.6, (name, angle)


def test_rotation_turns_right_handed():
    np.testing.assert_allclose(rig.rotation((0, 0, 1), np.array(np.pi / 2)) @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(
        rig.between(np.array([1.0, 2, 3]), rig.DOWN) @ np.array([1, 2, 3]) / 14**0.5, rig.DOWN, atol=1e-12
    )


def test_hidden_points_score_less():
    from humandit.data.synthetic.keypoints import GUESSED, scores

    xy = np.full((coco.COUNT, 2), 4.0)
    xy[0] = -1
    score = scores(xy, np.full(coco.COUNT, 3.0), np.full((16, 16), 2.5), (8, 8))
    assert score[0] == 0 and score[coco.INDEX["left_knee"]] == GUESSED and score[coco.FACE_SLICE].max() == 0
    assert scores(xy, np.full(coco.COUNT, 3.0), np.full((16, 16), np.inf), (8, 8))[1:].min() == 1


def test_packed_masks_come_back():
    mask = np.random.default_rng(0).random((2, 3, 10, 10)) > 0.5
    bits = np.packbits(mask.reshape(2, 3, -1), axis=-1)
    np.testing.assert_array_equal(shards.unpack_mask(bits, 10), mask)


def test_shards_resume(tmp_path, monkeypatch, clips):
    rendered = []
    monkeypatch.setattr(shards, "CLIPS", 2)
    monkeypatch.setattr(shards, "render_clip", lambda seed, *_: rendered.append(seed) or clips[seed])
    order = shards.Order(tmp_path, "train", clips=3, frames=5, size=SIZE, seed=0)
    assert [shards.write_shard(order, i) for i in range(order.shards)] == [12, 6]
    assert [shards.write_shard(order, i) for i in range(order.shards)] == [0, 0]
    assert rendered == [0, 1, 2]
    with np.load(order.path(0)) as shard:
        assert shard["frames"].shape == (2, 5, SIZE, SIZE, 3) and shard["seeds"].tolist() == [0, 1]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(order.path(i).name for i in range(2))


def test_missing_egl_names_the_packages(monkeypatch):
    def fail(**_):
        raise RuntimeError("cannot load libEGL.so")

    monkeypatch.setitem(sys.modules, "moderngl", types.SimpleNamespace(create_standalone_context=fail))
    with pytest.raises(MissingDependency, match="libegl1 libgl1-mesa-dri"):
        render.open_context()


def test_a_tiny_size_is_refused():
    with pytest.raises(InvalidShape, match="at least 16"):
        render_clip(0, "train", 1, 8)

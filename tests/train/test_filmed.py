"""Examples out of filmed shards: what is cut, where its labels lie, which shapes are drawn, what is broken."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from humandit.data.clips.shards import read_shard
from humandit.errors import HumanDiTError, InvalidMedia
from humandit.train.buckets import LEAST_KEPT, Limits, examples, fits
from humandit.train.clip_frames import Window, decoded, stride_of, window_frames, window_labels
from humandit.train.clip_index import read_index
from humandit.train.filmed import FilmedSource, Gathered
from humandit.train.recipe import Recipe
from humandit.train.sources import Lane, moment, source_of
from humandit.types import SPACE_SCALE, Canvas, VideoShape
from humandit.video.config import DiTConfig
from humandit.weights.load import load_vae
from tests.train.films import FRAMES, HIGH, TEXT, WIDE, build, film, light_vae

TINY = DiTConfig(heads=1, head_dim=32, layers=1, time_dim=16, text_dim=None, rope_base=(4, 4), prediction="x0")
ALONE = Lane(0, 1)


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def vae_file(tmp_path_factory):
    return light_vae(tmp_path_factory.mktemp("vae") / "vae.safetensors")


@pytest.fixture
def recipe(shards, vae_file, tmp_path):
    return Recipe(
        shards, vae_file, tmp_path / "run", steps=4, config=TINY, batch=3, compile=False, sides=(32, 64),
        frames=(9, 17), text_mask=True, heldout=0.0,
    )  # fmt: skip


def source(recipe, lane=ALONE):
    found = source_of(recipe, load_vae(recipe.vae), lane)
    assert isinstance(found, FilmedSource)
    return found


def drawn(recipe, step, lane=ALONE, made=None):
    return (made or source(recipe, lane)).draw(moment(recipe.seed, step, lane.number, 0.5))


def gathered(window):
    return Gathered(window, window_labels(window), None, window_frames(window))


def same(a, b):
    return all(torch.equal(getattr(a, n), getattr(b, n)) for n in ("prefix", "latents", "pose", "person", "text"))


def test_the_index_finds_the_bytes_that_a_reader_of_webdatasets_finds(shards):
    index = read_index(shards)
    read = dict(entry for path in sorted(shards.glob("*.tar")) for entry in read_shard(path))
    assert [clip.key for clip in index.clips] == list(read) and not index.lost
    for clip in index.clips:
        assert (clip.frames, clip.canvas) == (FRAMES, Canvas(WIDE, HIGH))
        assert all(clip.read(suffix) == data for suffix, data in read[clip.key].items())


def test_lost_shards_are_named_and_cost_their_own_clips_only(tmp_path):
    first, second, third = build(tmp_path)
    whole = third.read_bytes()
    header = read_index(tmp_path).clips[-1].places[".mp4"][0] - 512
    second.unlink()
    third.write_bytes(whole[: len(whole) // 2])
    index = read_index(tmp_path)
    assert {clip.shard for clip in index.clips} == {first}
    assert len(index.lost) == 2 and "shard-000001.tar is missing" in index.lost[0]
    assert "shard-000002.tar is broken" in index.lost[1]
    rubbish = bytearray(whole)
    rubbish[header : header + 512] = b"x" * 512
    for broken in (b"", b"no tar", bytes(rubbish), whole[:512]):
        third.write_bytes(broken)
        assert "shard-000002.tar is broken" in read_index(tmp_path).lost[1]
    first.unlink()
    with pytest.raises(HumanDiTError, match=r"no whole shard.*missing.*broken"):
        read_index(tmp_path)


def test_a_lost_shard_does_not_stop_training_but_another_folder_does(shards, recipe, tmp_path, capsys):
    folder = tmp_path / "some"
    build(folder)
    (folder / "shard-000001.tar").unlink()
    assert len(source(replace(recipe, data=folder))) == 4
    assert "shard-000001.tar is missing" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    with pytest.raises(HumanDiTError, match="holds no shards"):
        source(replace(recipe, data=tmp_path / "empty"))
    (folder / "train-0.npz").touch()
    with pytest.raises(HumanDiTError, match="a folder of its own"):
        source(replace(recipe, data=folder))
    with pytest.raises(HumanDiTError, match="None of the 6 clips"):
        source(replace(recipe, frames=(249, 249), budget=10**6))


def test_a_clip_that_cannot_be_read_is_named_and_another_one_taken(recipe, tmp_path, capsys):
    folder = tmp_path / "some"
    build(folder, films=4)
    clip = read_index(folder).clips[0]
    offset, length = clip.places[".mp4"]
    with clip.shard.open("r+b") as file:
        file.seek(offset)
        file.write(bytes(length))
    with pytest.raises(InvalidMedia, match="cannot be decoded"):
        decoded(clip, [0])
    made = source(replace(recipe, data=folder))
    batches = [drawn(recipe, step, made=made) for step in range(4)]
    assert made.broken == {clip.key} and all(len(batch.latents) == 3 for batch in batches)
    assert capsys.readouterr().err.count(clip.key) == 1
    again = source(replace(recipe, data=folder))
    assert same(batches[3], drawn(recipe, 3, made=again)), "the order does not depend on what was met before"


@settings(max_examples=60, deadline=None)
@given(st.integers(64, 1400), st.integers(64, 1400), st.integers(9, 300), st.integers(192, 480_000), st.integers(0, 99))
def test_every_shape_is_allowed_fits_its_film_and_the_budget(width, height, frames, budget, seed):
    limits, picture = Limits((64, 720), (9, 249), budget), Canvas(width, height)
    if not limits.usable(picture, frames):
        smallest = limits.canvases(picture)[0]
        assert VideoShape(9, smallest.height, smallest.width).latent.positions > budget
        return
    shape = limits.draw(picture, frames, np.random.default_rng(seed))
    assert shape.within(budget).frames <= frames and 64 <= min(shape.width, shape.height) <= 720
    assert shape.width <= 1280 and shape.height <= 1280
    scale, _ = picture.covering(shape.canvas)
    assert scale <= 1 and shape.width * shape.height >= LEAST_KEPT * width * height * scale**2 - 1e-6
    assert fits(shape, np.array([width]), np.array([height]), np.array([frames]))[0]
    assert examples(shape, 64, budget) * shape.latent.positions <= budget


def test_shapes_of_all_sizes_and_lengths_are_drawn():
    limits, rng = Limits((256, 720), (17, 249)), np.random.default_rng(0)
    shapes = {limits.draw(Canvas(1280, 720), 250, rng) for _ in range(1500)}
    assert {shape.height for shape in shapes} == set(range(256, 721, 16))
    assert {shape.frames for shape in shapes} == set(range(17, 250, 8))
    assert max(s.latent.positions for s in shapes) > 440_000
    with pytest.raises(HumanDiTError, match="budget is 100"):
        Limits((256, 720), (17, 249), 100)


def test_labels_lie_where_the_frames_show_them(shards):
    clip = read_index(shards).clips[1]
    stride = stride_of(clip, 12.5)
    assert stride == 2
    window = Window(clip, 30, 3, stride, VideoShape(17, 48, 64))
    assert window.times[:3] == [30, 5, 7] and window.times[-1] == 35
    prefix, frames = window_frames(window)
    assert prefix.shape == (1, 48, 64, 3) and frames.shape == (17, 48, 64, 3)
    shown = window_labels(window)
    assert shown.pose.shape == (5, 6, 8, 512) and shown.person.shape == shown.text.shape == (5, 1, 6, 8)
    pictures = torch.cat([prefix, frames[1:]]).float().mean(-1)
    dots = shown.pose.reshape(5, 6, 8, 4, 4, 4, 8)[..., :7].any(-1)
    for token, row, column, t, y, x in dots.nonzero().tolist():
        time = token * 4 + t - 3
        assert pictures[time, row * 8 + y * 2, column * 8 + x * 2] > 200, "a point lies on the square"
    assert dots.any((1, 2, 4, 5))[:, -1].all()
    expected = torch.zeros(6, 8, dtype=torch.bool)
    expected[-1] = True
    assert torch.equal(shown.text[:, 0], expected.expand(5, 6, 8)), "8 of 64 rows are 6 of 48: the last latent row"
    bright = (pictures.unflatten(1, (6, 8)).unflatten(3, (8, 8)) > 220).any(4).any(2)
    touched = torch.cat([bright[:1], bright[1:].unflatten(0, (4, 4)).any(1)])
    assert (touched & ~shown.person[:, 0]).sum() == 0 and (shown.person[:, 0] & ~touched).float().mean() < 0.2
    corner = shown.pose.reshape(5, 6, 8, 4, 4, 4, 8)[..., 7]
    assert corner[:, 0, 0].any() and not window_labels(window, background=False).pose.reshape(-1, 8)[:, 7].any()


def test_frames_are_the_clips_own_and_the_prefix_is_encoded_alone(shards, recipe):
    clip = read_index(shards).clips[0]
    shown = decoded(clip, [0, 40, 7])
    assert np.abs(shown.astype(int) - film(0)[0][[0, 40, 7]]).mean() < 3
    window = Window(clip, 4, 4, 2, VideoShape(9, HIGH, WIDE))
    made = source(recipe)
    prefix, latents = made._latents(gathered(window))
    frame, frames = (part.float() / 255 for part in window_frames(window))
    assert torch.equal(prefix, made.vae.encode(frame)) and torch.equal(latents, made.vae.encode(frames)[1:])
    assert latents.shape == (2, 16, HIGH // SPACE_SCALE, WIDE // SPACE_SCALE)


def test_a_batch_depends_on_seed_step_and_lane_alone(recipe):
    first = drawn(recipe, 3)
    made = source(recipe)
    drawn(recipe, 0, made=made)
    assert same(first, drawn(recipe, 3, made=made))
    now = moment(recipe.seed, 4, 0, 0.5)
    ahead = made.draw(now)
    assert same(ahead, drawn(recipe, 4)), "it was gathered while step 3 was worked on"
    alone = moment(recipe.seed, 4, 0, 0.5)
    source(recipe).draw(alone)
    assert now.rng.random() == alone.rng.random(), "what is drawn next goes on from the same place"
    other = drawn(recipe, 3, Lane(1, 2))
    assert other.latents.shape == first.latents.shape, "all lanes draw one shape"
    assert not torch.equal(other.latents, first.latents)
    for changed in (ahead, drawn(replace(recipe, seed=1), 3)):
        assert changed.latents.shape != first.latents.shape or not torch.equal(changed.latents, first.latents)


def test_latents_on_disk_are_used_and_give_the_same_batches(recipe):
    cached = replace(recipe, cache=2)
    first = drawn(cached, 0)
    files = sorted((cached.out / "latents").rglob("*.safetensors"))
    assert files and same(first, drawn(cached, 0))
    assert sorted((cached.out / "latents").rglob("*.safetensors")) == files
    plain = source(recipe)
    window = plain._window(plain.train.clips[0], VideoShape(9, 48, 64), np.random.default_rng(0))
    kept, fresh = source(cached)._latents(gathered(window)), plain._latents(gathered(window))
    assert source(cached).cache.find(window) is not None
    assert all(torch.allclose(a, b, atol=2e-3) for a, b in zip(kept, fresh, strict=True))
    from safetensors.torch import load_file, save_file

    for path in files:
        save_file({name: value * 0 for name, value in load_file(path).items()}, path)
    assert drawn(cached, 0).latents.abs().max() == 0
    windows = {source(cached)._window(plain.train.clips[0], VideoShape(9, 48, 64), np.random.default_rng(i)).start
               for i in range(20)}  # fmt: skip
    assert len(windows) <= 2


def test_films_are_held_out_whole(recipe):
    made = source(replace(recipe, heldout=0.5))
    train, held = ({clip.film for clip in part.clips} for part in (made.train, made.held))
    assert held and train and not held & train and len(held | train) == 6
    batches = made.heldout()
    assert len(batches) == 8 and all(len(batch.latents) == 1 for batch in batches)
    assert same(batches[0], made.heldout()[0])
    assert not source(recipe).heldout()


def test_the_text_mask_covers_the_rows_of_the_writing(recipe):
    batch = drawn(recipe, 0)
    assert batch.text is not None and batch.text.shape == (*batch.pose.shape[:2], 1, *batch.pose.shape[2:4])
    assert batch.text[..., -1, :].min() == 1 and batch.text[..., 0, :].max() == 0 and TEXT.stop == HIGH
    assert drawn(replace(recipe, text_mask=False), 0).text is None

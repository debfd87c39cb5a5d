"""Training what goes over decoded frames."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from humandit.commands.train import add_arguments, run
from humandit.errors import HumanDiTError, InvalidWeights
from humandit.pipeline import Models
from humandit.pose import skeleton as coco
from humandit.train.finish import HELD, FinishRecipe, FinishTrainer, attention, finish_loss, similarity
from humandit.train.finish_examples import ROUND, draw_crops
from humandit.train.finish_films import SEGMENT, load_films, make_films
from humandit.types import LINE_CHANNELS
from humandit.video.config import MINI
from humandit.video.model import HumanDiT
from humandit.weights.header import read_header
from humandit.weights.load import load_model, load_vae
from humandit.weights.save import save_model
from tests.train.test_train import write_shard


def silent(text: str) -> None:
    pass


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_shard(folder / "train-0.npz", 0)
    write_shard(folder / "heldout-0.npz", 9)
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    model = HumanDiT(replace(MINI, heads=2, head_dim=16, layers=1, finished=False))
    return save_model(
        tmp_path_factory.mktemp("weights") / "video.safetensors", model, model.config, "video", {"latent_scale": "0.9"}
    )


@pytest.fixture(scope="module")
def films(data, weights, tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "train-0.npz"
    make_films(data / "train-0.npz", path, Models(load_model(weights), load_vae("mini")), 0, silent)
    return list(load_films(path))


def test_films_lie_beside_the_truth_they_were_made_for(data, films):
    with np.load(data / "train-0.npz") as raw:
        for film, frames, other in zip(films, raw["frames"], raw["other"], strict=True):
            assert np.array_equal(film.truth, frames[1:])
            assert any(np.array_equal(film.picture, picture) for picture in (frames[0], other))
            assert film.made.shape == film.truth.shape and len(film.poses) == 1 + len(film.truth)
            assert film.moved.shape == (len(frames) - 1, 3, *frames.shape[1:3])


def test_points_may_be_lost_in_films_but_lie_where_fingers_do(data, films):
    with np.load(data / "train-0.npz") as raw:
        for film, xy, score in zip(films, raw["xy"], raw["score"], strict=True):
            assert np.array_equal(film.poses.xy[1:], xy[1:])
            assert (film.poses.score[1:] <= score[1:]).all()


def test_later_segments_start_from_the_frame_before(films):
    told = np.broadcast_to(np.arange(1, 33, dtype=np.uint8)[:, None, None, None], (32, 8, 8, 3))
    long = replace(films[0], truth=told, made=100 + told)
    assert long.start(SEGMENT - 2, mended=True) is long.picture
    assert (long.start(SEGMENT - 1, mended=True) == 16).all(), "frame 16 of the film is the second segment's prefix"
    assert (long.start(SEGMENT - 1, mended=False) == 116).all() and (long.start(31, mended=True) == 16).all()


def test_films_that_lie_there_are_not_made_again(data, weights, tmp_path):
    path = tmp_path / "train-0.npz"
    path.write_bytes(b"made before")
    make_films(data / "train-0.npz", path, Models(load_model(weights), load_vae("mini")), 0, silent)
    assert path.read_bytes() == b"made before"


def test_crops_lie_over_each_other_pixel_by_pixel(films):
    """Truth, start and lines of a film in which every picture tells its own place."""
    film = films[0]
    height, width = film.truth.shape[1:3]
    place = np.stack([*np.mgrid[:height, :width], np.zeros((height, width))], -1).astype(np.uint8)
    told = replace(
        film, picture=place, truth=np.broadcast_to(place, film.truth.shape),
        made=np.broadcast_to(place, film.made.shape),
        moved=np.broadcast_to(place.transpose(2, 0, 1), film.moved.shape),
        shares=np.broadcast_to(place[::2, ::2, :2].transpose(2, 0, 1), film.shares.shape),
    )  # fmt: skip
    crops = draw_crops([told], 20, 16, np.random.default_rng(0))
    for part in (crops.decoded, crops.moved, crops.start):
        assert torch.equal(part, crops.truth)
    even = (255 * crops.truth[:, :2]).round() // 2 * 2 / 255
    assert torch.allclose(crops.shares, even), "one share for two by two pixels"
    assert len({tuple(crop[:, 0, 0].tolist()) for crop in crops.truth}) > 10, "each somewhere else"


def test_most_crops_lie_round_hands_and_faces(films):
    rng, film = np.random.default_rng(0), films[0]
    xy = np.full((1 + len(film.truth), coco.COUNT, 2), 16, np.float32)
    hands = [xy[:, part] for part, _ in ROUND[:2]]
    for hand in hands:
        hand[:] = 48
    still = replace(film, poses=replace(film.poses, xy=xy, score=np.ones(xy.shape[:2], np.float32)))
    crops = draw_crops([still], 200, 16, rng)
    with_lines = crops.lines[:, :6].flatten(1).any(1).float().mean()
    assert sum(share for _, share in ROUND[:2]) - 0.15 < with_lines < 0.8


def test_it_learns_goes_on_and_keeps_the_models_other_weights(data, weights, tmp_path):
    recipe = FinishRecipe(data, tmp_path, weights, steps=90, batch=4, crop=32, save_minutes=0.02)
    trainer = FinishTrainer(recipe, silent)
    before = float((trainer.held.decoded - trainer.held.truth).square().mean())
    muon = {id(p) for group in trainer.optimizers[0].param_groups for p in group["params"]}
    assert id(trainer.model.stem.weight) in muon and id(trainer.model.out.weight) not in muon
    trainer.run()
    made = load_model(tmp_path / "finish.safetensors")
    with torch.no_grad():
        finished = torch.cat(
            [made.finisher(*(part[i : i + 8] for part in trainer.held.given)) for i in range(0, HELD, 8)]
        )
    assert float((finished - trainer.held.truth).square().mean()) < 0.8 * before, "random blocks leave much to mend"
    told = read_header(tmp_path / "finish.safetensors").metadata
    assert told["latent_scale"] == "0.9" and told["finished"].startswith("90 steps")
    old = load_model(weights).state_dict()
    assert made.config == replace(load_model(weights).config, finished=True)
    assert all(torch.allclose(made.state_dict()[name], t, atol=2e-3) for name, t in old.items())

    again = FinishTrainer(replace(recipe, steps=91), silent)
    assert again.step == 90
    again.run()
    assert again.step == 91 and len(list((tmp_path / "films").glob("*.npz"))) == 2
    further = FinishTrainer(replace(recipe, start=tmp_path / "finish.safetensors", out=tmp_path / "more"), silent)
    assert torch.equal(further.model.stem.weight, load_model(tmp_path / "finish.safetensors").finisher.stem.weight)


def test_ssim_of_a_picture_with_itself_is_one():
    picture = torch.rand(2, 3, 24, 24)
    assert similarity(picture, picture).shape == (2, 3, 18, 18)
    assert torch.allclose(similarity(picture, picture), torch.ones(1), atol=1e-4)
    assert similarity(picture, picture.flip(3)).mean() < 0.3


def test_pixels_near_hands_and_faces_count_more():
    lines = torch.zeros(1, LINE_CHANNELS, 32, 32)
    lines[0, 2, 8, 8], lines[0, 7, 24, 24], lines[0, 11, 8, 24] = 1, 1, 1
    weight = attention(lines, 6, 2)[0, 0]
    assert [float(weight[at]) for at in ((8, 8), (10, 10), (11, 8), (24, 24), (8, 24))] == [7, 7, 1, 3, 1]
    truth = torch.rand(1, 3, 32, 32)
    wrong = [truth.clone(), truth.clone()]
    wrong[0][..., 7:10, 7:10] += 0.2
    wrong[1][..., 7:10, 23:26] += 0.2
    losses = [finish_loss(made, truth, attention(lines, 6, 2), 0.25) for made in wrong]
    assert losses[0] > 3 * losses[1] > 0


def test_errors_say_what_is_missing(data, tmp_path):
    import argparse

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(HumanDiTError, match="needs --data"):
        run(parser.parse_args(["finish", "--out", str(tmp_path)]))
    with pytest.raises(HumanDiTError, match="data synthetic"):
        FinishTrainer(FinishRecipe(tmp_path, tmp_path / "run"), silent)
    plain = HumanDiT(replace(MINI, heads=2, head_dim=16, layers=1, moved_picture=False, overlaid=False, finished=False))
    file = save_model(tmp_path / "plain.safetensors", plain, plain.config, "video")
    with pytest.raises(InvalidWeights, match="moved picture"):
        FinishTrainer(FinishRecipe(data, tmp_path / "run", file), silent)

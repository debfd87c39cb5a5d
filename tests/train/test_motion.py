"""Training of the Keypoint-DiT: masks of App. B, what an error costs, a tiny real run."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from humandit.data.motion import draw_film, draw_take
from humandit.data.motion.pieces import is_held_out, pieces
from humandit.diffusion.schedule import cogvideox_schedule
from humandit.errors import HumanDiTError
from humandit.motion.config import MotionConfig
from humandit.motion.tokens import decode
from humandit.pose.formats import save_json
from humandit.train.motion import MotionTrainer
from humandit.train.motion_examples import MotionBatch, TakePool, condition_mask, draw_batch, draw_prefix, example
from humandit.train.motion_loss import clean_of, motion_loss, placed, position_error
from humandit.train.motion_recipe import MotionRecipe

TINY = MotionConfig(heads=1, head_dim=32, layers=1, time_dim=16, window=12, overlap=4)


@pytest.fixture
def recipe(tmp_path):
    return MotionRecipe(
        tmp_path / "run", minutes=10, stretch=0.02, config=TINY, batch=4, lr=3e-3, takes=4, take_frames=14,
        first_takes=3, heldout=3, compile=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def takes():
    return [draw_take(seed, "train", 14) for seed in range(3)]


@pytest.fixture
def batch(recipe, takes):
    return draw_batch(takes, replace(recipe, dropped=0.0, whole=1.0, continued=0.0, tau=2), np.random.default_rng(0))


def masks(recipe, prefix=1, count=400, frames=100):
    rng = np.random.default_rng(0)
    return np.stack([condition_mask(frames, recipe, rng, prefix) for _ in range(count)])


def test_half_of_the_frames_are_given_after_a_random_tau(recipe):
    recipe = replace(recipe, ended=0.0)
    paper = masks(replace(recipe, whole=0.0, dropped=0.0))
    assert paper[:, 30:].mean() == pytest.approx(0.5, abs=0.01)
    assert not paper[:, 0].any()
    first = masks(replace(recipe, kept=1.0, dropped=0.0)).argmax(1)
    assert first.min() == 1 and first.max() == 1 + recipe.tau and len(set(first)) == recipe.tau + 1
    rolled = masks(replace(recipe, kept=1.0, dropped=0.0), prefix=9).argmax(1)
    assert (rolled == 0).mean() == pytest.approx(0.5, abs=0.08) and rolled[rolled > 0].min() == 9


def test_now_and_then_nothing_or_everything_is_given(recipe):
    given = masks(replace(recipe, ended=0.0))[:, 30:].mean(1)
    assert (given == 0).mean() == pytest.approx(recipe.dropped, abs=0.06)
    assert (given == 1).mean() == pytest.approx((1 - recipe.dropped) * recipe.whole, abs=0.06)


def test_some_conditions_end_within_the_film(recipe):
    whole = replace(recipe, kept=1.0, dropped=0.0, tau=0)
    last = 99 - masks(whole)[:, ::-1].argmax(1)
    assert (last < 99).mean() == pytest.approx(whole.ended, abs=0.06) and last[last < 99].min() < 30


def test_half_of_the_examples_are_told_their_energy(recipe, takes):
    energy = torch.cat([draw_batch(takes, recipe, np.random.default_rng(seed)).energy for seed in range(40)])
    told = energy[energy.isfinite()]
    assert len(told) / len(energy) == pytest.approx(recipe.energetic, abs=0.12) and told.abs().max() <= 2.5


def test_prefixes_are_one_frame_or_what_a_window_hands_on(recipe):
    lengths = [draw_prefix(recipe, np.random.default_rng(seed)) for seed in range(300)]
    assert set(lengths) == {1, 2, 3, 4} and np.mean(np.array(lengths) == 1) == pytest.approx(0.7, abs=0.08)


def test_batches_are_seeded_and_hide_what_is_not_given(recipe, takes):
    first, again = (draw_batch(takes, recipe, np.random.default_rng(5)) for _ in range(2))
    assert torch.equal(first.points, again.points) and torch.equal(first.condition, again.condition)
    assert first.points.shape == (4, 12, 266) and first.presence.shape == first.condition_presence.shape == (4, 12, 133)
    absent = first.condition_presence.repeat_interleave(2, -1) == 0
    assert (first.condition[absent] == 0).all() and 0.1 < first.height.min() < first.height.max() < 4


class Answer(torch.nn.Module):
    """Answers the truth plus something wrong."""

    def __init__(self, batch: MotionBatch, wrong: torch.Tensor | float) -> None:
        super().__init__()
        self.answer = batch.points + wrong

    def forward(self, *_):
        return self.answer


def cost(batch, wrong, velocity=0.0):
    noise, t = torch.randn_like(batch.points), torch.full((4,), 999)
    clean = clean_of(Answer(batch, wrong), cogvideox_schedule("x0"), batch, noise, t)
    return motion_loss(clean, batch, velocity)


def test_the_truth_costs_nothing_and_neither_do_prefix_and_absent_joints(batch):
    assert (cost(batch, 0.0, 8.0) == 0).all()
    prefix = torch.zeros_like(batch.points)
    prefix[:, : batch.prefix] = 9
    assert (cost(batch, prefix, 8.0) == 0).all()
    absent = (1 - batch.presence).repeat_interleave(2, -1)
    assert absent.any() and (cost(batch, absent) == 0).all()


def test_a_flicker_costs_more_than_a_steady_error_when_velocity_counts(batch):
    steady = torch.full_like(batch.points, 0.1)
    flicker = steady * torch.tensor([1.0, -1.0]).repeat(6)[None, :, None]
    assert torch.allclose(cost(batch, steady), cost(batch, flicker), rtol=1e-3)
    assert (cost(batch, flicker, 8.0) > 4 * cost(batch, steady, 8.0)).all()


def test_errors_in_the_picture_are_those_of_decoded_places(batch):
    wrong = torch.randn_like(batch.points) * batch.presence.repeat_interleave(2, -1)
    present = batch.presence.numpy() > 0
    apart = decode((batch.points + wrong).numpy(), present) - decode(batch.points.numpy(), present)
    seen = present & present[:, :, [0, 5, 6, 9, 10, 15, 16]].all(-1, keepdims=True)  # no anchor is missing
    assert seen.any()
    np.testing.assert_allclose(
        placed(wrong.unflatten(-1, (-1, 2)), batch.presence).numpy()[seen], apart[seen], atol=1e-4
    )


def test_the_position_error_is_in_heights(batch):
    moved = batch.points.clone().unflatten(-1, (-1, 2))
    moved[:, :, [5, 6], 0] += 6.0 * 0.1 * batch.height[:, None, None]  # both shoulders, by a tenth of the height
    assert position_error(batch.points, batch) == 0
    shoulders = batch.presence[:, :, [5, 6]].all()
    if shoulders:  # everything hangs from them
        assert position_error(moved.flatten(-2), batch) == pytest.approx(0.1, rel=1e-3)


def test_training_learns_saves_and_goes_on_from_its_step(recipe, batch):
    trainer = MotionTrainer(recipe, 0)
    held = trainer.heldout_errors()
    assert held["free_999"] == pytest.approx(held["held"], rel=1e-4), "untrained, it holds the pose"
    assert held["refined_999"] < 0.5 * held["held"], "or follows the condition as it is"
    rng, t = np.random.default_rng(0), torch.full((4,), 700)
    noise = torch.from_numpy(rng.standard_normal(batch.points.shape, np.float32))

    def loss():
        return motion_loss(clean_of(trainer.model, trainer.schedule, batch, noise, t), batch, 1.0).mean()

    before = loss().item()
    for _ in range(12):
        trainer.step += 20  # past the warm-up
        trainer.descend(loss(), 0.1, 1, 0.3)
    assert loss().item() < 0.8 * before
    trainer.train_step(0.1)
    trainer.save()
    second = MotionTrainer(recipe, 0)
    assert second.step == trainer.step
    assert all(torch.equal(second.model.state_dict()[n], v) for n, v in trainer.model.state_dict().items())
    second.run()
    assert second.step > trainer.step
    line = json.loads((recipe.out / "log.jsonl").read_text().splitlines()[-1])
    assert {"refined_999", "free_300", "held", "loss", "step"} <= set(line)
    third = MotionTrainer(replace(recipe, out=recipe.out / "other", start=recipe.out / "motion.safetensors"), 0)
    assert third.step == 0 and third.model.proj_out.weight.abs().max() > 0


@pytest.fixture(scope="module")
def footage():
    return pieces(draw_film(2, "heldout", 40).poses, 12, "mine.mp4")


def test_footage_takes_its_share_of_a_batch_and_without_any_nothing_changes(recipe, takes, footage):
    plain, without = (draw_batch(takes, recipe, np.random.default_rng(5), *given) for given in ((), ((),)))
    assert torch.equal(plain.points, without.points) and torch.equal(plain.condition, without.condition)
    heights = {round(film.height / film.poses.canvas.square, 4) for film in footage}
    for share, count in ((0.3, 1), (0.5, 2), (1.0, 4)):
        mixed = draw_batch(takes, replace(recipe, footage_share=share), np.random.default_rng(5), footage)
        assert sum(round(h, 4) in heights for h in mixed.height.tolist()) == count


def test_joints_that_no_detector_found_are_not_taught(recipe, footage):
    gone = footage[0].poses.score.copy()
    gone[6:, 9:11] = 0
    film = replace(footage[0], poses=replace(footage[0].poses, score=gone))
    found = [example(film, recipe, np.random.default_rng(seed), 1)[1] for seed in range(12)]
    assert not any(present[6:, 9:11].any() for present in found)


def test_a_run_with_footage_tells_how_it_does_on_unseen_files(recipe, tmp_path):
    film = draw_film(2, "heldout", 40)
    held, seen = (next(n for n in map(str, range(99)) if is_held_out(n) == side) for side in (True, False))
    for name in (held, seen):
        save_json(film.poses, tmp_path / f"{name}.json")
    files = tuple(tmp_path / f"{name}.json" for name in (held, seen))
    trainer = MotionTrainer(replace(recipe, footage=files, footage_share=0.5), 0)
    assert np.isfinite(trainer.train_step(0.1))
    assert {"footage_999", "footage_free_999", "refined_999"} <= set(trainer.heldout_errors())
    with pytest.raises(HumanDiTError, match="lies in 0..1"):
        replace(recipe, footage_share=1.5)


def test_people_come_and_go(recipe):
    pool = TakePool(recipe, 7, 0)
    kept = [pool.renewed(step) for step in (7, 8)][-1]
    assert len(kept) == recipe.takes == 4
    again = TakePool(recipe, 8, 0)
    assert np.array_equal(again.takes[0].points, kept[0].points), "the same people at the same step"
    assert not np.array_equal(TakePool(recipe, 8, 1).takes[0].points, kept[0].points)

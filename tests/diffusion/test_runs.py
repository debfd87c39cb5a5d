"""Guidance in an interval and blocks that are spared: nothing lost where nothing is saved, nothing shared."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from humandit.diffusion.runs import FirstBlockCache, every_block
from humandit.video.config import DiTConfig
from humandit.video.model import HumanDiT
from humandit.video.sample import Sampling, sample_latents

TINY = DiTConfig(heads=2, head_dim=16, layers=3, time_dim=16, text_dim=None, rope_base=(4, 4), prediction="x0")
STEPS = 6


class Counted(HumanDiT):
    """Counts how often the model is asked, and its last block."""

    def __init__(self, config: DiTConfig) -> None:
        super().__init__(config)
        self.asked: list[tuple[int, bool]] = []
        self.last = 0
        self.transformer_blocks[-1].register_forward_hook(lambda *_: setattr(self, "last", self.last + 1))

    def forward(self, latents, timestep, pose=None, *args, **kwargs):
        self.asked.append((int(timestep[0]), pose is not None))
        return super().forward(latents, timestep, pose, *args, **kwargs)


@pytest.fixture
def model() -> Counted:
    torch.manual_seed(0)
    made = Counted(TINY).eval()
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=0.15)
    return made


def sample(model, sampling, seed=0, side=24):
    """The usual film has too many tokens for both branches of guidance to be asked in one call."""
    rng = torch.Generator().manual_seed(seed)
    prefix, noise = torch.randn(1, 1, 16, side, side, generator=rng), torch.randn(1, 2, 16, side, side, generator=rng)
    pose = (torch.rand(1, 3, side, side, 512, generator=rng) < 0.05).to(torch.uint8)
    return sample_latents(model, prefix, pose, noise, sampling)


PLAIN = Sampling(steps=STEPS)


def test_the_pose_is_projected_once_and_nothing_changes(model):
    pose, latents = torch.rand(1, 3, 8, 8, 512), torch.randn(1, 3, 16, 8, 8)
    time = torch.tensor([500])
    assert torch.equal(model(latents, time, pose), model(latents, time, model.pose_guider(pose)))


def test_guidance_everywhere_is_plain_guidance(model):
    everywhere = replace(PLAIN, guided_from=999, guided_to=0)
    assert torch.equal(sample(model, everywhere), sample(model, PLAIN))


def test_guidance_nowhere_is_no_guidance(model):
    nowhere = replace(PLAIN, guided_from=-1)
    assert torch.equal(sample(model, nowhere), sample(model, replace(PLAIN, guidance=1)))


def test_outside_the_interval_the_model_is_asked_once(model):
    some = sample(model, replace(PLAIN, guided_from=832, guided_to=499))
    both = [t for t, with_pose in model.asked if not with_pose]
    assert both == [832, 666, 499], "both ends count"
    assert [t for t, with_pose in model.asked if with_pose] == [999, 832, 666, 499, 332, 166]
    assert not torch.equal(some, sample(model, PLAIN))


def test_few_tokens_ask_for_both_branches_in_one_call(model, monkeypatch):
    together = sample(model, PLAIN, side=8)
    assert len(model.asked) == STEPS
    monkeypatch.setattr("humandit.video.sample.SMALL", 0)
    torch.testing.assert_close(together, sample(model, PLAIN, side=8))
    assert len(model.asked) == 3 * STEPS


def test_a_threshold_that_nothing_passes_changes_nothing(model):
    tokens = torch.randn(1, 48, 32)
    temb, rope = torch.randn(1, 2, 16), (torch.ones(48, 8), torch.zeros(48, 8))
    cache = FirstBlockCache(0)
    for _ in range(2):
        got, _words = cache(model.transformer_blocks, tokens, None, temb, rope, 16)
        assert torch.equal(got, every_block(model.transformer_blocks, tokens, None, temb, rope, 16)[0])
    assert cache.spared == 0
    assert torch.equal(sample(model, replace(PLAIN, cache=1e-9)), sample(model, PLAIN))


def test_a_large_threshold_runs_the_last_block_once_per_branch(model):
    sample(model, replace(PLAIN, cache=1e9))
    assert len(model.asked) == 2 * STEPS
    assert model.last == 2, "with the pose and without each have a cache of their own"


def test_a_spared_run_adds_what_the_others_added_last(model):
    temb, rope = torch.randn(1, 2, 16), (torch.ones(48, 8), torch.zeros(48, 8))
    first, later = torch.randn(2, 1, 48, 32)
    cache = FirstBlockCache(1e9)
    full, _ = cache(model.transformer_blocks, first, None, temb, rope, 16)
    got, _ = cache(model.transformer_blocks, later, None, temb, rope, 16)
    near = [model.transformer_blocks[0](x, None, temb, rope, 16)[0] for x in (first, later)]
    assert cache.spared == 1
    torch.testing.assert_close(got, near[1] + full - near[0])


def test_runs_share_nothing(model):
    cached = replace(PLAIN, cache=0.3)
    alone = sample(model, cached, seed=1)
    sample(model, cached, seed=2)
    assert torch.equal(sample(model, cached, seed=1), alone)


def test_words_are_spared_alike():
    torch.manual_seed(0)
    model = HumanDiT(replace(TINY, text_dim=12)).eval()
    temb, rope = torch.randn(1, 2, 16), (torch.ones(48, 8), torch.zeros(48, 8))
    tokens, words = torch.randn(1, 48, 32), torch.randn(1, 5, 32)
    cache = FirstBlockCache(1e-6)
    full = cache(model.transformer_blocks, tokens, words, temb, rope, 16)
    again = cache(model.transformer_blocks, tokens, words, temb, rope, 16)
    assert cache.spared == 1
    torch.testing.assert_close(again, full)

"""A film longer than the model knows is made of overlapping windows that agree at every step."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from humandit.errors import InvalidShape
from humandit.video.config import DiTConfig
from humandit.video.fun_pose import sample_fun_pose
from humandit.video.model import HumanDiT
from humandit.video.overlap import Overlap, blended, spans
from humandit.video.sample import Sampling
from tests.weights.checkpoints import random_like

FUN = DiTConfig(heads=2, head_dim=16, layers=2, time_dim=8, text_dim=12, in_channels=32)
SHORT = Sampling(steps=3, guidance=4.0)


def places(frames: int, overlap: Overlap | None) -> list[tuple[int, int]]:
    return [(span.start, span.stop) for span in spans(frames, overlap)]


def test_where_windows_lie() -> None:
    assert places(31, None) == places(31, Overlap(31, 3)) == [(0, 31)]
    assert places(31, Overlap()) == [(0, 13), (9, 22), (18, 31)]
    assert places(33, Overlap()) == [(0, 13), (9, 22), (18, 31), (20, 33)], "the last one is whole"
    assert Overlap.of_frames(49, 16) == Overlap(13, 4)
    with pytest.raises(InvalidShape, match="13 latent frames can share 1 to 12, got 13"):
        Overlap(13, 13)
    with pytest.raises(InvalidShape, match="got 0"):
        Overlap.of_frames(49, 3)


def test_windows_that_agree_are_the_film_and_others_are_averaged() -> None:
    film = torch.rand(2, 11, 3, 4)
    windows = spans(11, Overlap(5, 2))
    torch.testing.assert_close(blended([film[:, span] for span in windows], windows, 2, 1), film)
    zero_one = [torch.full((1, 5), float(i)) for i in range(2)]
    got = blended(zero_one, spans(8, Overlap(5, 2)), 2, 1)
    torch.testing.assert_close(got, torch.tensor([[0.0, 0, 0, 1 / 3, 2 / 3, 1, 1, 1]]))
    assert blended([film], windows[:1], 2, 1) is film


@pytest.fixture
def model() -> HumanDiT:
    made = HumanDiT(FUN).eval()
    made.load_state_dict({name: 4 * value for name, value in random_like(made.state_dict()).items()})
    return made


def given(frames: int) -> tuple[torch.Tensor, ...]:
    """Control, noise, and both prompts."""
    rng = torch.Generator().manual_seed(2)
    film = torch.randn(2, 1, frames, 16, 4, 4, generator=rng)
    return film[0], film[1], *torch.randn(2, 1, 5, 12, generator=rng)


def test_a_short_film_is_made_as_without_windows(model: HumanDiT) -> None:
    control, noise, text, negative = given(5)
    plain = sample_fun_pose(model, control, noise, text, negative, SHORT)
    assert torch.equal(plain, sample_fun_pose(model, control, noise, text, negative, SHORT, overlap=Overlap(5, 2)))


def test_every_window_is_what_the_model_knows(model: HumanDiT) -> None:
    """One step of a long film is the blend of one step of each of its windows."""
    control, noise, text, negative = given(9)
    once, overlap = replace(SHORT, steps=1), Overlap(5, 2)
    windows = spans(9, overlap)
    parts = [sample_fun_pose(model, control[:, w], noise[:, w], text, negative, once) for w in windows]
    got = sample_fun_pose(model, control, noise, text, negative, once, overlap=overlap)
    torch.testing.assert_close(got, blended(parts, windows, 2, 1), atol=1e-5, rtol=1e-5)
    whole = sample_fun_pose(model, control, noise, text, negative, once)
    assert (whole - got).abs().max() > 1e-3


def test_each_window_has_a_cache_of_its_own(model: HumanDiT) -> None:
    control, noise, text, negative = given(9)
    overlap = Overlap(5, 2)
    plain = sample_fun_pose(model, control, noise, text, negative, SHORT, overlap=overlap)
    cached = sample_fun_pose(model, control, noise, text, negative, replace(SHORT, cache=1e-9), overlap=overlap)
    torch.testing.assert_close(cached, plain, atol=1e-5, rtol=1e-5)

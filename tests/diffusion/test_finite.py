"""Numbers that are none stop a run at their step, with the step and the segment in the error."""

from __future__ import annotations

import pytest
import torch

from humandit.diffusion.config import TransformerConfig
from humandit.diffusion.finite import NotFinite, need_finite
from humandit.diffusion.samplers import SAMPLERS
from humandit.diffusion.sampling import Sampling, sample_after
from humandit.types import Canvas
from humandit.video.segments import chain, plan_segments

CONFIG = TransformerConfig(heads=1, head_dim=16, layers=1, time_dim=16, prediction="x0")


def run(breaks_at: int, sampler: str, on_step=lambda *_: None) -> torch.Tensor:
    """Four steps of a network that answers with NaN from timestep ``breaks_at`` on."""

    def ask(z, timestep, conditioned):
        return torch.where(timestep[0] <= breaks_at, torch.nan, z)

    return sample_after(torch.zeros(1, 1, 2), torch.ones(1, 2, 2), ask, CONFIG, Sampling(4, 1, sampler), on_step)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_run_stops_at_the_step_that_breaks(sampler):
    seen = []
    with pytest.raises(NotFinite, match=r"Step 3 of 4 .*not finite.*bf16 or fp32"):
        run(600, sampler, lambda done, *_: seen.append(done))
    assert seen == [1, 2]
    assert run(-1, sampler).isfinite().all()


def test_the_chain_says_which_segment_and_keeps_those_before():
    segments = plan_segments(16, 9, Canvas(16, 16))
    images = torch.zeros(17, 8, 8, 8)
    broken = chain(
        torch.zeros(16, 16, 3),
        images,
        segments,
        lambda frame: torch.zeros(1, 2, 2, 2),
        lambda segment, prefix, pose: run(600 if segment.index else -1, "ddim"),
        lambda latents: torch.zeros(9, 16, 16, 3),
    )
    assert next(broken).segment.index == 0
    with pytest.raises(NotFinite, match="Segment 2: Step 3 of 4 .*Earlier segments are complete"):
        next(broken)


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_one_number_is_enough(value):
    clean = torch.zeros(1, 3, 16, 4, 4, dtype=torch.float16)
    need_finite(clean, 1, 1)
    clean[0, 1, 2, 3, 3] = value
    with pytest.raises(NotFinite):
        need_finite(clean, 1, 1)

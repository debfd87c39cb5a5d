"""Smooth Pose between adapter and sampler, in the real server."""

import pytest

from tools.prompt import node_of

pytestmark = [pytest.mark.host, pytest.mark.slow]

SETTINGS = dict(method="savitzky-golay", strength=0.6, hands_strength=0.2, fill_gaps=3, fps=0.0, start=0)


def with_smoothing(prompt, **changes):
    """The prompt with Smooth Pose behind Adapt Pose; the sampler takes the smoothed poses."""
    adapted = [node_of(prompt, "HumanDiTAdaptPose"), 0]
    prompt["60"] = {"class_type": "HumanDiTSmoothPose", "inputs": {"poses": adapted, **SETTINGS, **changes}}
    prompt[node_of(prompt, "HumanDiTSample")]["inputs"]["poses"] = ["60", 0]
    return prompt


def test_smoothed_poses_drive_the_sampler_and_the_report_is_shown(client, prompt):
    run = client.run(with_smoothing(prompt, frames=20))
    assert run.end == "execution_success", run.error
    assert run.outputs["60"]["text"][0].startswith("Jitter")


def test_frames_beyond_the_film_are_refused_in_words(client, prompt):
    run = client.run(with_smoothing(prompt, start=5000, frames=10))
    assert run.end == "execution_error" and "Choose an earlier start" in run.error

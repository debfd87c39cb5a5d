"""Track Background between the film and the sampler, in the real server."""

import pytest

from tools.prompt import node_of

pytestmark = [pytest.mark.host, pytest.mark.slow]

SETTINGS = dict(mode="film", count=20, pan_x=0.0, pan_y=0.0, zoom=0.0)


def with_background(prompt, **changes):
    """The prompt with Track Background on the driving film; the sampler takes its points."""
    example = node_of(prompt, "HumanDiTExample")
    poses = prompt[node_of(prompt, "HumanDiTAdaptPose")]["inputs"]["poses"]
    given = {"images": [example, 1], "fps": [example, 2], "poses": poses, **SETTINGS, **changes}
    prompt["61"] = {"class_type": "HumanDiTTrackBackground", "inputs": given}
    prompt[node_of(prompt, "HumanDiTSample")]["inputs"]["background"] = ["61", 0]
    return prompt


@pytest.mark.parametrize("changes", [{}, {"mode": "pan and zoom", "pan_x": 0.2, "zoom": 0.1}])
def test_the_sampler_takes_the_points_and_the_node_shows_them(client, prompt, changes):
    run = client.run(with_background(prompt, **changes))
    assert run.end == "execution_success", run.error
    assert "points in sight" in run.outputs["61"]["text"][0] and len(run.outputs["61"]["images"]) == 3


def test_poses_of_something_else_are_refused_in_words(client, prompt):
    picture = prompt[node_of(prompt, "HumanDiTAdaptPose")]["inputs"]["reference_poses"]
    run = client.run(with_background(prompt, poses=picture))
    assert run.end == "execution_error" and "those of the same frames" in run.error

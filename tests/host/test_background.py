"""Track Background between the film and the sampler, in the real server."""

import pytest

from tools.prompt import node_of, with_own_files

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


def test_the_sampler_takes_a_made_camera_and_the_node_shows_it(client, prompt):
    run = client.run(with_background(prompt, mode="pan and zoom", pan_x=0.2, zoom=0.1))
    assert run.end == "execution_success", run.error
    assert "points in sight" in run.outputs["61"]["text"][0] and len(run.outputs["61"]["images"]) == 3


@pytest.mark.real
def test_the_camera_of_a_real_film(client, prompt, tmp_path):
    from tools.fetch import dance_mp4, example_picture

    prompt = with_background(prompt, detector=[node_of(prompt, "HumanDiTLoadPoseDetector"), 0])
    picture, film = client.upload(example_picture()), client.upload(dance_mp4(tmp_path, 20))
    run = client.run(with_own_files(prompt, picture, film))
    assert run.end == "execution_success", run.error
    assert int(run.outputs["61"]["text"][0].split()[0]) >= 5


def test_a_film_with_a_blurred_background_is_refused_in_words(client, prompt):
    run = client.run(with_background(prompt))
    assert run.end == "execution_error" and "still camera" in run.error


def test_poses_of_something_else_are_refused_in_words(client, prompt):
    picture = prompt[node_of(prompt, "HumanDiTAdaptPose")]["inputs"]["reference_poses"]
    run = client.run(with_background(prompt, poses=picture))
    assert run.end == "execution_error" and "those of the same frames" in run.error

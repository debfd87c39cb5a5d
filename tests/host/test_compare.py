"""Compare in the real server: two pictures of the bundled example, side by side."""

import pytest

from tools.prompt import node_of

pytestmark = [pytest.mark.host, pytest.mark.slow]


def test_the_driving_film_against_itself_and_against_the_picture(client, prompt):
    example = node_of(prompt, "HumanDiTExample")
    film, picture = [example, 1], [example, 0]
    small = {
        "1": prompt[example],
        "70": {"class_type": "HumanDiTCompare", "inputs": {"images_a": film, "images_b": film}},
        "71": {
            "class_type": "HumanDiTCompare",
            "inputs": {"images_a": picture, "images_b": film, "label_a": "picture"},
        },
        "72": {"class_type": "PreviewImage", "inputs": {"images": ["71", 1]}},
    }
    small = {(example if key == "1" else key): node for key, node in small.items()}
    run = client.run(small)
    assert run.end == "execution_success", run.error
    assert "ssim 1.000" in run.outputs["70"]["text"][0] and len(run.outputs["70"]["images"]) == 1
    assert (
        "picture has" not in run.outputs["71"]["text"][0]
        and "the first 1 were compared" in run.outputs["71"]["text"][0]
    )
    assert len(run.outputs["72"]["images"]) == 1

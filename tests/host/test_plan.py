"""HumanDiT Plan in the real server: alone, in front of the sampler, and with nothing where a picture is wanted."""

import pytest

from tools.prompt import node_of

pytestmark = [pytest.mark.host, pytest.mark.slow]

SETTINGS = dict(
    width=64, height=64, mode="fit", seconds=0.6, frames=0, fps=12.5, segment_frames=0, steps=2, guidance=1.5,
    model_size="mini", precision="default",
)  # fmt: skip


def planned(prompt, **changes):
    """The bundled workflow with its picture, sizes and length from a plan."""
    sampler = prompt[node_of(prompt, "HumanDiTSample")]["inputs"]
    given = {"picture": sampler["reference"], "model": sampler["model"]}
    prompt["70"] = {"class_type": "HumanDiTPlan", "inputs": {**SETTINGS, **given, **changes}}
    names = ("width", "height", "frames", "segment_frames", "fps", "reference")
    sampler.update({name: ["70", number] for number, name in enumerate(names)}, steps=2)
    return prompt


def test_the_plan_sets_the_film_and_is_shown(client, prompt):
    run = client.run(planned(prompt))
    assert run.end == "execution_success", run.error
    report = run.outputs["70"]["text"][0]
    assert "8 frames" in report and "1 of 9 frames" in report and "free" in report


def test_it_runs_alone_and_plans_for_what_is_not_here(client):
    inputs = {**SETTINGS, "width": 720, "height": 1280, "seconds": 20.0, "model_size": "5b"}
    run = client.run({"1": {"class_type": "HumanDiTPlan", "inputs": inputs}})
    assert run.end == "execution_success", run.error
    assert "118,800 tokens" in run.outputs["1"]["text"][0]


def test_a_picture_that_is_not_connected_is_named(client):
    prompt = {
        "1": {"class_type": "HumanDiTPlan", "inputs": SETTINGS},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 5]}},
    }
    run = client.run(prompt)
    assert "2" not in run.outputs and "Connect its picture input" in (run.error or "")

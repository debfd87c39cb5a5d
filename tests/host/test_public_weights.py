"""The workflows of the public 5B weights in the real server, with tiny files of the true form in the folders and under
the names that they ask for."""

from __future__ import annotations

import pytest

from humandit.weights.full_size import FILES
from tests.host.public import FUN, SMALL, TEXT_ENCODER, TINY, VCTRL, film_alone, tiny_files, without_text
from tools.client import HostError
from tools.graphs import GRAPHS
from tools.prompt import bundled, node_of, with_values

pytestmark = [pytest.mark.host, pytest.mark.slow]

SAMPLER = {FUN: "HumanDiTFunPose", VCTRL: "HumanDiTVCtrl"}


@pytest.fixture(scope="module", autouse=True)
def files(host, tmp_path_factory):
    with tiny_files(host.base / "models", tmp_path_factory.mktemp("public")):
        yield


def small(name):
    prompt = without_text(bundled(name))
    for node, values in SMALL[name].items():
        prompt = with_values(prompt, node, **values)
    return prompt


def test_every_file_that_the_workflows_ask_for_stands_for_one_here():
    asked = {file for graph in GRAPHS for file in graph.files}
    assert asked == {*TINY, TEXT_ENCODER}
    assert {file.place for file in FILES} == asked


@pytest.mark.real
@pytest.mark.parametrize(("name", "size", "frames", "says"), [
    (FUN, (32, 48), 13, "a CogVideoX-Fun Pose or Control transformer"),
    (VCTRL, (48, 32), 12, "a CogVideoX-5b-I2V transformer"),
])  # fmt: skip
def test_the_workflow_runs_with_its_files(client, tmp_path, name, size, frames, says):
    from humandit.media.read import read_film

    prompt = small(name)
    run = client.run(prompt)
    assert run.end == "execution_success" and not run.refused, run.error or run.refused

    path = tmp_path / "out.mp4"
    path.write_bytes(client.view(run.outputs[node_of(prompt, "SaveVideo")]["images"][0]))
    film = read_film(path)
    assert film.frames.shape == (frames, *size, 3) and film.fps == 8.0 and film.frames.std() > 5
    assert run.progress(node_of(prompt, SAMPLER[name]))[-1] == (2 if name == FUN else 4)
    loaded = run.outputs[node_of(prompt, "HumanDiTLoadModel")]["text"][0]
    assert loaded.startswith(says) and "licence: CogVideoX LICENSE" in loaded
    if name == VCTRL:
        assert "licence: Apache-2.0" in run.outputs[node_of(prompt, "HumanDiTLoadVCtrl")]["text"][0]


@pytest.mark.real
def test_a_film_that_is_drawn_already(client):
    """The pictures of Draw Pose in place of poses; a single picture is refused in words."""
    prompt = small(FUN)
    sampler, drawn = node_of(prompt, "HumanDiTFunPose"), [node_of(prompt, "HumanDiTDrawPose"), 0]
    prompt[sampler]["inputs"] |= {"poses": drawn, "frames": 9}
    run = client.run(prompt)
    assert run.end == "execution_success" and not run.refused, run.error or run.refused
    prompt[sampler]["inputs"] |= {"poses": [node_of(prompt, "HumanDiTExample"), 0]}
    assert "A picture of the person belongs to reference of HumanDiT VCtrl" in client.run(prompt).error


@pytest.mark.parametrize("name", [FUN, VCTRL])
def test_a_file_that_is_missing_is_named(client, name):
    """As it is, the workflow asks for a text encoder that is not here."""
    with pytest.raises(HostError) as refused:
        client.run(film_alone(bundled(name)))
    assert "t5xxl_fp8_e4m3fn.safetensors" in refused.value.messages


@pytest.mark.parametrize(
    ("node", "wanted", "source"),
    [
        ("HumanDiTLoadModel", "diffusion_models/CogVideoX-Fun-V1.1-5b-Pose.safetensors", "alibaba-pai/CogVideoX-Fun-"),
        ("HumanDiTLoadModel", "diffusion_models/CogVideoX_1_0_5b_I2V_bf16.safetensors", "Kijai/CogVideoX-comfy"),
        ("HumanDiTLoadVAE", "vae/cogvideox_vae_bf16.safetensors", "Kijai/CogVideoX-comfy"),
        ("HumanDiTLoadVCtrl", "controlnet/vctrl-pose-vertical.safetensors", "PaddleMIX/VCtrl-5B-I2V-Pose-V2-vertical"),
        ("HumanDiTLoadModel", "diffusion_models/of-a-friend.safetensors", "Put it into"),
    ],
)
def test_weights_that_are_missing_are_told_with_their_source_and_folder(client, host, node, wanted, source):
    name, place = wanted.rpartition("/")[2], host.base / "models" / wanted
    prompt = film_alone(small(VCTRL if node == "HumanDiTLoadVCtrl" else FUN))
    widget = {"HumanDiTLoadModel": "model", "HumanDiTLoadVAE": "vae", "HumanDiTLoadVCtrl": "vctrl"}[node]
    away = place.with_suffix(".away")
    if place.exists():
        place.rename(away)
    try:
        with pytest.raises(HostError) as refused:
            client.run(with_values(prompt, node, **{widget: name}))
    finally:
        if away.exists():
            away.rename(place)
    message = refused.value.messages
    assert f"{name} is not in models/{wanted.partition('/')[0]}" in message and source in message, message


@pytest.mark.real
def test_weights_for_another_node_are_refused_in_words(client):
    """Fun weights in the picture's workflow, and the picture's in Fun's."""
    swapped = {FUN: "CogVideoX_1_0_5b_I2V_bf16", VCTRL: "CogVideoX-Fun-V1.1-5b-Pose"}
    words = {FUN: "these take a picture. Load CogVideoX-Fun", VCTRL: "no reference picture: who is in the film comes"}
    for name, other in swapped.items():
        run = client.run(with_values(small(name), "HumanDiTLoadModel", model=f"{other}.safetensors"))
        assert run.end == "execution_error" and words[name] in run.error, run.error

"""The bundled workflows through POST /prompt, the websocket and /view."""

import io

import numpy as np
import pytest
from PIL import Image

from tools.client import Client
from tools.prompt import bundled, node_of, nodes_of, with_own_files, with_values

pytestmark = [pytest.mark.host, pytest.mark.slow]


def played(client, run, prompt, path):
    from humandit.media.read import read_film

    path.write_bytes(client.view(run.outputs[node_of(prompt, "SaveVideo")]["images"][0]))
    return read_film(path)


def test_workflow_makes_a_film_and_says_how_far_it_is(client, prompt, tmp_path):
    run = client.run(with_values(prompt, "HumanDiTSample", seed=4821))  # its own: a film made before would go on
    assert run.end == "execution_success", run.error

    film = played(client, run, prompt, tmp_path / "out.mp4")
    assert film.frames.shape == (17, 192, 192, 3) and film.fps == 12.5
    assert film.frames.std() > 10

    steps = run.progress(node_of(prompt, "HumanDiTSample"))
    assert steps == sorted(steps) and len(steps) >= 6, steps
    assert run.previews


@pytest.mark.parametrize(
    ("name", "maker", "poses", "frames", "says"),
    [
        ("bring-a-still-to-life", "HumanDiTGenerateMotion", 50, 50, "50 frames, 4.0 s at 12.5 fps"),
        ("dance-transfer-refined", "HumanDiTRefineMotion", 8 + 63, 48, "Bridge of 8 frames"),
    ],
)
def test_workflow_of_the_motion_model_runs_as_it_is(client, tmp_path, name, maker, poses, frames, says):
    prompt = bundled(name)
    run = client.run(prompt)
    assert run.end == "execution_success", run.error

    film = played(client, run, prompt, tmp_path / "out.mp4")
    assert film.frames.shape == (frames, 192, 192, 3) and film.fps == 12.5
    assert film.frames.std() > 10

    made, driving = run.outputs[node_of(prompt, maker)], nodes_of(prompt, "PreviewImage")[-1]
    assert says in made["text"][0] and made["images"]
    assert prompt[driving]["_meta"]["title"] == "Driving poses"
    assert len(run.outputs[driving]["images"]) == poses


def test_workflow_of_poses_alone_leaves_a_film_and_a_file(client, tmp_path):
    from humandit.pose.formats import load_any

    prompt = bundled("pose-toolkit")
    run = client.run(prompt)
    assert run.end == "execution_success", run.error

    film = played(client, run, prompt, tmp_path / "out.mp4")
    driving = run.outputs[node_of(prompt, "PreviewImage")]["images"]
    assert film.fps == 16 and len(film.frames) == len(driving) > 60
    assert film.frames.max() > 200 and np.median(film.frames) < 20, "skeletons on black"
    subfolder, name = run.outputs[node_of(prompt, "HumanDiTSavePose")]["text"][0].removeprefix("Saved ").rsplit("/", 1)
    (tmp_path / "poses.json").write_bytes(client.view({"filename": name, "subfolder": subfolder, "type": "output"}))
    assert len(load_any(tmp_path / "poses.json")) == len(film.frames)


def test_workflow_of_the_long_film_is_measured_segment_by_segment(client, tmp_path):
    prompt = bundled("long-video")
    run = client.run(with_values(prompt, "HumanDiTSample", steps=4))
    assert run.end == "execution_success", run.error
    film = played(client, run, prompt, tmp_path / "out.mp4")
    assert film.frames.shape[1:] == (192, 192, 3) and len(film.frames) > 60
    report = run.outputs[node_of(prompt, "HumanDiTDriftMeter")]["text"][0]
    assert len([line for line in report.splitlines() if line[:1].isdigit() or "egment" in line]) >= 4, report
    drift = next(key for key in nodes_of(prompt, "PreviewImage") if prompt[key]["_meta"]["title"] == "Drift")
    assert run.outputs[drift]["images"]


def test_workflow_of_the_core_sampler_makes_one_segment(client, tmp_path):
    prompt = bundled("ksampler-route")
    run = client.run(with_values(prompt, "KSampler", steps=8))
    assert run.end == "execution_success", run.error
    film = played(client, run, prompt, tmp_path / "out.mp4")
    assert film.frames.shape == (25, 192, 192, 3) and film.frames.std() > 10
    assert run.progress(node_of(prompt, "KSampler"))[-1] == 8


def test_same_seed_same_film_other_seed_other_film(client, prompt):
    """As pictures: the host's own film writer does not write the same film twice."""
    pictures = {"class_type": "SaveImage", "inputs": {"filename_prefix": "same", "images": None}}
    pictures["inputs"]["images"] = [node_of(prompt, "HumanDiTSample"), 0]
    films = []
    for seed in (5, 6, 5):
        run = client.run({**with_values(prompt, "HumanDiTSample", seed=seed, frames=9, steps=2), "same": pictures})
        saved = [client.view(file) for file in run.outputs["same"]["images"]]
        films.append(np.stack([np.asarray(Image.open(io.BytesIO(picture))) for picture in saved]))
    first, other, again = films
    assert len(first) == 9 and np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.real
def test_own_picture_and_a_real_film(client: Client, prompt, tmp_path):
    from tools.fetch import dance_mp4, example_picture

    picture, film = client.upload(example_picture()), client.upload(dance_mp4(tmp_path, 30))
    prompt = with_own_files(prompt, picture, film)
    run = client.run(prompt)
    assert run.end == "execution_success", run.error
    assert len(run.outputs[node_of(prompt, "PreviewImage")]["images"]) == 30
    assert len(played(client, run, prompt, tmp_path / "out.mp4")) == 17

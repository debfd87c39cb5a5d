"""The bundled workflows through POST /prompt, the websocket and /view."""

import pytest

from tools.client import Client
from tools.prompt import bundled, node_of, nodes_of, with_own_files, with_values

pytestmark = [pytest.mark.host, pytest.mark.slow]


def played(client, run, prompt, path):
    from humandit.media.read import read_film

    path.write_bytes(client.view(run.outputs[node_of(prompt, "SaveVideo")]["images"][0]))
    return read_film(path)


def test_workflow_makes_a_film_and_says_how_far_it_is(client, prompt, tmp_path):
    run = client.run(prompt)
    assert run.end == "execution_success", run.error

    film = played(client, run, prompt, tmp_path / "out.mp4")
    assert film.frames.shape == (17, 128, 128, 3) and film.fps == 12.5
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
    assert film.frames.shape == (frames, 128, 128, 3) and film.fps == 12.5
    assert film.frames.std() > 10

    made, driving = run.outputs[node_of(prompt, maker)], nodes_of(prompt, "PreviewImage")[-1]
    assert says in made["text"][0] and made["images"]
    assert prompt[driving]["_meta"]["title"] == "Driving poses"
    assert len(run.outputs[driving]["images"]) == poses


def test_same_seed_same_film_other_seed_other_film(client, prompt, tmp_path):
    films = [
        played(client, run, prompt, tmp_path / f"{index}.mp4").frames
        for index, seed in enumerate((5, 6, 5))
        for run in [client.run(with_values(prompt, "HumanDiTSample", seed=seed, frames=9, steps=2))]
    ]
    assert (films[0] == films[2]).all() and (films[0] != films[1]).any()


@pytest.mark.real
def test_own_picture_and_a_real_film(client: Client, prompt, tmp_path):
    from tools.fetch import dance_mp4, example_picture

    picture, film = client.upload(example_picture()), client.upload(dance_mp4(tmp_path, 30))
    prompt = with_own_files(prompt, picture, film)
    run = client.run(prompt)
    assert run.end == "execution_success", run.error
    assert len(run.outputs[node_of(prompt, "PreviewImage")]["images"]) == 30
    assert len(played(client, run, prompt, tmp_path / "out.mp4")) == 17


def test_core_sampler_makes_one_segment(client, prompt):
    sample = prompt.pop(node_of(prompt, "HumanDiTSample"))
    shared = {name: sample["inputs"][name] for name in ("vae", "reference", "reference_poses", "poses")}
    video = node_of(prompt, "CreateVideo")
    prompt |= {
        "50": {
            "class_type": "HumanDiTCondition",
            "inputs": {**shared, "width": 128, "height": 128, "frames": 9, "start": 0},
        },
        "51": {
            "class_type": "KSampler",
            "inputs": {
                "model": sample["inputs"]["model"],
                "positive": ["50", 0],
                "negative": ["50", 1],
                "latent_image": ["50", 2],
                "seed": 1,
                "steps": 3,
                "cfg": 1.5,
                "sampler_name": "euler",
                "scheduler": "simple",
                "denoise": 1.0,
            },
        },
        "52": {"class_type": "VAEDecode", "inputs": {"samples": ["51", 0], "vae": sample["inputs"]["vae"]}},
        video: {"class_type": "CreateVideo", "inputs": {"images": ["52", 0], "fps": 12.5}},
    }
    run = client.run(prompt)
    assert run.end == "execution_success", run.error
    assert run.progress("51") == [0, 1, 2, 3] or run.progress("51")[-1] == 3

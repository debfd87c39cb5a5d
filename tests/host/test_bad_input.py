"""Every input that cannot work ends as a node error that says what was expected, what came and what to do."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from tools.client import Client, HostError
from tools.prompt import Prompt, with_own_files, with_values

pytestmark = pytest.mark.host


def complaint(client: Client, prompt: Prompt) -> str:
    """The one message that the user sees; fails if the prompt is accepted and runs through."""
    try:
        run = client.run(prompt)
    except HostError as error:
        assert error.status == 400
        return error.messages
    if run.refused:  # the film's part of the graph was refused, the preview's part ran
        return run.refused
    assert run.end == "execution_error", run.outputs
    return run.error


def readable(message: str) -> bool:
    return 20 < len(message) < 700 and "Traceback" not in message


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"width": 130}, ["16", "130"]),
        ({"height": 8}, ["8"]),
        ({"segment_frames": 12}, ["8k+1", "12"]),
        ({"steps": 0}, ["0"]),
        ({"width": 1280, "height": 1280, "segment_frames": 249, "frames": 249}, ["budget"]),
    ],
)
def test_sizes(client, prompt, values, words):
    message = complaint(client, with_values(prompt, "HumanDiTSample", **values))
    assert readable(message) and all(word in message for word in words), message


def example_files(client: Client, tmp_path: Path, frames: int = 20) -> tuple[str, str]:
    from humandit.media.read import read_film
    from humandit.media.write import write_mp4
    from tools.fetch import example_film, example_picture

    film = read_film(example_film(), frames, min_frames=1)
    write_mp4(tmp_path / f"film-{frames}.mp4", film.frames, film.fps)
    return client.upload(example_picture()), client.upload(tmp_path / f"film-{frames}.mp4")


@pytest.mark.real
def test_nobody_in_the_picture(client, prompt, nobody, tmp_path):
    message = complaint(client, with_own_files(prompt, nobody[0], example_files(client, tmp_path)[1]))
    assert readable(message) and "person" in message.lower(), message


@pytest.mark.real
def test_nobody_in_the_film(client, prompt, nobody, tmp_path):
    message = complaint(client, with_own_files(prompt, example_files(client, tmp_path)[0], nobody[1]))
    assert readable(message) and "person" in message.lower(), message


@pytest.mark.real
def test_film_of_one_frame(client, prompt, tmp_path):
    message = complaint(client, with_own_files(prompt, *example_files(client, tmp_path, frames=1)))
    assert readable(message) and "frame" in message, message


@pytest.mark.parametrize("which", ["picture", "film"])
@pytest.mark.parametrize("content", [b"this is no picture and no film", b""])
def test_not_a_picture_not_a_film(client, prompt, tmp_path, which, content):
    broken = tmp_path / ("broken.png" if which == "picture" else "broken.mp4")
    broken.write_bytes(content)
    picture, film = example_files(client, tmp_path)
    name = client.upload(broken)
    message = complaint(client, with_own_files(prompt, *((name, film) if which == "picture" else (picture, name))))
    assert message.strip()  # core's own loaders speak here


def weight_file(kind: str) -> bytes:
    """Bytes of a file that is no weight file, a broken one, or one of another model."""
    if kind == "text":
        return b"these are no weights, only words " * 40
    shapes = {"model.diffusion_model.input_blocks.0.0.weight": [4, 4, 3, 3], "model.diffusion_model.out.2.bias": [4]}
    header, data = {}, b""
    for name, shape in shapes.items():
        values = np.zeros(shape, np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    whole = struct.pack("<Q", len(text)) + text + data
    return whole[: len(whole) // 2 + len(text) // 2] if kind == "truncated" else whole


@pytest.mark.parametrize("node", ["HumanDiTLoadModel", "HumanDiTLoadVAE"])
@pytest.mark.parametrize("kind", ["text", "truncated", "other"])
def test_weights(client, host, prompt, node, kind):
    folder, name = ("diffusion_models", "model") if node == "HumanDiTLoadModel" else ("vae", "vae")
    path = host.base / "models" / folder / f"{kind}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(weight_file(kind))
    message = complaint(client, with_values(prompt, node, **{name: path.name}))
    assert readable(message) and path.name in message, message
    if kind == "other":
        assert "Stable Diffusion" in message or "looks like" in message.lower(), message


def test_nothing_half_written_stays(client, host, prompt):
    complaint(client, with_values(prompt, "HumanDiTSample", width=130))
    assert not [
        path for path in (host.base / "output").rglob("*") if path.name.startswith(".") or path.suffix == ".tmp"
    ]

"""The server is killed in the middle of a film; started again, the same prompt ends with the same frames.

Slow: it starts four servers of its own, one after the other.
"""

import io
import os
import signal

import numpy as np
import pytest

from tools.client import Client
from tools.host import running_host
from tools.prompt import bundled, node_of, with_values

pytestmark = [
    pytest.mark.host,
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="kills a whole process group"),
]
STEPS = 6
FILM = dict(width=64, height=64, frames=38, segment_frames=9, steps=STEPS, seed=11)
"""Five segments, the last one shorter."""


@pytest.fixture
def film():
    """The bundled workflow, small, with every frame saved without loss as well."""
    small = with_values(bundled(), "HumanDiTSample", **FILM)
    frames = {"images": [node_of(small, "HumanDiTSample"), 0], "filename_prefix": "exact"}
    return {**small, "900": {"class_type": "SaveImage", "inputs": frames}}


def frames_of(client, run):
    from PIL import Image

    files = run.outputs["900"]["images"]
    return np.stack([np.asarray(Image.open(io.BytesIO(client.view(file)))) for file in files])


def killed_at(server, prompt, step):
    """Queue the prompt and kill the server, and all that belongs to it, once the sampler has done so many steps."""
    sampler = node_of(prompt, "HumanDiTSample")

    def kill(event):
        state = event.data.get("nodes", {}).get(sampler) if event.kind == "progress_state" else None
        if state and state["max"] > 1 and state["value"] >= step:
            os.killpg(server.process.pid, signal.SIGKILL)

    with pytest.raises(Exception):  # noqa: B017  (whatever the socket says)
        Client(server.url).run(prompt, kill)
    assert server.process.wait(30) == -signal.SIGKILL


def test_killed_at_three_points_the_film_is_the_undisturbed_one(client, film, tmp_path):
    whole = client.run(film)
    assert whole.end == "execution_success", whole.error
    expected = frames_of(client, whole)
    assert expected.shape == (38, 64, 64, 3) and expected.std() > 10
    assert "text" not in whole.outputs.get(node_of(film, "HumanDiTSample"), {})

    base = tmp_path / "comfyui"
    for step in (2, 2 * STEPS + 3, 4 * STEPS):  # in the first segment, in the third, at the end of the fourth
        with running_host(base) as server:
            killed_at(server, film, step)
    with running_host(base) as server:
        again = Client(server.url)
        run = again.run(film)
        assert run.end == "execution_success", run.error + server.tail()
        (said,) = run.outputs[node_of(film, "HumanDiTSample")]["text"]
        assert said in ("Resumed at segment 4 of 5.", "Resumed at segment 5 of 5.")
        kept = [value for value in run.progress(node_of(film, "HumanDiTSample")) if 1 < value <= 3 * STEPS]
        assert all(value % STEPS == 0 for value in kept), "no step of a finished segment was made again"
        assert np.array_equal(frames_of(again, run), expected)
        other = again.run(with_values(film, "HumanDiTSample", seed=12))
        assert "text" not in other.outputs.get(node_of(film, "HumanDiTSample"), {})
        assert not np.array_equal(frames_of(again, other), expected), "another seed is another film"

"""Two people in one film, in the real server and browser: told apart, shown, chosen by a click."""

from __future__ import annotations

import pytest

from humandit.data.synthetic.crossing import FPS, render_crossing
from humandit.media.write import write_mp4
from tools.browser import complaints, open_comfy
from tools.build_workflow import BUILD
from tools.graph import node

pytestmark = [pytest.mark.host, pytest.mark.slow]

FRAMES = 24
FILM_LINKS = {"detector": (3, 0), "images": (2, 0), "fps": (2, 2)}
RUN = """async () => {
    const ended = new Promise(resolve => {
        for (const kind of ["execution_success", "execution_error"])
            window.app.api.addEventListener(kind, event => resolve({kind, ...event.detail}), {once: true})
    })
    await window.app.queuePrompt(0, 1)
    return await ended
}"""
CHOSEN = """() => window.app.graph._nodes.find(n => n.type === "HumanDiTDetectPose")
    .widgets.find(w => w.name === "person").value"""


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "crossing.mp4"
    write_mp4(path, render_crossing(0, "heldout", FRAMES).frames, FPS)
    return path


def graph(film_name, person):
    """Load a film, detect, draw; the drawn poses are saved as a preview."""
    return {
        "1": {"class_type": "LoadVideo", "inputs": {"file": film_name}},
        "2": {"class_type": "GetVideoComponents", "inputs": {"video": ["1", 0]}},
        "3": {"class_type": "HumanDiTLoadPoseDetector", "inputs": {"detector": "mediapipe", "download": True}},
        "4": {
            "class_type": "HumanDiTDetectPose",
            "inputs": {"detector": ["3", 0], "images": ["2", 0], "fps": ["2", 2], "person": person},
        },
        "5": {"class_type": "HumanDiTDrawPose", "inputs": {"poses": ["4", 2], "width": 0, "height": 0}},
        "6": {"class_type": "PreviewImage", "inputs": {"images": ["5", 0]}},
    }


def test_everybody_is_found_and_nodes_behind_run_once_each(client, film):
    run = client.run(graph(client.upload(film), "everyone"))
    assert run.end == "execution_success", run.error
    found = run.outputs["4"]
    assert found["text"][0].startswith("2 people"), found["text"]
    assert len(found["people"]) == 2 and all(0.5 < p["present"] <= 1 for p in found["people"])
    assert len(run.outputs["6"]["images"]) == 2 * FRAMES


def test_a_person_nobody_is_refused_in_words(client, film):
    run = client.run(graph(client.upload(film), "7"))
    assert run.end == "execution_error" and "there are 2 (0 to 1)" in run.error


@pytest.mark.browser
def test_a_click_on_a_picture_chooses_the_person(browser, host, client, film):
    page = open_comfy(browser, host.url)
    try:
        page.evaluate(BUILD, [canvas(client.upload(film)), []])
        assert page.evaluate(RUN)["kind"] == "execution_success"
        buttons = page.locator(".humandit-people button")
        buttons.nth(1).wait_for()
        assert buttons.count() == 2
        buttons.nth(1).click()
        assert page.evaluate(CHOSEN) == "1"
        assert page.evaluate(RUN)["kind"] == "execution_success"
        assert complaints(page) == []
    finally:
        page.close()


def canvas(film_name):
    """The same graph as a user has it on the canvas."""
    return [
        node(1, "LoadVideo", (0, 0), (270, 90), values={"file": film_name}),
        node(2, "GetVideoComponents", (300, 0), (200, 90), links={"video": (1, 0)}),
        node(3, "HumanDiTLoadPoseDetector", (0, 300), (270, 90)),
        node(4, "HumanDiTDetectPose", (600, 0), (320, 420), links=FILM_LINKS, values={"person": "largest"}),
        node(5, "HumanDiTDrawPose", (1000, 0), (270, 90), links={"poses": (4, 0)}),
        node(6, "PreviewImage", (1000, 300), (270, 250), links={"images": (5, 0)}),
    ]

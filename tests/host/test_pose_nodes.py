"""All pose nodes on one canvas in the real browser: as an artist wires them, run by the button, looked at."""

from __future__ import annotations

import pytest

from humandit.data.synthetic import render_clip
from humandit.pose.formats import save_json
from tools.browser import complaints, missing_nodes, open_comfy
from tools.build_workflow import BUILD
from tools.client import Client
from tools.graph import node

pytestmark = [pytest.mark.host, pytest.mark.browser, pytest.mark.slow]

EXAMPLE, DETECTOR, PICTURE, FILM, SMOOTH, ADAPT, BACKGROUND, KEYPOINT, SAVE, DRAW, PREVIEW, SAMPLE, FRAMES = range(
    1, 14
)
POSE_FILE, LOADED = "one-person.json", 32
POSES = {"reference_poses": (PICTURE, 0), "poses": (ADAPT, 0)}
GRAPH = [
    node(EXAMPLE, "HumanDiTExample", (0, 0), (270, 110)),
    node(DETECTOR, "HumanDiTLoadPoseDetector", (0, 200), (270, 150)),
    node(
        PICTURE, "HumanDiTDetectPose", (320, 0), (270, 200),
        links={"detector": (DETECTOR, 0), "images": (EXAMPLE, 0)},
    ),
    node(
        FILM, "HumanDiTDetectPose", (320, 300), (270, 200), values={"person": "largest"},
        links={"detector": (DETECTOR, 0), "images": (EXAMPLE, 1), "fps": (EXAMPLE, 2)},
    ),
    node(SMOOTH, "HumanDiTSmoothPose", (640, 300), (270, 200), links={"poses": (FILM, 0)}, values={"frames": 30}),
    node(
        ADAPT, "HumanDiTAdaptPose", (960, 0), (270, 300), values={"ground": True, "keep_inside": True, "arms": 0.8},
        links={"reference_poses": (PICTURE, 0), "poses": (SMOOTH, 0), "picture": (EXAMPLE, 0)},
    ),
    node(
        BACKGROUND, "HumanDiTTrackBackground", (640, 600), (270, 300), values={"mode": "still"},
        links={"images": (EXAMPLE, 1), "fps": (EXAMPLE, 2), "poses": (FILM, 0)},
    ),
    node(KEYPOINT, "HumanDiTPoseToKeypoint", (1280, 0), (270, 100), links={"poses": (ADAPT, 0)}),
    node(SAVE, "HumanDiTSavePose", (1280, 200), (270, 150), links={"poses": (KEYPOINT, 0)}),
    node(DRAW, "HumanDiTDrawPose", (1280, 450), (270, 150), links={"poses": (KEYPOINT, 0)}),
    node(PREVIEW, "PreviewImage", (1600, 450), (270, 250), links={"images": (DRAW, 0)}),
    node(20, "HumanDiTLoadModel", (960, 700), (270, 100)),
    node(21, "HumanDiTLoadVAE", (960, 850), (270, 100)),
    node(
        SAMPLE, "HumanDiTSample", (1280, 700), (270, 400), values={"frames": 9, "segment_frames": 9, "steps": 2},
        links={"model": (20, 0), "vae": (21, 0), "reference": (EXAMPLE, 0), "background": (BACKGROUND, 0), **POSES},
    ),
    node(FRAMES, "PreviewImage", (1600, 750), (270, 250), links={"images": (SAMPLE, 0)}),
    node(30, "HumanDiTLoadPose", (0, 450), (270, 200), values={"file": POSE_FILE}),
    node(31, "HumanDiTDrawPose", (0, 700), (270, 150), links={"poses": (30, 1)}),
    node(LOADED, "PreviewImage", (0, 900), (270, 250), links={"images": (31, 0)}),
]  # fmt: skip
WATCH = """() => {
    window.humanditEnds = []
    for (const kind of ["execution_success", "execution_error"])
        window.app.api.addEventListener(kind, event => window.humanditEnds.push({kind, ...event.detail}))
}"""
OUTPUTS = "() => Object.fromEntries(Object.entries(window.app.nodeOutputs).map(([id, value]) => [id, value]))"


@pytest.fixture(scope="module")
def outputs(browser, host, tmp_path_factory):
    """What every node showed after one run, and what the page complained about."""
    file = tmp_path_factory.mktemp("poses") / POSE_FILE
    save_json(render_clip(0, "heldout", 3, 64).poses, file)
    Client(host.url).upload(file)
    page = open_comfy(browser, host.url)
    page.set_default_timeout(60_000)
    page.evaluate(BUILD, [GRAPH, []])
    assert missing_nodes(page) == []
    page.evaluate(WATCH)
    page.locator('button:has-text("Run")').first.click()
    page.wait_for_function("() => window.humanditEnds.length", timeout=300_000)
    end = page.evaluate("() => window.humanditEnds")[0]
    assert end["kind"] == "execution_success", end
    assert complaints(page) == []
    yield page.evaluate(OUTPUTS)
    page.close()


def text(outputs, number):
    return outputs[str(number)]["text"][0]


def test_every_pose_node_says_what_it_did(outputs):
    assert text(outputs, PICTURE) == "Person found in 1 of 1 frame, on cpu (LiteRT XNNPACK)"
    assert "LiteRT" in text(outputs, FILM) and outputs[str(FILM)]["people"]
    assert text(outputs, SMOOTH).startswith("Jitter")
    assert "points in sight" in text(outputs, BACKGROUND)
    assert text(outputs, SAVE).startswith("Saved")
    assert len(text(outputs, ADAPT)) > 20


@pytest.mark.parametrize("number", [PICTURE, FILM, ADAPT, BACKGROUND, PREVIEW, FRAMES, LOADED])
def test_pictures_are_shown_under_the_nodes(outputs, number):
    assert outputs[str(number)]["images"]


def test_the_sampler_made_as_many_frames_as_were_asked_for(outputs):
    assert len(outputs[str(FRAMES)]["images"]) == 9

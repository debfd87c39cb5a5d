"""The motion nodes in the real server and browser, with a tiny model: made, mended, played, and refused in words."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import PurePosixPath

import numpy as np
import pytest

from humandit.data.motion import draw_film
from humandit.pose.formats import save_json
from tools.browser import complaints, open_comfy
from tools.build_workflow import BUILD
from tools.client import HostError
from tools.graph import node

pytestmark = [pytest.mark.host, pytest.mark.slow]

WEIGHTS, FILM_WEIGHTS = "tiny-motion.safetensors", "film-model.safetensors"
POSES = "motion-film.json"
FRAMES = 20
GENERATE = dict(seconds=2.0, seed=3, energy=0.5, guidance=1.5, keep_inside=True, fps=12.5, steps=3)
REFINE = dict(tau=4, body=1.0, hands=1.0, face=1.0, seed=3, guidance=1.0, steps=3)
RUN = """async () => {
    const ended = new Promise(resolve => {
        for (const kind of ["execution_success", "execution_error"])
            window.app.api.addEventListener(kind, event => resolve({kind, ...event.detail}), {once: true})
    })
    await window.app.queuePrompt(0, 1)
    return await ended
}"""
PLAYS = """() => {
    const node = window.app.graph._nodes.find(node => node.type === "HumanDiTGenerateMotion")
    const shown = node.widgets.find(widget => widget.name === "$$comfy_animation_preview")
    const picture = shown?.element.querySelector("img")
    return picture?.complete && picture.naturalWidth > 0 && picture.src.includes(".webp")
}"""


@pytest.fixture(scope="module", autouse=True)
def files(host):
    """A tiny motion model, the bundled video model, and poses of a film, where the server looks for such files."""
    import torch

    from humandit.motion.config import MotionConfig
    from humandit.motion.model import KeypointDiT
    from humandit.weights.registry import MINI
    from humandit.weights.save import save_model

    torch.manual_seed(0)
    folder, config = host.base / "models" / "diffusion_models", MotionConfig(heads=1, head_dim=32, layers=1)
    folder.mkdir(parents=True, exist_ok=True)
    model = KeypointDiT(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    save_model(folder / WEIGHTS, model, config, "motion")
    shutil.copy(MINI / "video.safetensors", folder / FILM_WEIGHTS)
    save_json(draw_film(0, "heldout", FRAMES).poses.resampled(12.5), host.base / "input" / POSES)


def step(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


def loaded(weights=WEIGHTS):
    """Poses of the film by node 1, the model by node 2."""
    return {
        "1": step("HumanDiTLoadPose", file=POSES, person=-1, fps=0.0, width=0, height=0),
        "2": step("HumanDiTLoadMotion", model=weights),
    }


def generating(weights=WEIGHTS, **changes):
    inputs = {"poses": ["1", 0], **GENERATE, **changes}
    return {**loaded(weights), "3": step("HumanDiTGenerateMotion", motion_model=["2", 0], **inputs)}


def refining(weights=WEIGHTS, **changes):
    inputs = {"reference_poses": ["1", 0], "poses": ["1", 0], **REFINE, **changes}
    return {**loaded(weights), "3": step("HumanDiTRefineMotion", motion_model=["2", 0], **inputs)}


def complaint(client, prompt):
    """The one message that the user sees; fails if the prompt runs through."""
    try:
        run = client.run(prompt)
    except HostError as error:
        return error.messages
    assert run.end == "execution_error", run.outputs
    assert 20 < len(run.error) < 700 and "Traceback" not in run.error
    return run.error


def played_seconds(client, output):
    from PIL import Image, ImageSequence

    assert output["animated"] == [True]
    times = []
    for frame in ImageSequence.Iterator(Image.open(io.BytesIO(client.view(output["images"][0])))):
        frame.load()
        times.append(frame.info["duration"])
    return sum(times) / 1000


def content(client, output):
    """Poses in the file that Save Pose wrote."""
    name = PurePosixPath(output["text"][0].removeprefix("Saved "))
    file = {"filename": name.name, "subfolder": str(name.parent), "type": "output"}
    return np.array(json.loads(client.view(file))["keypoints"])


def test_motion_is_made_counted_and_played(client):
    run = client.run(generating())
    assert run.end == "execution_success", run.error
    assert run.progress("3")[-1] == 3 and run.previews, "one window of 3 steps, with a skeleton"
    output = run.outputs["3"]
    assert output["text"][0].startswith("25 frames, 2.0 s at 12.5 fps; energy 0.")
    assert played_seconds(client, output) == 2


def test_the_same_seed_gives_the_same_motion(client):
    prompt = generating()
    for number, seed in (("4", 3), ("5", 4)):
        prompt[number] = step("HumanDiTGenerateMotion", **{**prompt["3"]["inputs"], "seed": seed, "fps": 12.5})
    prompt["4"]["inputs"]["with_start"] = True  # else the host would take it for the same node
    for number, made in (("6", "3"), ("7", "4"), ("8", "5")):
        prompt[number] = step("HumanDiTSavePose", poses=[made, 0], filename_prefix="tests/made", format="humandit")
    run = client.run(prompt)
    assert run.end == "execution_success", run.error
    one, longer, other = (content(client, run.outputs[number]) for number in ("6", "7", "8"))
    np.testing.assert_array_equal(one, longer[-25:])
    assert np.abs(one - other).max() > 1


def test_poses_at_another_speed_are_refined(client):
    run = client.run(refining())
    assert run.end == "execution_success", run.error
    text = run.outputs["3"]["text"][0]
    assert text.startswith("Bridge of 4 frames; moved on average, of the body's height: body ")
    assert "resampled from 12.5 to the model's 25 fps and back" in text
    assert played_seconds(client, run.outputs["3"]) == pytest.approx((4 + FRAMES // 2) * 0.08)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        (generating(seconds=0.0), "smaller than min of 0.1"),
        (generating(seconds=-3.0), "smaller than min of 0.1"),
        (generating(seconds=0.1, fps=1.0), "at least 1 new frame, got 0. Ask for a longer time"),
        (refining(tau=11), "0 to 10 frames, as many as the poses that follow, got 11"),
        (generating(FILM_WEIGHTS), "Expected a HumanDiT motion model, but film-model.safetensors looks like"),
        (generating("elsewhere.safetensors"), "elsewhere.safetensors"),
    ],
)
def test_what_cannot_work_is_refused_in_words(client, prompt, words):
    assert words in complaint(client, prompt)


def test_neither_poses_nor_picture(client):
    prompt = generating()
    del prompt["3"]["inputs"]["poses"]
    assert "neither poses nor a picture. Connect poses, or a picture" in complaint(client, prompt)
    prompt["4"] = step("HumanDiTExample", picture="picture-striped-shirt.png", film="film-dance.mp4")
    prompt["3"]["inputs"]["picture"] = ["4", 0]
    assert "a picture without a detector" in complaint(client, prompt)


@pytest.mark.real
def test_nobody_in_the_picture(client, nobody):
    prompt = generating(picture=["4", 0], detector=["5", 0])
    del prompt["3"]["inputs"]["poses"]
    prompt["4"] = step("LoadImage", image=nobody[0])
    prompt["5"] = step("HumanDiTLoadPoseDetector", detector="mediapipe", download=True)
    assert "person" in complaint(client, prompt).lower()


@pytest.mark.browser
def test_the_skeleton_plays_under_the_node(browser, host):
    page = open_comfy(browser, host.url)
    try:
        page.evaluate(BUILD, [canvas(), []])
        assert page.evaluate(RUN)["kind"] == "execution_success"
        page.wait_for_function(PLAYS, timeout=60_000)
        assert complaints(page) == []
    finally:
        page.close()


def canvas():
    """Load poses, generate: nothing more is needed to look at a motion."""
    links = {"motion_model": (2, 0), "poses": (1, 0)}
    return [
        node(1, "HumanDiTLoadPose", (0, 0), (270, 150), values={"file": POSES}),
        node(2, "HumanDiTLoadMotion", (0, 250), (270, 90), values={"model": WEIGHTS}),
        node(3, "HumanDiTGenerateMotion", (320, 0), (320, 600), links=links, values={"steps": 3, "seed": 3}),
    ]

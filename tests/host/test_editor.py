"""The pose editor in the real server and browser: real mouse and keys, and what is drawn is what the node gives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
import pytest

from humandit.media.write import write_mp4
from humandit.pose import skeleton as coco
from humandit.pose.edit import Edits, Key, Span, apply, write
from humandit.pose.formats import load_json, save_json
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tests.pose.conftest import standing
from tools.browser import complaints, load_workflow, open_comfy
from tools.build_workflow import BUILD
from tools.client import HostError
from tools.graph import node

pytestmark = [pytest.mark.host, pytest.mark.slow]

FRAMES, CANVAS = 16, Canvas(200, 200)
POSES, FILM = "editor-poses.json", "editor-film.mp4"
ELBOW, WRIST = coco.INDEX["left_elbow"], coco.INDEX["left_wrist"]
RUN = """async () => {
    const ended = new Promise(resolve => {
        for (const kind of ["execution_success", "execution_error"])
            window.app.api.addEventListener(kind, event => resolve({kind, ...event.detail}), {once: true})
    })
    await window.app.queuePrompt(0, 1)
    return await ended
}"""
NODE = "window.app.graph._nodes.find(node => node.type === 'HumanDiTEditPose')"
SAVED = "() => window.app.nodeOutputs[window.app.graph._nodes.find(n => n.type === 'HumanDiTSavePose').id]"
BUTTON = f"""() => {{
    const node = {NODE}, canvas = window.app.canvas
    const widget = node.widgets.find(widget => widget.type === "button")
    const [x, y] = canvas.ds.convertOffsetToCanvas([node.pos[0] + node.size[0] / 2, node.pos[1] + widget.last_y + 10])
    const box = canvas.canvas.getBoundingClientRect()
    return [box.left + x, box.top + y]
}}"""
EDITOR = "document.querySelector('dialog.humandit-editor')?.editor"
JOINT = f"""joint => {{
    const stage = {EDITOR}.stage, box = stage.canvas.getBoundingClientRect()
    const [x, y] = stage.view.toScreen(stage.placeOf(joint))
    return [box.left + x, box.top + y]
}}"""
SHOWN = f"() => {{ const {{xy, score}} = {EDITOR}.session.poses(); return [[...xy], [...score]] }}"


@pytest.fixture(scope="module", autouse=True)
def files(host, tmp_path_factory):
    """A person who drifts to the right, and a grey film behind them, in the server's input folder."""
    shift = np.arange(FRAMES)[:, None, None] * np.array([2.0, 0.5])
    poses = PoseSequence(standing()[None] + shift, np.full((FRAMES, coco.COUNT), 0.8), CANVAS, 12.5)
    save_json(poses, host.base / "input" / POSES)
    write_mp4(host.base / "input" / FILM, [np.full((200, 200, 3), 20 + 8 * t, np.uint8) for t in range(FRAMES)], 12.5)
    return load_json(host.base / "input" / POSES)


def content(client, output):
    """Poses in the file that Save Pose wrote."""
    name = PurePosixPath(output["text"][0].removeprefix("Saved "))
    file = {"filename": name.name, "subfolder": str(name.parent), "type": "output"}
    return np.array(json.loads(client.view(file))["keypoints"])


def rounded(poses):
    """As our own file keeps them: pixels to 0.001, scores to 0.0001."""
    return np.concatenate([poses.xy.round(3), poses.score[..., None].round(4)], -1)


# --- over the API


def prompt(edits):
    load = {"file": POSES, "person": -1, "fps": 0.0, "width": 0, "height": 0}
    save = {"poses": ["2", 0], "filename_prefix": "tests/edited", "format": "humandit"}
    return {
        "1": {"class_type": "HumanDiTLoadPose", "inputs": load},
        "2": {"class_type": "HumanDiTEditPose", "inputs": {"poses": ["1", 0], "edits": edits}},
        "3": {"class_type": "HumanDiTSavePose", "inputs": save},
    }


KEY, SWAP = Key(0, 6, 3, 5, {WRIST: (12.5, -30.0)}), Span(0, "swap", 10, 12, ("left leg",))
EDITS = Edits(FRAMES, CANVAS, keys=(KEY,), spans=(SWAP,))


def test_edits_are_a_plain_input(client, files):
    run = client.run(prompt(write(EDITS)))
    assert run.end == "execution_success", run.error
    assert run.outputs["2"]["text"] == ["16 frames, 1 person, 1 key frames, 1 spans"]
    np.testing.assert_allclose(content(client, run.outputs["3"]), rounded(apply(EDITS, [files])[0]), atol=1e-6)
    empty = client.run(prompt(""))
    np.testing.assert_allclose(content(client, empty.outputs["3"]), rounded(files), atol=1e-6)


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        (write(EDITS).replace("left leg", "tail"), "no joint 'tail'"),
        (write(replace(EDITS, frames=40)), "made for 1 x 40 frames of 200x200, and 1 x 16 frames"),
        (write(EDITS).replace("-30.0", "NaN"), "two finite numbers"),
        ("what", "not JSON"),
    ],
)
def test_edits_that_do_not_fit_are_refused_in_words(client, edits, words):
    try:
        run = client.run(prompt(edits))
    except HostError as error:
        assert words in error.messages
    else:
        assert run.end == "execution_error" and words in run.error


# --- with mouse and keys


def canvas():
    return [
        node(1, "LoadVideo", (0, 150), (270, 90), values={"file": FILM}),
        node(2, "GetVideoComponents", (300, 150), (200, 90), links={"video": (1, 0)}),
        node(3, "HumanDiTLoadPose", (300, 350), (270, 150), values={"file": POSES}),
        node(4, "HumanDiTEditPose", (620, 150), (320, 420), links={"poses": (3, 0), "frames": (2, 0)}),
        node(5, "HumanDiTSavePose", (1000, 150), (270, 150), links={"poses": (4, 0)}),
    ]


@pytest.fixture
def page(browser, host):
    page = open_comfy(browser, host.url)
    page.set_default_timeout(60_000)
    page.humandit_errors = []
    page.on("pageerror", lambda error: page.humandit_errors.append(str(error)))
    page.evaluate(BUILD, [canvas(), []])
    page.wait_for_timeout(1000)
    yield page
    assert page.humandit_errors == []
    assert [text for text in complaints(page) if "Prefer the legacy design" not in text] == []
    page.close()


def open_editor(page):
    """By a click on the node's button."""
    page.wait_for_function(f"() => {NODE}.widgets.find(w => w.type === 'button').last_y > 0")
    page.mouse.click(*page.evaluate(BUTTON))
    page.wait_for_selector("dialog.humandit-editor")


def run_from_the_editor(page):
    """A node that has not run yet says so, and runs by its own button."""
    open_editor(page)
    page.get_by_text("No poses yet").wait_for()
    page.locator("input[value='Run up to this node']").click()
    page.wait_for_function(f"() => {EDITOR}")
    page.wait_for_timeout(300)


def drag_joint(page, joint, x, y):
    place = page.evaluate(JOINT, joint)
    page.mouse.move(*place)
    page.mouse.down()
    page.mouse.move(place[0] + x / 2, place[1] + y / 2, steps=3)
    page.mouse.move(place[0] + x, place[1] + y, steps=3)
    page.mouse.up()


def shown(page):
    xy, score = page.evaluate(SHOWN)
    return PoseSequence(np.float32(xy).reshape(FRAMES, -1, 2), np.float32(score).reshape(FRAMES, -1), CANVAS, 12.5)


def edits_of(page):
    text = page.evaluate(f"() => {NODE}.widgets.find(w => w.name === 'edits').value")
    return json.loads(text) if text else {}


@pytest.mark.browser
def test_dragged_saved_reloaded_and_queued_gives_what_was_drawn(page, client, files):
    run_from_the_editor(page)
    np.testing.assert_array_equal(shown(page).xy, files.xy)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    drag_joint(page, WRIST, 60, -90)
    moved = shown(page)
    assert len(edits_of(page)["keys"]) == 1 and "left_elbow" in edits_of(page)["keys"][0]["moved"], "the elbow bends"
    arms = [np.linalg.norm(one.xy[6, WRIST] - one.xy[6, ELBOW]) for one in (files, moved)]
    assert arms[0] == pytest.approx(arms[1], abs=0.05), "the forearm keeps its length"
    away = np.abs(moved.xy - files.xy)[:, WRIST].max(1)
    assert (away[2:11] > 0).all() and (away[:2] == 0).all() and (away[11:] == 0).all(), "blends into four neighbours"

    page.keyboard.press("Control+z")
    assert edits_of(page) == {} and (shown(page).xy == files.xy).all()
    page.keyboard.press("Control+y")
    assert (shown(page).xy == moved.xy).all()

    page.keyboard.press("End")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("]")
    for key in ("x", "Home", "Alt+ArrowRight"):
        page.keyboard.press(key)
    assert [key["frame"] for key in edits_of(page)["keys"]] == [0, 6]
    assert edits_of(page)["spans"] == [{"person": 0, "kind": "swap", "first": 5, "last": 5, "joints": ["body"]}]
    drawn = shown(page)
    page.locator("dialog.humandit-editor input[value='Done']").click()
    page.wait_for_selector("dialog.humandit-editor", state="detached")

    workflow = json.loads(page.evaluate("() => JSON.stringify(window.app.graph.serialize())"))
    page.reload()
    page.wait_for_function("() => window.app?.graph && window.LiteGraph?.registered_node_types?.HumanDiTEditPose")
    load_workflow(page, workflow)
    assert page.evaluate(RUN)["kind"] == "execution_success"
    page.wait_for_function(f"() => ({SAVED})()?.text")
    np.testing.assert_allclose(content(client, page.evaluate(SAVED)), rounded(drawn), atol=1e-6)


COPY = f"""() => {{
    const graph = window.app.canvas
    graph.selectItems([{NODE}])
    graph.copyToClipboard()
    graph.pasteFromClipboard()
    return window.app.graph._nodes.filter(node => node.type === "HumanDiTEditPose")
        .map(node => node.widgets.find(widget => widget.name === "edits").value)
}}"""


@pytest.mark.browser
def test_nodes_2_copies_and_edits_of_another_film(page):
    """Vue nodes: a copied node takes its edits along; edits of another film are told, and a button discards them."""
    page.evaluate("() => window.app.extensionManager.setting.set('Comfy.VueNodes.Enabled', true)")
    page.evaluate(f"text => {{ {NODE}.widgets.find(w => w.name === 'edits').value = text }}", write(EDITS))
    assert page.evaluate(RUN)["kind"] == "execution_success"
    page.get_by_role("button", name="Edit poses").first.click()
    page.wait_for_function(f"() => {EDITOR}")
    assert "1 key frame, 1 mark" in page.locator("dialog.humandit-editor header").inner_text()
    page.keyboard.press("Escape")
    assert page.evaluate(COPY) == [write(EDITS)] * 2

    page.evaluate(
        f"text => {{ {NODE}.widgets.find(w => w.name === 'edits').value = text }}", write(replace(EDITS, frames=40))
    )
    page.get_by_role("button", name="Edit poses").first.click()
    page.get_by_text("they were made for 1 × 40 frames of 200×200").wait_for()
    page.locator("input[value='Discard edits']").click()
    page.wait_for_function(f"() => {EDITOR}")
    assert edits_of(page) == {}
    page.keyboard.press("Escape")
    page.evaluate("() => window.app.extensionManager.setting.set('Comfy.VueNodes.Enabled', false)")

"""The editor's window in a real browser without a server: mouse, keys and fingers, and what they write."""

from __future__ import annotations

import json

import numpy as np
import pytest

from humandit.pose import skeleton as coco
from humandit.pose.edit import apply, pack, read
from humandit.pose.sequence import PoseSequence
from humandit.types import Canvas
from tests.pose.conftest import standing
from tests.pose.editor_files import URL, serve

pytestmark = pytest.mark.browser

FRAMES, CANVAS = 20, Canvas(200, 200)
OPEN = """async text => {
    const [{Editor}, {openWindow}, {load}] = await Promise.all(
        ["dialog", "window", "film"].map(name => import(`/editor/${name}.js`)))
    window.saved = text
    const film = await load({poses: "poses", film: "film"}, name => "/data/" + name)
    window.editor = new Editor(openWindow(document.body, () => {}), film, text, saved => (window.saved = saved))
}"""
PLACE = """joint => {
    const {stage} = window.editor, box = stage.canvas.getBoundingClientRect()
    const [x, y] = stage.view.toScreen(stage.placeOf(joint))
    return [box.left + x, box.top + y]
}"""
FRAME = """frame => {
    const {timeline} = window.editor, box = timeline.canvas.getBoundingClientRect()
    return [box.left + timeline.xOf(frame), box.top + 50]
}"""
PIXELS = "() => window.editor.stage.canvas.getContext('2d').getImageData(0, 0, 2000, 1000).data.reduce((a, b) => a + b)"
WRIST, NOSE = coco.INDEX["left_wrist"], coco.INDEX["nose"]


def film():
    """Two people; the first one's left wrist is unsure in frames 5 to 7 and missing in 12."""
    xy = standing()[None] + np.arange(FRAMES)[:, None, None] * np.array([1.0, 0.0])
    score = np.full((FRAMES, coco.COUNT), 0.8)
    score[5:8, WRIST], score[12, WRIST] = 0.1, 0
    return [PoseSequence(xy, score, CANVAS, 25.0), PoseSequence(xy * 0.5 + 60, score, CANVAS, 25.0)]


def grey_film():
    """One JPEG, as the node packs it."""
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (100, 100), (90, 100, 110)).save(buffer, "JPEG")
    return json.dumps({"sizes": [buffer.tell()]}).encode() + b"\n" + buffer.getvalue()


@pytest.fixture(scope="module")
def tab(browser):

    page = browser.new_page(viewport={"width": 1300, "height": 900}, has_touch=True)
    page.humandit_errors = []
    page.on("pageerror", lambda error: page.humandit_errors.append(str(error)))
    serve(page, {"data/poses": pack(film()), "data/film": grey_film()})
    yield page
    page.close()


@pytest.fixture
def page(tab):
    tab.goto(URL)
    tab.evaluate(OPEN, "")
    tab.wait_for_function("() => window.editor.stage.view.size[0] > 1")
    yield tab
    assert tab.humandit_errors == []


def document(page):
    text = page.evaluate("() => window.saved")
    return json.loads(text) if text else {}


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def click(page, text):
    page.locator(f"dialog input[value='{text}']").click()


def chosen(page):
    return page.evaluate("() => window.editor.session.chosen")


def drag(page, start, end, **more):
    page.mouse.move(*start)
    page.mouse.down(**more)
    page.mouse.move(*end, steps=4)
    page.mouse.up(**more)


def test_frames_are_marked_out_on_the_timeline_and_marked(page):
    page.keyboard.down("Shift")
    drag(page, page.evaluate(FRAME, 4), page.evaluate(FRAME, 8))
    page.keyboard.up("Shift")
    assert chosen(page)["range"] == {"first": 4, "last": 8} and chosen(page)["frame"] == 8
    press(page, "b")
    assert document(page)["spans"] == [{"person": 0, "kind": "bad", "first": 4, "last": 8, "joints": ["all"]}]
    press(page, "g")
    assert [span["kind"] for span in document(page)["spans"]] == ["good"]
    click(page, "Swap left/right")
    assert [span["kind"] for span in document(page)["spans"]] == ["good", "swap"]
    press(page, "Escape", "Home", "[", "Shift+ArrowRight", "]", "c")
    assert chosen(page)["range"] == {"first": 0, "last": 10} and document(page) == {}


def test_scrub_step_and_play(page):
    page.mouse.click(*page.evaluate(FRAME, 15))
    assert chosen(page)["frame"] == 15
    press(page, "ArrowLeft", "Shift+ArrowLeft")
    assert chosen(page)["frame"] == 4
    page.locator("dialog input[type=number]").fill("9")
    page.keyboard.press("Enter")
    assert chosen(page)["frame"] == 9
    press(page, "Tab")
    click(page, "Play")
    page.wait_for_function("() => ![9, 10].includes(window.editor.session.chosen.frame)")
    press(page, " ")
    stopped = chosen(page)["frame"]
    page.wait_for_timeout(200)
    assert chosen(page)["frame"] == stopped


def test_loop_off_ends_at_the_end(page):
    press(page, "l", "End", "ArrowLeft", "ArrowLeft", " ")
    page.wait_for_function("() => !window.editor.session.options.playing")
    assert chosen(page)["frame"] == FRAMES - 1


def test_a_finger_drags_and_two_zoom(page):
    page.evaluate("() => window.editor.session.choose({frame: 3})")
    x, y = page.evaluate(PLACE, WRIST)
    touch = page.context.new_cdp_session(page)

    def send(kind, *points):
        spots = [{"x": a, "y": b, "id": number} for number, (a, b) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    send("touchStart", (x + 6, y + 6))
    for step in range(1, 5):
        send("touchMove", (x + 6 + 10 * step, y + 6 - 15 * step))
    send("touchEnd")
    assert document(page)["keys"][0]["frame"] == 3 and "left_elbow" in document(page)["keys"][0]["moved"]
    scale = page.evaluate("() => window.editor.stage.view.scale")
    send("touchStart", (300, 300), (400, 300))
    send("touchMove", (250, 300), (450, 300))
    send("touchEnd")
    assert page.evaluate("() => window.editor.stage.view.scale") > 1.5 * scale
    assert len(document(page)["keys"]) == 1


def test_people_are_copied_deleted_and_brought_back(page):
    page.get_by_text("Delete", exact=True)
    page.locator("input[title='Delete person 0']").click()
    assert document(page)["removed"] == [0] and chosen(page)["person"] == 1
    page.locator("input[title='Delete person 1']").click()
    page.locator("dialog .message", has_text="has to stay").wait_for()  # drawn with the next frame
    assert document(page)["removed"] == [0]
    click(page, "Add a copy")
    assert document(page)["added"] == [{"copy": 1, "shift": [30, 0]}] and chosen(page)["person"] == 2
    press(page, "w")
    drag(page, page.evaluate(PLACE, NOSE), [v + 20 for v in page.evaluate(PLACE, NOSE)])
    assert len(document(page)["keys"][0]["moved"]) == coco.COUNT
    page.locator("input[title='Bring back person 0']").click()
    assert len(apply(read(page.evaluate("() => window.saved")), film())) == 3


def test_what_is_missing_is_placed_and_a_joint_hidden(page):
    page.mouse.click(*page.evaluate(FRAME, 12))
    press(page, "m")
    edits = document(page)
    assert edits["keys"][0]["placed"] == {"left_wrist": [142, 120]}, "as in the frames beside, carried with the body"
    page.mouse.click(*page.evaluate(PLACE, NOSE))
    assert chosen(page)["joint"] == NOSE and len(document(page)["keys"]) == 1, "a click moves nothing"
    press(page, "Delete")
    assert document(page)["spans"] == [{"person": 0, "kind": "hide", "first": 12, "last": 12, "joints": ["nose"]}]
    poses = apply(read(page.evaluate("() => window.saved")), film())[0]
    assert poses.score[12, NOSE] == 0 and poses.score[12, WRIST] == 1


def test_blend_and_key_frames_by_keys(page):
    press(page, *["ArrowRight"] * 9)
    page.mouse.click(*page.evaluate(PLACE, WRIST))
    press(page, "Alt+ArrowUp", "Alt+Shift+ArrowUp")
    page.locator("dialog input[type=range]").first.focus()
    press(page, "ArrowRight", "ArrowRight")
    assert [(key["frame"], key["before"], key["after"]) for key in document(page)["keys"]] == [(9, 6, 6)]
    page.locator("dialog .typed").focus()
    press(page, "Home", ".")
    assert chosen(page)["frame"] == 9
    press(page, "k")
    assert document(page) == {}
    press(page, "Control+z", "Control+z")
    assert document(page)["keys"][0]["after"] == 4, "the whole slide is one step"
    press(page, "Control+Shift+z")
    assert document(page)["keys"][0]["after"] == 6


def test_onion_skins_help_and_the_hint(page):
    plain = page.evaluate(PIXELS)
    press(page, "ArrowRight", "ArrowRight", "ArrowRight", "o")
    page.wait_for_timeout(200)
    assert page.evaluate(PIXELS) > plain
    assert not page.get_by_text("play, pause", exact=True).is_visible()
    press(page, "?")
    assert page.get_by_text("play, pause", exact=True).is_visible() and not page.locator("dialog .hint").is_visible()
    press(page, "?")
    click(page, "Got it")
    page.evaluate("() => window.editor.dialog.close()")
    page.evaluate(OPEN, "")
    assert not page.locator("dialog .hint").is_visible()
    press(page, "Escape")
    page.locator("dialog").wait_for(state="detached", timeout=2000)  # a dialog tells of its end a moment later


def test_every_control_has_a_name(page):
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("dialog input, dialog canvas")].filter(control =>
            !(control.title || control.ariaLabel || control.closest("label")?.title || control.value)).length"""
    )
    assert nameless == 0
    assert page.evaluate("() => document.activeElement.closest('dialog') !== null")
    assert page.evaluate("() => [...document.querySelectorAll('dialog button, dialog select')].length") == 0


BROKEN = (
    '"keys":5',
    '"keys":[{"person":9}]',
    '"keys":[{"person":0,"frame":1,"moved":{"tail":[1,2]}}]',
    '"spans":[null]',
    '"added":[{"copy":7}]',
)


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_edits_are_told_in_words(page, broken):
    click(page, "Add a copy")
    text = page.evaluate("() => window.saved").replace('"added":[', broken + ',"other":[')
    said = page.evaluate(
        """async text => {
            const {Session} = await import("/editor/session.js")
            try { new Session(window.editor.session.film, text, () => {}) } catch (error) { return error.message }
        }""",
        text,
    )
    assert said == "The edits of this node are not readable."

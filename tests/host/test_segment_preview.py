"""While a film is made, its newest finished segment plays on the node, in a real browser."""

import json

import pytest

from tools.browser import complaints, load_workflow, open_comfy
from tools.prompt import WORKFLOWS

pytestmark = [pytest.mark.host, pytest.mark.browser, pytest.mark.slow]

SHORTEN = """values => {
    const node = window.app.graph._nodes.find(node => node.type === "HumanDiTSample")
    for (const [name, value] of Object.entries(values)) node.widgets.find(w => w.name === name).value = value
    window.humanditSeen = []
    for (const kind of ["humandit.segment", "execution_success", "execution_error"])
        window.app.api.addEventListener(kind, event => window.humanditSeen.push({kind, ...event.detail}))
    window.app.queuePrompt(0, 1)
}"""
PLAYS = """() => {
    const picture = document.querySelector(".humandit-segment img")
    return picture?.complete && picture.naturalWidth > 0
}"""
OVER = "() => window.humanditSeen.some(seen => seen.kind.startsWith('execution'))"


def test_finished_segments_play_while_the_next_is_made(browser, host, tmp_path):
    page = open_comfy(browser, host.url)
    page.set_default_timeout(300_000)
    load_workflow(page, json.loads((WORKFLOWS / "animate-a-picture.json").read_text(encoding="utf-8")))
    page.evaluate(SHORTEN, dict(frames=40, segment_frames=9, steps=12, seed=31))
    page.wait_for_function(PLAYS)
    assert not page.evaluate(OVER), "it plays before the film is done"
    assert "of 5" in page.locator(".humandit-segment figcaption").inner_text()
    page.screenshot(path=tmp_path / "segment.png")
    page.wait_for_function(OVER)
    seen = page.evaluate("() => window.humanditSeen")
    assert seen[-1]["kind"] == "execution_success", seen[-1]
    numbers = [message["segment"] for message in seen if message["kind"] == "humandit.segment"]
    assert numbers == sorted(set(numbers)) and len(numbers) >= 2
    assert complaints(page) == []
    page.close()

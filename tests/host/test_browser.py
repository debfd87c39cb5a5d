"""The bundled workflows in a real browser: opened from the template dialog, run, played."""

import pytest

from tools.browser import api_form, complaints, missing_nodes, open_comfy
from tools.graphs import GRAPHS
from tools.prompt import bundled

pytestmark = [pytest.mark.host, pytest.mark.browser, pytest.mark.slow]

NOISE = (
    "user.css",
    "userdata",
    "comfy.templates.json",
    "templates/index.json",
    "core workflow templates",
    "api.comfy.org",
    "Content Security Policy",
    "favicon",
)
SHORTEN = """values => {
    const node = window.app.graph._nodes.find(node => node.type === "HumanDiTSample")
    for (const [name, value] of Object.entries(values)) node.widgets.find(w => w.name === name).value = value
}"""
WATCH = """() => {
    window.humanditEnds = []
    for (const kind of ["execution_success", "execution_error"])
        window.app.api.addEventListener(kind, event => window.humanditEnds.push({kind, ...event.detail}))
}"""
PLAYS = """() => [...document.querySelectorAll("video")].some(
    video => video.readyState >= 2 && video.duration > 0 && video.videoWidth > 0)"""


@pytest.fixture
def page(browser, host):
    page = open_comfy(browser, host.url)
    page.set_default_timeout(60_000)
    page.humandit_errors = []
    page.on("console", lambda message: message.type == "error" and page.humandit_errors.append(message))
    yield page
    page.close()


def own_errors(page):
    texts = [f"{message.text} {message.location.get('url', '')}" for message in page.humandit_errors]
    return [text for text in texts if not any(noise in text for noise in NOISE)]


def open_template(page, name):
    """As a user does: browse templates, choose the pack, click the card."""
    page.evaluate("() => window.app.extensionManager.command.execute('Comfy.BrowseTemplates')")
    page.get_by_text("ComfyUI-HumanDiT", exact=True).first.click()
    page.locator(f'[data-testid="template-workflow-{name}"]').first.click()
    page.wait_for_function("() => window.app.graph._nodes.some(node => node.type === 'HumanDiTDetectPose')")
    page.wait_for_timeout(500)


def test_template_opens_runs_and_plays(page):
    open_template(page, "animate-a-picture")
    page.evaluate(SHORTEN, dict(frames=9, segment_frames=9, steps=2))
    page.evaluate(WATCH)
    page.locator('button:has-text("Run")').first.click()
    page.wait_for_function("() => window.humanditEnds.length", timeout=300_000)
    ends = page.evaluate("() => window.humanditEnds")
    assert ends[0]["kind"] == "execution_success", ends[0]

    page.wait_for_function(PLAYS)
    assert complaints(page) == []
    assert own_errors(page) == []


@pytest.mark.parametrize("name", [graph.name for graph in GRAPHS])
def test_template_opens_cleanly_and_is_its_api_form(page, name):
    open_template(page, name)
    assert missing_nodes(page) == []
    assert complaints(page) == []
    assert own_errors(page) == []

    def bare(prompt):
        return {key: (node["class_type"], node["inputs"]) for key, node in prompt.items()}

    assert bare(api_form(page)) == bare(bundled(name))

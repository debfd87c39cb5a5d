"""Help pages and their pictures, as the real server hands them out and the real page shows them."""

import re

import pytest

from tools.browser import complaints, open_comfy
from tools.help_pictures import IMAGES
from tools.host import PACK

pytestmark = pytest.mark.host

PAGES = IMAGES.parent
ADDRESS = f"/extensions/{PACK}/docs"
"""Where the frontend looks for a pack's pages; names of pictures in them are taken from there."""
SELECT = """type => {
    const canvas = window.app.canvas, node = window.LiteGraph.createNode(type)
    window.app.graph.clear()
    window.app.graph.add(node)
    node.pos = [500, 300]
    Object.assign(canvas.ds, {offset: [0, 0], scale: 1})
    canvas.selectNode(node)
}"""
SHOWN = """() => [...document.querySelectorAll(".node-help-content img")].map(
    image => ({address: new URL(image.src).pathname, loaded: image.complete && image.naturalWidth}))"""


def test_every_page_and_every_picture_is_served(client):
    for page in PAGES.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert client.request(f"{ADDRESS}/{page.name}").decode() == text
        for name in re.findall(r"!\[[^]]+\]\(([^)]+)\)", text):
            assert client.request(f"{ADDRESS}/{name}") == (PAGES / name).read_bytes(), name


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("node", ["HumanDiTDraft", "HumanDiTEditPose"])
def test_the_page_shows_the_help_with_its_picture(browser, host, node):
    page = open_comfy(browser, host.url)
    page.evaluate(SELECT, node)
    page.locator('[data-testid="info-button"]').first.click()
    page.wait_for_function(f"() => ({SHOWN})().some(image => image.loaded)")
    shown = page.evaluate(SHOWN)
    assert [image["address"].startswith(f"{ADDRESS}/images/") for image in shown] == [True]
    assert shown[0]["loaded"] >= 400 and complaints(page) == []
    page.close()

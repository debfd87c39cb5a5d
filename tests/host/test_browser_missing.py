"""What is missing, as the page tells it: weights that a workflow asks for, the film behind an editor."""

import pytest

from tests.host.places import CLASSIC, NEWEST, OWN, VUE, picture_of, set_canvas
from tools.browser import ACTIVE, PACK, open_comfy
from tools.build_workflow import BUILD
from tools.graph import node
from tools.graphs.sources import OFFERED

pytestmark = [pytest.mark.host, pytest.mark.browser, pytest.mark.slow]

PLACES = [(OWN, CLASSIC), pytest.param((OWN, VUE), marks=pytest.mark.matrix)]
PLACES += [pytest.param((NEWEST, canvas), marks=pytest.mark.matrix) for canvas in (CLASSIC, VUE)]
FILM = "editor-gone.mp4"
EDIT = "window.app.graph._nodes.find(node => node.type === 'HumanDiTEditPose')"
PRESS_EDIT = f"() => {EDIT}.widgets.find(widget => widget.type === 'button').callback()"
CLOSE = "() => document.querySelector('.p-dialog-close-button')?.click()"


@pytest.fixture(scope="module", params=PLACES, ids="-".join)
def page(request, browser):
    frontend, canvas = request.param
    host = request.getfixturevalue("host" if frontend == OWN else "newest_host")
    with set_canvas(host, canvas):
        page = open_comfy(browser, host.url)
        page.set_default_timeout(60_000)
        page.place, page.host = "-".join(request.param), host
        yield page
        page.close()


def test_weights_are_told_with_their_folder_before_anything_runs(page):
    """Which file, from where and into which folder is in the workflow; every page shows it when the workflow opens."""
    page.evaluate("() => window.app.extensionManager.command.execute('Comfy.BrowseTemplates')")
    page.get_by_text(PACK, exact=True).first.click()
    page.locator('[data-testid="template-workflow-fun-pose"]').first.click()
    page.wait_for_function(f"() => ({ACTIVE})() === 'fun-pose'")
    page.wait_for_timeout(3000)
    if page.get_by_role("button", name="View details").count():  # newer pages fold them
        page.get_by_role("button", name="View details").first.click()
        page.wait_for_timeout(1000)
    picture_of(page, page.place, "missing-weights")
    told = page.locator("body").inner_text()
    for file in ("CogVideoX-Fun-V1.1-5b-Pose", "cogvideox_vae_bf16", "t5xxl_fp8_e4m3fn"):
        offered = next(one for one in OFFERED if file in one.name)
        assert offered.name in told and offered.folder in told, told
    page.evaluate(CLOSE)


def canvas_with_film():
    links = {"detector": (3, 0), "images": (2, 0), "fps": (2, 2)}
    return [
        node(1, "LoadVideo", (0, 150), (270, 90), values={"file": FILM}),
        node(2, "GetVideoComponents", (300, 150), (200, 90), links={"video": (1, 0)}),
        node(3, "HumanDiTLoadPoseDetector", (0, 350), (270, 150)),
        node(4, "HumanDiTDetectPose", (300, 350), (270, 250), links=links),
        node(5, "HumanDiTEditPose", (620, 150), (320, 420), links={"poses": (4, 0), "frames": (2, 0)}),
    ]


def test_an_editor_without_its_film_says_which_film(page):
    (page.host.base / "input" / FILM).unlink(missing_ok=True)
    page.evaluate(BUILD, [canvas_with_film(), []])
    page.evaluate(PRESS_EDIT)
    page.get_by_text("No poses yet").wait_for()
    page.locator("input[value='Run up to this node']").click()
    page.get_by_text("These poses cannot be opened").wait_for()
    picture_of(page, page.place, "missing-film")
    words = page.locator("dialog.humandit-editor").inner_text()
    assert "LoadVideo" in words and FILM in words, words
    page.locator("dialog.humandit-editor input[value='Close']").click()

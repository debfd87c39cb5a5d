"""The bundled workflows in a real browser: opened from the template dialog, run by the button, played.

On the host's own page and classic canvas; on the others where it is asked for (``nox -s browser``).
"""

import pytest

from tests.host.places import CLASSIC, FEW, NEWEST, OWN, PLAYS, VUE, forget, make_short, opened, own_version, run
from tests.host.spread import covered, hanging_out
from tools.browser import api_form, complaints, missing_nodes, open_template
from tools.frontend import newest, version
from tools.graphs import GRAPHS
from tools.prompt import bundled

pytestmark = [pytest.mark.host, pytest.mark.browser, pytest.mark.slow]

PLACES = [
    (OWN, CLASSIC),
    *(pytest.param(place, marks=pytest.mark.matrix) for place in ((OWN, VUE), (NEWEST, CLASSIC), (NEWEST, VUE))),
]


@pytest.fixture(scope="module", params=PLACES, ids="-".join)
def place(request, browser, tmp_path_factory):
    frontend, canvas = request.param
    own = frontend == OWN
    host = request.getfixturevalue("host" if own else "newest_host")
    label = own_version() if own else version(newest())
    with opened(browser, host, label, canvas, tmp_path_factory.mktemp("public")) as page:
        yield page


SAID = ".humandit-words"
"""What nodes say of their work, which stays when the run is over."""


def bare(prompt):
    return {key: (node["class_type"], node["inputs"]) for key, node in prompt.items()}


@pytest.mark.parametrize("name", [graph.name for graph in GRAPHS])
def test_template_opens_as_its_api_form_runs_and_plays(place, name):
    place.errors.clear()
    open_template(place.page, name)
    assert missing_nodes(place.page) == []
    assert complaints(place.page) == []
    assert bare(api_form(place.page)) == bare(bundled(name))

    forget(place)
    make_short(place, name)
    end = run(place, name)
    assert end["kind"] == "execution_success", end
    assert place.page.evaluate(PLAYS)
    assert covered(place.page) == [] and hanging_out(place.page) == []
    place.page.locator(SAID).filter(has_text="mediapipe on ").first.wait_for(state="attached", timeout=10_000)
    words = place.page.locator(SAID).all_text_contents()
    assert len([said for said in words if said.startswith("mediapipe on ")]) == 1, words
    assert complaints(place.page) == []
    assert place.errors == []


def test_every_workflow_is_made_short():
    assert {graph.name for graph in GRAPHS} == set(FEW)

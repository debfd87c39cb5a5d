"""Workflows that people have saved: every version that was ever bundled opens, keeps its values, and runs.

Each is kept in ``landed/`` as it was saved, ``NAME.COMMIT.json`` and its API form, and never changed.
"""

import json
from pathlib import Path

import pytest

from tests.host.public import SMALL, listed_files, tiny_files, without_text
from tools.browser import api_form, complaints, load_workflow, missing_nodes, open_comfy
from tools.prompt import nodes_of, with_values

pytestmark = [pytest.mark.host, pytest.mark.slow]

LANDED = Path(__file__).parent / "landed"
VERSIONS = sorted(path.name.removesuffix(".api.json") for path in LANDED.glob("*.api.json"))

LARGE = [version for version in VERSIONS if version.partition(".")[0] in SMALL]
"""Those that ask for public weights."""


def saved(version, ending=".json"):
    return json.loads((LANDED / f"{version}{ending}").read_text(encoding="utf-8"))


@pytest.mark.parametrize("version", [version for version in VERSIONS if version not in LARGE])
def test_it_still_runs(client, version):
    prompt = with_values(saved(version, ".api.json"), "HumanDiTSample", frames=8, segment_frames=9, steps=1)
    for kind, values in (("HumanDiTGenerateMotion", {"seconds": 1.0}), ("HumanDiTRefineMotion", {"steps": 1})):
        prompt = with_values(prompt, kind, **values) if nodes_of(prompt, kind) else prompt
    run = client.run(prompt)
    assert run.end == "execution_success", run.error
    assert not run.refused


@pytest.mark.real
@pytest.mark.parametrize("version", LARGE)
def test_one_of_public_weights_still_runs(client, host, tmp_path, version):
    prompt = without_text(saved(version, ".api.json"))
    for node, values in SMALL[version.partition(".")[0]].items():
        prompt = with_values(prompt, node, **values)
    with tiny_files(host.base / "models", tmp_path):
        run = client.run(prompt)
    assert run.end == "execution_success" and not run.refused, run.error or run.refused


@pytest.mark.browser
def test_they_open_and_keep_their_values(browser, host, tmp_path):
    with listed_files(host.base / "models", tmp_path):
        page = open_comfy(browser, host.url)
        check_each(page)
        page.close()


def check_each(page):
    for version in VERSIONS:
        load_workflow(page, saved(version))
        assert missing_nodes(page) == [] and complaints(page) == [], version
        now, before = api_form(page), saved(version, ".api.json")
        assert now.keys() == before.keys(), version
        for key, node in before.items():
            assert now[key]["class_type"] == node["class_type"]
            assert now[key]["inputs"] == {**now[key]["inputs"], **node["inputs"]}, (version, node["class_type"])

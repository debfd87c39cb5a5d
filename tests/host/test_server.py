"""What the server says about the pack before anything runs."""

import re

import pytest

from tools.graphs import GRAPHS

pytestmark = pytest.mark.host

NODES = {
    "HumanDiTExample",
    "HumanDiTLoadModel",
    "HumanDiTLoadVAE",
    "HumanDiTLoadPoseDetector",
    "HumanDiTDetectPose",
    "HumanDiTAdaptPose",
    "HumanDiTSmoothPose",
    "HumanDiTDrawPose",
    "HumanDiTCondition",
    "HumanDiTFinish",
    "HumanDiTSample",
}


def test_every_node_is_there(client):
    assert set(client.get("/object_info")) >= NODES


def test_every_node_describes_itself(client):
    info = client.get("/object_info")
    for node in NODES:
        assert info[node]["description"], node
        assert info[node]["category"].startswith("HumanDiT"), node
        required = {**info[node]["input"].get("required", {}), **info[node]["input"].get("optional", {})}
        assert all(len(spec) > 1 and spec[1].get("tooltip") for spec in required.values()), node


def test_pack_loads_quickly_and_quietly(host):
    log = host.log.read_text(encoding="utf-8", errors="replace")
    seconds = re.search(r"([\d.]+) seconds(.*): .*ComfyUI-HumanDiT", log)
    assert seconds and "FAILED" not in seconds[2], log[-3000:]
    assert float(seconds[1]) <= 0.5


def test_templates_are_listed(client):
    assert sorted(client.get("/workflow_templates")["ComfyUI-HumanDiT"]) == sorted(graph.name for graph in GRAPHS)


@pytest.mark.parametrize("name", [graph.name for graph in GRAPHS])
def test_template_is_served_with_its_thumbnail(client, name):
    assert client.get(f"/api/workflow_templates/ComfyUI-HumanDiT/{name}.json")["nodes"]
    thumbnail = client.request(f"/api/workflow_templates/ComfyUI-HumanDiT/{name}.jpg")
    assert thumbnail[:2] == b"\xff\xd8"

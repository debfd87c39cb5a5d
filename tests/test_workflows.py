"""The bundled workflows as data and as files: nothing on the canvas overlaps, every file is what its data says."""

import itertools
import json
import uuid

import pytest

from tools.graphs import GRAPHS
from tools.graphs.sources import with_sources
from tools.prompt import WORKFLOWS, bundled

TITLE = 30
"""Pixels of a node's title, above its place."""
CORE = {"CreateVideo", "SaveVideo", "PreviewImage", "MarkdownNote", "KSampler", "VAEDecode", "CLIPLoader"}

each = pytest.mark.parametrize("graph", GRAPHS, ids=lambda graph: graph.name)


def saved(graph):
    return json.loads((WORKFLOWS / f"{graph.name}.json").read_text(encoding="utf-8"))


def box(node):
    (left, top), (width, height) = node["pos"], node["size"]
    return left, top - TITLE, left + width, top + height


def apart(one, other):
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def inside(one, group):
    left, top, width, height = group["bounding"]
    return left <= one[0] and top <= one[1] and one[2] <= left + width and one[3] <= top + height


def test_every_workflow_has_a_name_and_an_id_of_its_own():
    assert len({graph.name for graph in GRAPHS}) == len({uuid.UUID(graph.id) for graph in GRAPHS}) == len(GRAPHS)
    assert {path.stem for path in WORKFLOWS.glob("*.json")} == {graph.name for graph in GRAPHS}


@each
def test_nothing_overlaps_and_everything_lies_in_a_group(graph):
    workflow = saved(graph)
    nodes = [(node["type"], box(node)) for node in workflow["nodes"]]
    for (kind, one), (other_kind, other) in itertools.combinations(nodes, 2):
        assert apart(one, other), (kind, other_kind)
    assert all(any(inside(one, group) for group in workflow["groups"]) for _, one in nodes)


@each
def test_notes_and_groups_explain_the_canvas(graph):
    workflow = saved(graph)
    notes = {node["title"]: node["widgets_values"][0] for node in workflow["nodes"] if node["type"] == "MarkdownNote"}
    assert "Start here" in notes and len(notes) >= 3 and all(len(text) < 500 for text in notes.values())
    assert len(workflow["groups"]) >= 3


@each
def test_files_are_what_the_data_says(graph):
    workflow, prompt = saved(graph), bundled(graph.name)
    made = {node["id"]: node for node in workflow["nodes"]}
    assert workflow["id"] == graph.id
    assert workflow == with_sources(workflow), "run `python -m tools.build_workflow`"
    assert [(node["id"], node["type"]) for node in graph.nodes] == [(key, made[key]["type"]) for key in sorted(made)]
    for node in graph.nodes:
        if node["type"] == "MarkdownNote":
            assert made[node["id"]]["widgets_values"] == [node["text"]], "run `python -m tools.build_workflow`"
        else:
            links = {name: [str(origin), slot] for name, (origin, slot) in node.get("links", {}).items()}
            inputs = prompt[str(node["id"])]["inputs"]
            assert inputs == {**inputs, **links, **node.get("values", {})}, "run `python -m tools.build_workflow`"


@each
def test_only_our_nodes_and_the_hosts_own(graph):
    assert all(node["type"] in CORE or node["type"].startswith("HumanDiT") for node in graph.nodes)


@each
def test_what_drives_the_film_can_be_seen(graph):
    assert [node["type"] for node in graph.nodes if node.get("title") == "Driving poses"] == ["PreviewImage"]

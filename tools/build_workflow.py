"""Build ``workflows/`` in the real browser, so that the files are what ComfyUI itself would save.

``python -m tools.build_workflow [--only NAME]`` starts a server, puts the nodes of ``tools/graphs`` on the canvas, and
writes each saved workflow, its API form (``workflows/api/``) and a screenshot of the canvas (``--pictures FOLDER``).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import api_form, complaints, launch, load_workflow, missing_nodes, open_comfy
from tools.graph import Graph, list_files
from tools.graphs import GRAPHS
from tools.graphs.sources import with_sources
from tools.host import Host, running_host
from tools.prompt import WORKFLOWS, api_path

BUILD = """([nodes, groups]) => {
    const graph = window.app.graph
    graph.clear()
    const made = {}
    for (const spec of nodes) {
        const node = window.LiteGraph.createNode(spec.type)
        if (!node) throw new Error("unknown node " + spec.type)
        node.id = spec.id
        graph.add(node)
        node.pos = spec.pos
        if (spec.title) node.title = spec.title
        for (const [name, value] of Object.entries(spec.values || {})) {
            const widget = (node.widgets || []).find(w => w.name === name)
            if (!widget) throw new Error(spec.type + " has no widget " + name)
            widget.value = value
            const after = (node.widgets || [])[node.widgets.indexOf(widget) + 1]
            if (name === "seed" && after?.name === "control_after_generate") after.value = "fixed"
        }
        if (spec.text) node.widgets[0].value = spec.text
        node.setSize([Math.max(spec.size[0], node.size[0]), Math.max(spec.size[1], node.computeSize()[1])])
        made[spec.id] = node
    }
    for (const spec of nodes) for (const [name, [from, slot]] of Object.entries(spec.links || {})) {
        const index = made[spec.id].inputs.findIndex(input => input.name === name)
        if (index < 0) throw new Error(spec.type + " has no input " + name)
        made[from].connect(slot, made[spec.id], index)
    }
    for (const spec of groups) {
        const group = new window.LiteGraph.LGraphGroup(spec.title)
        group.color = spec.color
        group.pos = spec.bounding.slice(0, 2)
        group.size = spec.bounding.slice(2)
        graph.add(group)
    }
    return JSON.stringify(graph.serialize())
}"""


def build(page: Page, graph: Graph) -> dict[str, Any]:
    """The workflow as the canvas saves it, under its fixed id."""
    workflow = json.loads(page.evaluate(BUILD, [graph.nodes, graph.groups]))
    workflow["id"] = graph.id
    workflow["extra"] = {"ds": graph.view}
    return with_sources(workflow)


def write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def build_file(browser: Browser, host: Host, graph: Graph, pictures: Path | None) -> None:
    """One workflow on a fresh page, saved in both forms."""
    page = open_comfy(browser, host.url, width=1760, height=1080)
    workflow = build(page, graph)
    load_workflow(page, workflow)
    if problems := [*missing_nodes(page), *complaints(page)]:
        raise SystemExit(f"{graph.name} does not open cleanly: {problems}")
    write(WORKFLOWS / f"{graph.name}.json", workflow)
    write(api_path(graph.name), api_form(page))
    if pictures:
        page.screenshot(path=str(pictures / f"{graph.name}.png"))
    page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[graph.name for graph in GRAPHS], help="build this one (default: all)")
    parser.add_argument("--pictures", type=Path, help="also save screenshots of the canvas in this folder")
    args = parser.parse_args()
    if args.pictures:
        args.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as base:
        for graph in GRAPHS:
            list_files(graph, Path(base) / "models")
        build_files(Path(base), args.only, args.pictures)


def build_files(base: Path, only: str | None, pictures: Path | None) -> None:
    """The workflow of that name, or all of them, by a server in ``base``."""
    with running_host(base) as host, sync_playwright() as playwright:
        browser = launch(playwright)
        for graph in GRAPHS:
            if only in (None, graph.name):
                build_file(browser, host, graph, pictures)


if __name__ == "__main__":
    main()

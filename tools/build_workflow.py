"""Build ``workflows/animate-a-picture.json`` in the real browser, so that it is what ComfyUI itself would save.

``python -m tools.build_workflow`` starts a server, puts the nodes of ``tools/graph.py`` on the canvas, and writes the
saved workflow, its API form (``workflows/api/``) and a screenshot of the canvas (``--picture``).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tools.browser import api_form, complaints, launch, load_workflow, missing_nodes, open_comfy
from tools.graph import GROUPS, NODES, VIEW
from tools.host import ROOT, running_host

NAME = "animate-a-picture.json"
WORKFLOW_ID = "6f0b6d0c-5a2e-4d0e-9d57-0d4f4cf3a1b2"
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


def build(page: Page) -> dict[str, Any]:
    """The workflow as the canvas saves it, under a fixed id."""
    workflow = json.loads(page.evaluate(BUILD, [NODES, GROUPS]))
    workflow["id"] = WORKFLOW_ID
    workflow["extra"] = {"ds": VIEW}
    return workflow


def write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, help="also save a screenshot of the canvas here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as base, running_host(Path(base)) as host, sync_playwright() as playwright:
        page = open_comfy(launch(playwright), host.url, width=1760, height=1080)
        workflow = build(page)
        load_workflow(page, workflow)
        if problems := [*missing_nodes(page), *complaints(page)]:
            raise SystemExit(f"The workflow does not open cleanly: {problems}")
        write(ROOT / "workflows" / NAME, workflow)
        write(ROOT / "workflows" / "api" / NAME, api_form(page))
        if args.picture:
            page.screenshot(path=str(args.picture))


if __name__ == "__main__":
    main()

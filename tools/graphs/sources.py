"""Where the weights of the bundled workflows are: the page offers those that are missing when a workflow opens."""

from __future__ import annotations

from typing import Any

from humandit.weights.full_size import FILES

OFFERED = tuple(file for file in FILES if file.converted is None)
"""What the page can fetch by itself: nothing that has to be converted first."""


def with_sources(workflow: dict[str, Any]) -> dict[str, Any]:
    """The workflow with the property "models" on every node that asks for one of these files, as ComfyUI reads it."""
    return {**workflow, "nodes": [_with_models(node) for node in workflow["nodes"]]}


def _with_models(node: dict[str, Any]) -> dict[str, Any]:
    models = [
        {"name": file.name, "url": file.url, "directory": file.folder}
        for file in OFFERED
        if file.name in (node.get("widgets_values") or ())
    ]
    return {**node, "properties": {**node.get("properties", {}), "models": models}} if models else node
